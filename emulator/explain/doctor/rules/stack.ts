import { hex } from '../../../base/hex.ts';
import { causeOf, isAbort, isStage2, noun, syndromeOf, taken, vectorOffset, whatBecame } from '../fault-words.ts';
import { decode } from '../../../isa/index.ts';
import type { Examination, OpenException } from '../examination.ts';
import type { Found, Rule } from '../rule.ts';

/** A stack that nobody has set: the wrong one is in use (Arm ARM D1.2.2, "SP registers"), or the right one was forgotten. */
export const stackNotSet: Rule = {
  id: 'P03',
  kind: 'broken',
  title: 'The stack pointer in use leads to no memory',
  looksAt: 'the base register of an access that faults, PSTATE.SP and the stack pointers',
  find(exam) {
    for (const event of exam.open) {
      if (!isAbort(event) && event.type !== 'SPAlignment') continue;
      const found = stackFault(exam, event);
      if (found) return [found];
    }
    return exam.isStuck && exam.root ? inFlash(exam) : [];
  },
};

/** Bytes around the stack pointer in which a push or a local variable lies. */
const FRAME = 0x1_0000n;
/** Where RAM begins. */
const RAM = 0x4000_0000n;

function stackFault(exam: Examination, event: OpenException): Found | undefined {
  const { n, far, from } = event;
  const { sp, spsel, sps } = exam.look(n, 'stack pointers', () => {
    const { cpu } = exam.machine;
    return { sp: cpu.sp, spsel: cpu.spsel, sps: ([0, 1, 2] as const).map((level) => cpu.stackPointer(level)) };
  });
  const detail = exam.detail(event);
  const decoded = causeOf(detail);
  if (decoded?.fields.Rn !== 31 || event.type === 'InstructionAbort') return undefined;
  if (event.type === 'DataAbort' && far !== null && BigInt.asIntN(64, far - sp) > FRAME) return undefined;
  // EL0 has no other stack pointer to choose.
  const isUser = from === 0;
  if (isUser && sp !== 0n && BigInt.asIntN(64, sp) > 0n) return undefined;
  const level = spsel ? from : 0;
  const register = `SP_EL${level}`;
  // A stack that lies in RAM and ran out, or whose memory is not mapped, is another matter.
  const end = RAM + BigInt(exam.machine.options.memoryBytes);
  if (sp > RAM && sp <= end && event.type !== 'SPAlignment') return undefined;
  // Of a guest, stage 2 decides what is memory.
  if (sp > RAM && isStage2(event)) return undefined;
  const entry = exam.open.findLast((one) => one.n < n && one.to === from);
  const fromSp0 = entry !== undefined && vectorOffset(entry) < 0x200;
  const own = sps[from];
  // What was never set is 0, less what has been pushed.
  const isUnset = sp === 0n || BigInt.asIntN(64, sp) < 0n;
  const ranOut = !isUnset && spsel === 1 && sp <= RAM && wasInRam(exam, event);
  const id = spsel === 0 && !isUser ? 'P03' : fromSp0 ? 'P04' : ranOut ? 'stack-overflow' : 'stack-not-set';
  const spsr = spsel === 0 ? exam.writer('SPSR_EL2', n) : undefined;
  const wrongMode = spsr && (spsr.operand & 0xfn) === BigInt(from << 2) ? spsr : undefined;
  // MSR SPSel, #0: op1 and op2 name the field.
  const select =
    fromSp0 || spsel === 0
      ? exam.history.system.findLast(
          ({ n: at, name, instruction: { fields } }) =>
            at < n && name === 'MSR (immediate)' && fields.op1 === 0 && fields.op2 === 5 && (fields.CRm & 1) === 0,
        )
      : undefined;
  return {
    id,
    title: ranOut
      ? `The stack of EL${level} has grown out of memory`
      : `${spsel === 0 && !isUser ? `EL${from} runs on SP_EL0, which` : register} ${isUnset ? 'was never set' : 'leads to no memory'}`,
    sentence:
      spsel === 0 && !isUser
        ? `EL${from} runs on SP_EL0 (PSTATE.SP = 0)${wrongMode ? `, because SPSR_EL2.M was EL${from}t` : ''}. SP_EL0 is ${hex(sp)}${own ? `, while SP_EL${from} is ${hex(own)}` : ''}: the access at ${exam.name(detail.causePc)} takes ${article(event)}, and ${whatBecame(exam)}.`
        : `${register} is ${hex(sp)}, ${ranOut ? 'below the start of memory, which it has reached push by push' : 'where there is no memory'}: the access at ${exam.name(detail.causePc)} takes ${article(event)}, and ${whatBecame(exam)}.${fromSp0 ? ` The exception came from code that ran on SP_EL0 (SPSel = 0), and every exception switches to ${register}.` : ''}`,
    fix:
      spsel === 0 && !isUser
        ? wrongMode
          ? `Write 0x3c5 to SPSR_EL2: M = 0b0101, EL1h, runs on SP_EL1.`
          : `Select SP_EL${from} with msr spsel, #1, or set SP_EL0 before it is used.`
        : ranOut
          ? 'End the recursion, or whatever pushes without an end: everything below the stack, code and tables included, is overwritten by then.'
          : `Set ${register} to the end of a stack before the first exception is taken to EL${from}${fromSp0 ? ', or run on it with msr spsel, #1' : ''}.`,
    pc: wrongMode?.pc ?? detail.causePc,
    at: wrongMode?.n ?? n,
    about: n,
    evidence: [
      taken(exam, event),
      { text: `${register} = ${hex(sp)}`, register, value: hex(sp), at: n },
      { text: `PSTATE.SP = ${spsel}`, register: 'SPSel', field: 'SP', value: hex(spsel), at: n },
      ...(spsr
        ? [
            exam.step(spsr.n, spsr.pc, `writes ${hex(spsr.operand)} to SPSR_EL2`, {
              register: 'SPSR_EL2',
              field: 'M',
              value: hex(spsr.operand),
            }),
          ]
        : []),
      ...(fromSp0
        ? [exam.step(entry.n, entry.elr, `${noun(entry.type)} from PSTATE.SP = 0: vector offset ${hex(vectorOffset(entry))}`)]
        : []),
      ...(select ? [exam.step(select.n, select.pc, 'selects SP_EL0', { register: 'SPSel', value: '0x0' })] : []),
      ...syndromeOf(event),
    ],
    links: [{ panel: 'levels' }, { panel: 'registers', subject: register }],
  };
}

