import type { PA } from '../../../base/addresses.ts';
import { hex } from '../../../base/hex.ts';
import { isOnTableWalk } from '../../../cpu/index.ts';
import { explainWalk, readTables, type TableNode, type Walk, type WalkStep } from '../../../mmu/index.ts';
import type { Examination, OpenException } from '../examination.ts';
import { causeOf, hasStatus, isAbort, isStage2, syndromeOf, taken, whatBecame } from '../fault-words.ts';
import type { Found, Rule } from '../rule.ts';
import { walkEvidence } from './mmu-switched-on.ts';

const allSteps = (walk: Walk): WalkStep[] => walk.steps.flatMap((step) => [...(step.steps ?? []), step]);
/** The block or page descriptor of a stage that a walk came to last. */
const leafOf = (walk: Walk | undefined, stage: 1 | 2): WalkStep | undefined =>
  walk && allSteps(walk).findLast((step) => step.stage === stage && (step.kind === 'block' || step.kind === 'page'));
const valueOf = ({ value }: WalkStep): bigint => BigInt(value ?? '0x0');

function found(exam: Examination, event: OpenException, walk: Walk | undefined, words: Pick<Found, 'sentence' | 'fix' | 'title'>): Found {
  return {
    ...words,
    title: words.title!,
    pc: exam.detail(event).causePc,
    at: event.n,
    about: event.n,
    evidence: [taken(exam, event), ...walkEvidence(walk, event.n), ...syndromeOf(event)],
    links: [{ panel: 'walk', subject: hex(event.far ?? event.elr) }, { panel: 'tables' }],
  };
}

/** S2AP = 0b11 with a MemAttr of Normal memory, read as AP, AttrIndx and NS of stage 1 (Arm ARM D8.3, D8.4). */
export const stage2Format: Rule = {
  id: 'P24',
  kind: 'broken',
  title: 'A stage 1 table in the format of stage 2',
  looksAt: 'faults of stage 1 whose descriptor has S2AP and MemAttr where stage 1 has AP and AttrIndx',
  find(exam) {
    const event = exam.open.find((one) => isAbort(one) && !isStage2(one) && one.from > 0);
    if (!event) return [];
    const walk = exam.walkOf(event);
    const leaf = leafOf(walk, 1);
    if (!leaf || (valueOf(leaf) & 0xc0n) !== 0xc0n) return [];
    // MemAttr 0b1111 is Normal Write-Back in stage 2; in stage 1 it is AttrIndx 7 with NS set. The code runs from such memory.
    const code = exam.look(event.n, 'walk of the code', () =>
      explainWalk(exam.machine.mmu, exam.machine.cpu.pc, { regime: event.from === 2 ? 'el2' : 'el1', el: event.from, access: 'x' }),
    );
    if (![leaf, leafOf(code, 1)].some((one) => one && (valueOf(one) & 0x3cn) === 0x3cn)) return [];
    const regime = event.from === 2 ? 'EL2' : 'EL1';
    return [
      found(exam, event, walk, {
        title: `${regime}'s own table is in the format of stage 2`,
        sentence: `The descriptor ${leaf.value} of ${regime}'s own table, a stage 1 table, is in the format of stage 2: what stage 2 calls S2AP = 0b11 (read and write) is AP[2] = 1 here, read-only, and MemAttr is taken for AttrIndx and NS. The access at ${exam.name(event.elr)} faults, and ${whatBecame(exam)}.`,
        fix: 'Make the entries in the format of stage 1: AttrIndx in bits 4:2, AP in bits 7:6 (0b00 for reading and writing at EL1; at EL2 bit 6 is 1), SH in bits 9:8, AF in bit 10.',
      }),
    ];
  },
};

/** MemAttr is the memory type itself: stage 2 has no MAIR (Arm ARM D8.5.5). */
export const memAttrOfStage2: Rule = {
  id: 'P25',
  kind: 'broken',
  title: 'MemAttr of stage 2 is not an index',
  looksAt: 'faults of a guest that come from the memory type of a stage 2 descriptor of RAM',
  find(exam) {
    const event = exam.open.find((one) => isAbort(one) && one.from < 2);
    if (!event) return [];
    const walk = isStage2(event) ? exam.walkOf(event) : hasStatus(event, 'alignment') ? memoryOf(exam, event) : undefined;
    const leaf = leafOf(walk, 2);
    if (!walk || !leaf || leaf.next === null || exam.machine.board.bus.nameAt(Number(BigInt(leaf.next)) as never) !== 'ram') return [];
    const memAttr = Number((valueOf(leaf) >> 2n) & 15n);
    const isByMemAttr = !walk.result.ok && (walk.result.decidedBy.field === 'MemAttr' || walk.result.decidedBy.field === 'PTW');
    // Device memory in stage 2, or an encoding that is reserved: 0b0100, 0b1000, 0b1100.
    if (memAttr >= 4 && memAttr % 4 !== 0) return [];
    if (isStage2(event) && !isByMemAttr) return [];
    const bits = `0b${memAttr.toString(2).padStart(4, '0')}`;
    return [
      found(exam, event, walk, {
        title: 'MemAttr of stage 2 was taken for an index into MAIR',
        sentence: `The stage 2 descriptor ${leaf.value} maps RAM with MemAttr = ${bits}, ${memAttr < 4 ? 'which is Device memory' : 'a reserved encoding'}: stage 2 has the memory type itself in bits 5:2, and no MAIR. The access at ${exam.name(event.elr)} faults for that, and ${whatBecame(exam)}.`,
        fix: 'Write 0b1111 to bits 5:2 of stage 2 descriptors of RAM, which is Normal Write-Back; 0b0001 is Device-nGnRE.',
      }),
    ];
  },
};
const memoryOf = (exam: Examination, { n, far, from }: OpenException): Walk | undefined =>
  far === null
    ? undefined
    : exam.look(n, `memory of ${far}`, () => explainWalk(exam.machine.mmu, far, { regime: 'el1', el: from, access: 'r' }));

