import { hex } from '../../../base/hex.ts';
import { exceptionClass, type ExceptionEvent } from '../../../cpu/index.ts';
import { decode, type Decoded } from '../../../isa/index.ts';
import type { Examination } from '../examination.ts';
import { noun } from '../fault-words.ts';
import type { Found, Rule } from '../rule.ts';

/** Handlers that are compared, and how often each, since a change may go unseen once; events that are looked through; steps of a handler in which the write is looked for. */
const [MOST_PLACES, MOST_TIMES, MOST_EVENTS, MOST_STEPS] = [5, 3, 5_000, 2_000];

/** What interrupts a program between two instructions must leave all registers as they were (AAPCS64 binds calls, not these). */
export const registersNotSaved: Rule = {
  id: 'P13',
  kind: 'broken',
  title: 'A handler changes registers of the program',
  looksAt: 'X0 to X30 before an interrupt or trap and after its handler has returned to the same place',
  find(exam) {
    const { traps } = exam.subject.timeline;
    const seen = new Map<string, number>();
    const end = Math.min(traps.firstAt(exam.at), traps.first + MOST_EVENTS);
    for (let index = traps.first; index < end && seen.size <= MOST_PLACES; index++) {
      if (traps.kind(index) !== 'exception' || !interrupts.has(traps.type(index))) continue;
      const event = traps.get(index) as ExceptionEvent;
      const key = `${event.type} ${event.pc} ${event.esr === null ? '' : exceptionClass(event.esr)}`;
      const back = traps.returnOf(index);
      if (back === undefined || back >= end || (seen.get(key) ?? 0) >= MOST_TIMES) continue;
      const to = traps.get(back);
      if (to.kind !== 'return' || to.to !== event.from || traps.vmidAfter(back) !== event.vmid) continue;
      if (to.pc !== event.elr && to.pc !== event.elr + 4n) continue;
      seen.set(key, (seen.get(key) ?? 0) + 1);
      const found = compared(exam, event, to.n);
      if (found) return [found];
    }
    return [];
  },
};
const interrupts: ReadonlySet<string> = new Set(['IRQ', 'FIQ', 'vIRQ', 'vFIQ', 'Trap', 'HVC', 'SVC']);
const calls: ReadonlySet<string> = new Set(['HVC', 'SVC']);
/** The first register that a call preserves, by the SMC Calling Convention (Arm DEN 0028, 2.6) as by AAPCS64. */
const FIRST_PRESERVED = 19;

function compared(exam: Examination, event: ExceptionEvent, end: number): Found | undefined {
  const { subject, machine } = exam;
  const { timeline } = subject;
  const { cpu } = machine;
  const result = timeline.excursion(
    event.n,
    () => {
      const x = (): bigint[] => Array.from({ length: 31 }, (_, i) => cpu.x(i));
      const stacks = (): string => `${cpu.stackPointer(0)} ${cpu.stackPointer(event.from)}`;
      const [before, sp] = [x(), stacks()];
      if (!timeline.forwardTo(end + 1)) return undefined;
      const after = x();
      // Another stack is another thread.
      if (stacks() !== sp || cpu.el !== event.from) return undefined;
      return before.map((value, i) => ({ number: i, before: value, after: after[i] })).filter((one) => one.before !== one.after);
    },
    { key: `registers from ${event.n} to ${end}`, moves: true },
  );
  const changed = result?.filter(({ number }) => !isAsked(event, number) && isMissed(exam, event, number, end));
  if (!changed || changed.length === 0) return undefined;
  const [{ number, before, after }] = changed;
  const name = `x${number}`;
  const write = timeline.excursion(event.n + 1, () => firstWrite(exam, number, end), {
    key: `write of ${name} from ${event.n}`,
    moves: true,
  });
  const names = changed.map((one) => `x${one.number}`).join(', ');
  const place = write?.pc ?? event.pc;
  return {
    sentence: `The handler of the ${noun(event.type)} at ${exam.name(event.elr)} returns with another ${name}: it was ${hex(before)} and is ${hex(after)}. The interrupted program does not know that its register was used.`,
    fix: `Save ${names} at the entry of the handler and restore ${changed.length === 1 ? 'it' : 'them'} before the ERET, with all other registers that the handler uses.`,
    pc: place,
    at: write?.n ?? event.n,
    evidence: [
      {
        text: `${noun(event.type)} from EL${event.from} to EL${event.to}: ${name} = ${hex(before)}`,
        register: name.toUpperCase(),
        value: hex(before),
        address: hex(event.elr),
        ...exam.source(event.elr),
        at: event.n,
      },
      ...(write ? [exam.step(write.n, write.pc, `changes ${name}`, { register: name.toUpperCase() })] : []),
      { text: `after the return ${name} = ${hex(after)}`, register: name.toUpperCase(), value: hex(after), at: end + 1 },
    ],
    links: [{ panel: 'traps', subject: String(exam.subject.timeline.traps.indexOfStep(event.n) ?? 0) }],
  };
}