/** A RET to 0 with a stack in the flash, which stores do not change: the return address that was pushed is not there. */
function inFlash(exam: Examination): Found[] {
  const root = exam.root!;
  if (root.n === 0 || root.elr !== 0n) return [];
  const { sp, pc, word } = exam.look(root.n - 1, 'stack in flash', () => {
    const { cpu } = exam.machine;
    return { sp: cpu.sp, pc: cpu.pc, word: exam.machine.fetchWord(cpu.pc) };
  });
  const isFlash = exam.machine.board.regions.some(({ name, base, bytes }) => name.startsWith('flash') && sp > base && sp <= base + bytes);
  if (!isFlash || decode(word ?? 0)?.definition.name !== 'RET') return [];
  const register = `SP_EL${root.from}`;
  return [
    {
      id: 'stack-not-set',
      title: 'The stack lies in the flash',
      sentence: `${register} is ${hex(sp)}, in the flash, where nothing is stored: the return address that was pushed is lost, and the ret at ${exam.name(pc)} goes to 0. ${capital(whatBecame(exam))}.`,
      fix: `Set ${register} to the end of a stack in RAM, which begins at ${hex(RAM)}.`,
      pc,
      at: root.n - 1,
      about: root.n,
      evidence: [exam.step(root.n - 1, pc, 'returns to 0', { register, value: hex(sp) }), taken(exam, root), ...syndromeOf(root)],
      links: [{ panel: 'registers', subject: register }],
    },
  ];
}
const capital = (text: string): string => text[0].toUpperCase() + text.slice(1);

/** Steps before the fault at which the stack pointer is looked at. */
const EARLIER = [50, 500, 5_000, 50_000, 500_000] as const;
const wasInRam = (exam: Examination, { n, from }: OpenException): boolean =>
  EARLIER.some((steps) => n >= steps && exam.look(n - steps, 'earlier stack', () => exam.machine.cpu.stackPointer(from) > RAM + 0x1000n));
const article = ({ type }: OpenException): string => (type === 'SPAlignment' ? 'an SP alignment fault' : 'a data abort');
