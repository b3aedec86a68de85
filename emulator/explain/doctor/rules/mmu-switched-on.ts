import { hex } from '../../../base/hex.ts';
import type { Walk } from '../../../mmu/index.ts';
import type { Examination, OpenException } from '../examination.ts';
import { hasStatus, isStage2, levelOf, statusText, syndromeOf, taken } from '../fault-words.ts';
import type { Evidence } from '../finding.ts';
import type { SystemStep } from '../history.ts';
import type { Found, Rule } from '../rule.ts';

/** Steps after the MMU is switched on in which the fetches are those of the code that did it. */
const NEAR = 6;
const SOON = 20_000;

/** With SCTLR_ELx.M = 1 the next instruction is fetched through the tables (Arm ARM D8.2, "Effect of SCTLR_ELx.M"). */
export const mmuSwitchedOn: Rule = {
  id: 'P14',
  kind: 'broken',
  title: 'The code that switches the MMU on is not mapped',
  looksAt: 'the first fetches after SCTLR_ELx.M becomes 1',
  find(exam) {
    const event = exam.root;
    if (event?.type !== 'InstructionAbort' || isStage2(event)) return [];
    const on = switchedOn(exam, event);
    if (!on) return [];
    // An ERET goes to the code of another level, with its MMU on already.
    const isNext = event.n - on.n <= NEAR || isEntry(exam, event, on);
    if (!isNext) return [];
    const walk = exam.walkOf(event);
    return [fault(exam, event, on, walk)];
  },
};

/** The first entry of EL1 by an ERET from EL2, which has switched the MMU of EL1 on. */
const isEntry = ({ subject: { timeline } }: Examination, { n, from }: OpenException, on: SystemStep): boolean =>
  on.el === 2 && from === 1 && timeline.traps.firstReturn(2, 1) === n - 1;

/** The MSR that set M of the level of a fault. */
export const switchedOn = (exam: Examination, { from, n }: OpenException): SystemStep | undefined =>
  exam.history
    .writesOf(`SCTLR_EL${from || 1}`)
    .findLast((step) => step.n < n && (step.operand & 1n) === 1n && ((step.before ?? 0n) & 1n) === 0n);

function fault(exam: Examination, event: OpenException, on: SystemStep, walk: Walk | undefined): Found {
  const register = `SCTLR_EL${event.from || 1}`;
  const decided = walk?.result.ok === false ? ` ${walk.result.decidedBy.text}` : '';
  const isPermission = hasStatus(event, 'permission');
  return {
    title: isPermission ? 'The code that switches the MMU on may not be executed' : 'The code that switches the MMU on is not mapped',
    sentence: `The code at ${exam.name(on.pc)} switches the MMU on (${register}.M = 1), and the next fetch, at ${hex(event.far ?? event.elr)}, faults: ${statusText(event)}.${decided} The vectors are fetched by the same tables.`,
    fix: isPermission
      ? 'Let this level execute the code: clear UXN or PXN, and give EL0 no write access to it.'
      : 'Map the code, the vectors and the stack at their own addresses (VA = PA) before the MMU is switched on.',
    pc: on.pc,
    at: on.n,
    about: event.n,
    evidence: [
      exam.step(on.n, on.pc, 'switches the MMU on', { register, field: 'M', value: hex(on.operand) }),
      taken(exam, event),
      ...walkEvidence(walk, event.n),
      ...syndromeOf(event),
    ],
    links: [{ panel: 'walk', subject: hex(event.far ?? event.elr) }, { panel: 'tables' }],
  };
}

/** What decided a walk, as evidence: the last descriptor, or a field of a register. */
export function walkEvidence(walk: Walk | undefined, n: number): Evidence[] {
  if (walk?.result.ok !== false) return [];
  const { decidedBy } = walk.result;
  const last = walk.steps.flatMap((step) => [step, ...(step.steps ?? [])]).at(-1);
  return [
    {
      text: decidedBy.text,
      ...(decidedBy.kind === 'register' ? { register: decidedBy.of, field: decidedBy.field } : {}),
      ...(decidedBy.value.startsWith('0x') ? { value: decidedBy.value } : {}),
      at: n,
    },
    ...(last && last.value !== null
      ? [
          {
            text: `the level ${last.level} descriptor that was read, of stage ${last.stage}`,
            descriptorAddress: last.pa ?? last.descriptorAddress,
            value: last.value,
            at: n,
          },
        ]
      : []),
  ];
}

/** A fault soon after, where the map ends before the program does, or where TCR_EL2 was written as TCR_EL1 is. */
export const mapTooShort: Rule = {
  id: 'P15',
  kind: 'broken',
  title: 'The map ends before the program does',
  looksAt: 'the first faults after the MMU is switched on, the page before them, and the layout of TCR_EL2',
  find(exam) {
    const event = exam.root;
    if (
      !event ||
      event.from === 0 ||
      isStage2(event) ||
      event.far === null ||
      !(event.type === 'DataAbort' || event.type === 'InstructionAbort')
    )
      return [];
    const on = switchedOn(exam, event);
    if (!on || event.n - on.n > SOON) return [];
    const format = event.from === 2 ? writtenAsEl1(exam, event.n) : undefined;
    const { far } = event;
    const isLevel3 = event.esr !== null && levelOf(event.esr, 'translation') === 3;
    const isMappedBefore =
      isLevel3 &&
      exam.look(event.n, `page before ${far}`, () => {
        const { mmu } = exam.machine;
        return mmu.probe((far - 4096n) as typeof far, 'read', event.from).ok;
      });
    if (!format && !isMappedBefore) return [];
    const walk = exam.walkOf(event);
    return [
      {
        title: format ? 'TCR_EL2 was written in the format of TCR_EL1' : 'The map ends before the program does',
        sentence: format
          ? `TCR_EL2 was given ${hex(format.operand)}, which is laid out as TCR_EL1: at EL2 the size of physical addresses (PS) is in bits 18:16, and there is no T1SZ, TG1 or IPS. ${capital(statusText(event))} at ${hex(far)} follows.`
          : `The tables map the page before ${hex(far)}, but not this one: ${exam.name(event.elr)} uses it after the MMU was switched on, and a ${statusText(event)} follows.`,
        fix: format
          ? 'Write TCR_EL2 in its own format: bits 31 and 23 are 1, PS is in bits 18:16, and bits 63:32 are 0.'
          : 'Map everything up to the end of the image, its .bss and its stacks, rounded up to the next page.',
        pc: format ? format.pc : exam.detail(event).causePc,
        at: format ? format.n : event.n,
        about: event.n,
        evidence: [
          ...(format
            ? [
                exam.step(format.n, format.pc, `writes ${hex(format.operand)} to TCR_EL2`, {
                  register: 'TCR_EL2',
                  value: hex(format.operand),
                }),
              ]
            : []),
          taken(exam, event),
          ...walkEvidence(walk, event.n),
          ...syndromeOf(event),
        ],
        links: [
          { panel: 'walk', subject: hex(far) },
          { panel: 'registers', subject: `TCR_EL${event.from || 1}` },
        ],
      },
    ];
  },
};
const capital = (text: string): string => `A${text.startsWith('a') ? 'n' : ''} ${text}`;

/** An MSR TCR_EL2 with bits that only TCR_EL1 has: IPS and above, or T1SZ, EPD1 and TG1 without the ones that TCR_EL2 has (Arm ARM D17.2.132). */
function writtenAsEl1(exam: Examination, before: number): SystemStep | undefined {
  const write = exam.writer('TCR_EL2', before);
  return write && write.operand >> 32n !== 0n ? write : undefined;
}