/** What a call may return values in, and Rt of a trapped MRS, which the handler gives. Other traps ask for no register. */
const isAsked = ({ type, esr }: ExceptionEvent, number: number): boolean =>
  (calls.has(type) && number < FIRST_PRESERVED) ||
  (type === 'Trap' && esr !== null && exceptionClass(esr) !== 1 && ((esr >>> 5) & 31) === number);

/** Instructions of the interrupted program that are followed. */
const MOST_FOLLOWED = 3_000;
const decides = /^(CBZ|CBNZ|TBZ|TBNZ|CMP|SUBS|ANDS|ADDS|CCMP|CCMN)/;

/**
 * Whether the interrupted program uses the value that it had in a register, before it sets it anew. One that only looks whether a handler of
 * its own level has changed it has an agreement with that handler; so has a register in which the handler counts.
 */
function isMissed(exam: Examination, event: ExceptionEvent, number: number, end: number): boolean {
  const { machine, subject } = exam;
  const { timeline } = subject;
  const { cpu } = machine;
  const isOwn = event.from === event.to;
  if (isOwn && isCounted(exam, event, number, end)) return false;
  const uses = timeline.excursion(
    end + 1,
    () => {
      let used = false;
      for (let i = 0; i < MOST_FOLLOWED && timeline.at < exam.at; i++) {
        const instruction = cpu.el === event.from ? machine.currentInstruction() : undefined;
        if (instruction) {
          const { reads, writes } = registersOf(instruction);
          const isDecision = decides.test(instruction.definition.name) && (instruction.fields.Rd ?? 31) === 31;
          if (reads.includes(number) && !(isOwn && isDecision)) return 'used';
          used ||= reads.includes(number);
          if (writes.includes(number)) return used ? 'looked at' : 'dead';
        }
        const { at } = timeline;
        timeline.forward(1);
        if (timeline.at === at) break;
      }
      return used ? 'looked at' : 'unknown';
    },
    { key: `uses of x${number} after ${end}`, moves: true },
  );
  return uses === 'used' || (uses === 'unknown' && !isOwn);
}

/** General registers that an instruction reads and writes, as far as its fields tell. */
function registersOf({ definition: { name }, fields }: Decoded): { readonly reads: readonly number[]; readonly writes: readonly number[] } {
  const { Rd, Rn, Rm, Ra, Rt, Rt2, Rs } = fields;
  const given = (...all: (number | undefined)[]): number[] => all.filter((one) => one !== undefined);
  const isLoad = /^LD|^MRS/.test(name);
  const isKept = /^(MOVK|BFM|BFI|BFXIL)/.test(name);
  return {
    reads: given(Rn, Rm, Ra, ...(isLoad ? [] : [Rt, Rt2, /^ST/.test(name) ? undefined : Rs]), isKept ? Rd : undefined),
    writes: given(Rd, ...(isLoad ? [Rt, Rt2] : /^STL?X/.test(name) ? [Rs] : [])),
  };
}

/** Whether a handler changes a register only by adding to it. */
function isCounted({ machine, subject: { timeline } }: Examination, { n }: ExceptionEvent, number: number, end: number): boolean {
  return timeline.excursion(
    n + 1,
    () => {
      let counted = false;
      for (let i = 0; i < MOST_STEPS && timeline.at < end; i++) {
        const instruction = machine.currentInstruction();
        if (instruction && registersOf(instruction).writes.includes(number)) {
          if (!/^(ADD|SUB) \(immediate\)/.test(instruction.definition.name) || instruction.fields.Rn !== number) return false;
          counted = true;
        }
        timeline.forward(1);
      }
      return counted;
    },
    { key: `counts in x${number} from ${n}`, moves: true },
  );
}

function firstWrite({ machine, subject }: Examination, number: number, end: number): { n: number; pc: ExceptionEvent['pc'] } | undefined {
  const { timeline } = subject;
  const { cpu } = machine;
  for (let i = 0; i < MOST_STEPS && timeline.at < end; i++) {
    const { pc } = cpu;
    const n = timeline.at;
    const before = cpu.x(number);
    timeline.forward(1);
    if (timeline.at === n) return undefined;
    if (cpu.x(number) !== before && decode(machine.fetchWord(pc) ?? 0)) return { n, pc };
  }
  return undefined;
}