/** S2AP = 0b00 allows nothing, where AP = 0b00 lets EL1 read and write (Arm ARM D8.4.1, D8.4.2). */
export const stage2AllowsNothing: Rule = {
  id: 'P27',
  kind: 'broken',
  title: 'Stage 2 does not let the guest in',
  looksAt: 'the first stage 2 faults of a guest on RAM, and S2AP of the descriptor',
  find(exam) {
    const event = exam.open.find((one) => isAbort(one) && isStage2(one));
    if (!event || !exam.isStuck) return [];
    const walk = exam.walkOf(event);
    if (!walk || walk.result.ok || walk.result.decidedBy.kind === 'register') return [];
    const leaf = leafOf(walk, 2);
    const isNothing = hasStatus(event, 'permission') && leaf !== undefined && (valueOf(leaf) & 0xc0n) === 0n;
    const { traps } = exam.subject.timeline;
    // A guest that cannot fetch its first instruction.
    const isFirst = event.type === 'InstructionAbort' && event.n - (traps.firstReturn(2, 1) ?? -Infinity) <= 2;
    const isFlag = hasStatus(event, 'accessFlag');
    if (isFlag || (!isNothing && !isFirst)) return isFlag ? [] : needed(exam, event, walk);
    return [
      found(exam, event, walk, {
        title: isNothing ? 'S2AP = 0b00 lets nobody read or write' : 'Stage 2 does not map the first instruction of the guest',
        sentence: isNothing
          ? `The stage 2 descriptor ${leaf.value} has S2AP = 0b00, which lets nobody read or write; in stage 1, AP = 0b00 lets EL1 do both. The access at ${exam.name(event.elr)} faults, and ${whatBecame(exam)}.`
          : `The guest cannot fetch its first instruction, at ${hex(event.far ?? event.elr)}: ${walk.result.text}. ${walk.result.decidedBy.text} ${capital(whatBecame(exam))}.`,
        fix: isNothing
          ? 'Write 0b11 to bits 7:6 (S2AP) of stage 2 descriptors, for reading and writing.'
          : 'Map the memory of the guest in the tables of VTTBR_EL2, executable (XN = 0), before the ERET.',
      }),
    ];
  },
};

/** What no guest can do without: a stack, its own tables, and some memory that it may write. */
function needed(exam: Examination, event: OpenException, walk: Walk): Found[] {
  if (walk.result.ok) return [];
  const isOnWalk = isOnTableWalk(event.esr ?? 0);
  const isStack = event.type === 'DataAbort' && causeOf(exam.detail(event))?.fields.Rn === 31;
  const isReadOnly = hasStatus(event, 'permission') && !exam.look(event.n, 'writable stage 2', () => mayWriteAnything(exam));
  if (!isOnWalk && !isStack && !isReadOnly) return [];
  const what = isOnWalk
    ? 'Stage 2 refuses the guest its own translation tables'
    : isStack
      ? 'Stage 2 does not let the guest use its stack'
      : 'Stage 2 lets the guest write nowhere';
  return [
    found(exam, event, walk, {
      title: what,
      sentence: `${what}: the access at ${exam.name(event.elr)} takes a stage 2 fault. ${walk.result.decidedBy.text} ${capital(whatBecame(exam))}.`,
      fix: isReadOnly
        ? 'Write 0b11 to bits 7:6 (S2AP) of the stage 2 descriptors of what the guest may write.'
        : 'Map that memory in the tables of VTTBR_EL2, for reading and writing, before the ERET.',
    }),
  ];
}

/** Descriptor bit 7: S2AP<1>, the guest may write. */
const WRITE = 0x80;
function mayWriteAnything({ machine: { mmu, board } }: Examination): boolean {
  const { root } = readTables(mmu, 'VTTBR_EL2', { maxEntries: 200_000 });
  const may = ({ runs, tables }: TableNode): boolean =>
    runs.some(
      ({ kind, low, output }) =>
        (kind === 'block' || kind === 'page') &&
        (low & WRITE) !== 0 &&
        output !== undefined &&
        board.bus.nameAt(Number(output) as PA) === 'ram',
    ) || [...tables].some(may);
  return root !== undefined && may(root);
}
const capital = (text: string): string => text[0].toUpperCase() + text.slice(1);
