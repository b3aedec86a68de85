/** How a program stands at an instant: whether anything can still happen, and if not, what it does for ever. */
import { equalBytes } from '../../base/bytes.ts';
import type { PA, VA } from '../../base/addresses.ts';
import { interruptToTake } from '../../cpu/index.ts';
import { comingInterrupts } from '../../machine/coming-interrupts.ts';
import type { Machine } from '../../machine/machine.ts';
import type { Watched } from '../../machine/watches.ts';
import { PA as pa } from '../../base/addresses.ts';
import type { TrapLog } from '../../time/trap-log.ts';
import type { Subject } from '../subject.ts';

export type Ending =
  /** The program switched the machine or its CPU off, or came to what the machine does not have. */
  | { readonly kind: 'stopped' }
  /** The same exceptions for ever: `first` is the index of the first of them. Proved: the machine was in the same state. */
  | { readonly kind: 'loop'; readonly first: number; readonly isProved: boolean }
  /** WFI, and nothing that is set will ever end it. */
  | { readonly kind: 'idle' }
  /** WFI or polling, and a person can go on with it. */
  | { readonly kind: 'input' }
  | Spin
  /** It goes on, as far as is known. */
  | { readonly kind: 'running' };

/** The same instructions for ever, without exceptions. */
export interface Spin {
  readonly kind: 'spin';
  /** What its rounds read, in their order, each address once. */
  readonly reads: readonly SpinRead[];
  /** A WFI in its rounds, which an interrupt that is pending and is not taken ends at once. */
  readonly wfi: VA | undefined;
  /** A conditional branch decides each round that there is another one: the program waits for something. */
  readonly isConditional: boolean;
}
export interface SpinRead {
  readonly pc: VA;
  readonly va: VA | undefined;
  readonly pa: PA;
  /** Name of the device register; undefined for memory. */
  readonly register: string | undefined;
}

/** A round that decides nothing: a branch to itself, which is how programs end on purpose too. */
export const isHalt = (ending: Ending): boolean => ending.kind === 'spin' && !ending.isConditional && ending.wfi === undefined;
/** Nothing can happen any more. */
export const isOver = ({ kind }: Ending): boolean => kind !== 'running' && kind !== 'input';

/** `windows`: how far back rounds of instructions are looked for; what is further apart is taken for running. */
export function endingOf(subject: Subject, windows: readonly number[] = WINDOWS): Ending {
  const { machine, timeline } = subject;
  const { traps, at } = timeline;
  if (machine.stop && at === timeline.end) return { kind: 'stopped' };
  const loop = timeline.loopAt(at);
  if (loop) return { kind: 'loop', first: loop.first, isProved: true };
  const repeated = firstRepeated(traps, traps.firstAt(at));
  if (repeated !== undefined) return { kind: 'loop', first: repeated, isProved: false };
  if (machine.cpu.waiting) return waiting(machine);
  for (const window of windows) {
    const spin = spinWithin(subject, window);
    if (spin) return spin;
  }
  return { kind: 'running' };
}

function waiting(machine: Machine): Ending {
  if (!machine.isIdle) return { kind: 'running' };
  return comingInterrupts(machine).some(({ from, obstacle }) => from === 'input' && !obstacle) ? { kind: 'input' } : { kind: 'idle' };
}

// ---- exceptions that repeat

/** Rounds that must be alike, and the most events of one. */
const ROUNDS = 32;
const MOST_EVENTS = 8;

/**
 * Where the last exceptions repeat though the machine is another each time (a stack pointer that sinks, a counter): the same places take the
 * same exceptions, none of which is answered. Index of the first of them.
 */
function firstRepeated(traps: TrapLog, end: number): number | undefined {
  for (let events = 1; events <= MOST_EVENTS; events++) {
    if (end - traps.first < events * ROUNDS) return undefined;
    let first = end - events;
    while (first > traps.first && isAlike(traps, first - 1, first - 1 + events)) first--;
    // The round before the last: of the last one a handler may not have returned yet.
    if (end - first >= events * ROUNDS && isUnanswered(traps, end - 2 * events, events, end)) return first;
  }
  return undefined;
}
function isAlike(traps: TrapLog, index: number, other: number): boolean {
  if (traps.kind(index) !== traps.kind(other) || traps.type(index) !== traps.type(other)) return false;
  const [one, two] = [traps.get(index), traps.get(other)];
  if (one.kind === 'psci' || two.kind === 'psci') return false;
  return one.pc === two.pc && (one.kind !== 'exception' || two.kind !== 'exception' || one.elr === two.elr);
}
/**
 * A fault that is not returned from, or is returned from to the instruction that takes it again at once; a call that returns to itself; an
 * interrupt that lets the program do nothing in between.
 */
function isUnanswered(traps: TrapLog, first: number, events: number, end: number): boolean {
  for (let index = first; index < first + events; index++) {
    const event = traps.get(index);
    if (event.kind !== 'exception') continue;
    const isInterrupt = interrupts.has(event.type);
    const isCall = event.type === 'HVC' || event.type === 'SVC';
    if (!isInterrupt && !isCall && !isFault(event.type)) continue;
    const back = traps.returnOf(index);
    if (back === undefined || back >= end) {
      if (isInterrupt || isCall) continue;
      return true;
    }
    const to = traps.get(back);
    if (to.kind !== 'return' || to.pc !== (isCall ? event.elr - 4n : event.elr) || index - events < traps.first) continue;
    const before = traps.returnOf(index - events);
    if (before !== undefined && traps.step(before) + 1 === traps.step(index) && (!isInterrupt || isStorm(traps, first, events)))
      return true;
  }
  return false;
}
/** More rounds of interrupts than a device with something to do asks for in a row. */
const STORM = 2_000;
function isStorm(traps: TrapLog, first: number, events: number): boolean {
  if (first - events * STORM < traps.first) return false;
  for (let round = 1; round < STORM; round++) if (!isAlike(traps, first - round * events, first)) return false;
  return true;
}
const interrupts: ReadonlySet<string> = new Set(['IRQ', 'FIQ', 'vIRQ', 'vFIQ', 'SError', 'vSError']);

const faults: ReadonlySet<string> = new Set([
  ...['DataAbort', 'InstructionAbort', 'Undefined', 'PCAlignment', 'SPAlignment', 'IllegalState', 'FP', 'Trap', 'SMC', 'BRK', 'SError'],
]);
/** What no program asks for as a service. */
export const isFault = (type: string): boolean => faults.has(type);

// ---- instructions that repeat

/** Steps of the past in which a round is looked for: most are short. */
const WINDOWS = [100, 3_000, 100_000] as const;
/** Where a program runs on and must not be held up. */
export const quickWindows = [100, 3_000] as const;
const MOST_ARRIVALS = 1_000;
const everyAccess: Watched = { memory: [{ pa: pa(0), bytes: 2 ** 40, access: 'rw' }], registers: [], instructions: true };
/** Instructions of one round that are looked at one by one. */
const MOST_IN_ROUND = 4_000;
const conditional = /^(B\.cond|CBZ|CBNZ|TBZ|TBNZ)/;
/** What asks for no time, and for nothing of the firmware: of the interrupt lines WFI asks only whether it waits. */
const asksNothing = /^(WFI|WFE|SEV|SEVL|HINT|NOP|YIELD|ISB|DSB|DMB|CLREX)/;
/** General registers and SP, in 32-bit words. */
const REGISTER_WORDS = 64;
/** What a person changes by typing. */
const inputRegisters = /^UART(FR|DR|RIS|MIS|RSR)/;
/** RXFE and RXFF, the bits of UARTFR that change by that. */
const INPUT_FLAGS: readonly number[] = [4, 6];
/** The time of day. */
const clockRegisters = /^RTC/;

/**
 * The machine was in the state of this instant before, in the last `window` steps, and since then nothing that is not part of the state was
 * asked: no clock, no firmware, no wait. So the same round follows for ever, unless an interrupt comes.
 */
function spinWithin({ machine, timeline }: Subject, window: number): Spin | { readonly kind: 'input' } | undefined {
  const { at } = timeline;
  const from = Math.max(0, at - window);
  if (timeline.traps.firstAt(from) < timeline.traps.firstAt(at) && timeline.previousEvent() !== undefined) {
    // A round has no exceptions: only what came after the last one counts.
    const last = lastEventBefore(timeline.traps, at);
    if (last !== undefined && last + 1 > from) return last + 2 < at ? spinFrom(machine, timeline, last + 1) : undefined;
  }
  return spinFrom(machine, timeline, from);
}

const lastEventBefore = (traps: TrapLog, at: number): number | undefined => {
  const index = traps.firstAt(at) - 1;
  return index >= traps.first ? traps.step(index) : undefined;
};

function spinFrom(machine: Machine, timeline: Subject['timeline'], from: number): Spin | { readonly kind: 'input' } | undefined {
  const { cpu, clock, environment } = machine;
  const { at } = timeline;
  const coming = comingInterrupts(machine).filter(({ obstacle }) => !obstacle);
  const canCome = coming.length > 0 && canBeInterrupted(machine);
  if (canCome && coming.some(({ from: source }) => source !== 'input')) return undefined;
  const state = machine.timelessState();
  const registers = cpu.u32.slice(0, REGISTER_WORDS);
  const { pc } = cpu;
  return timeline.excursion(
    from,
    () => {
      const reads = new Map<number, SpinRead>();
      const changed = new Map<number, { readonly before: number; after: number }>();
      let since: { readonly asked: number; readonly waits: number } | undefined;
      let hasAsked = false;
      let wfi: VA | undefined;
      let isConditional = false;
      /** A round sends something: whoever listens hears of it each time. */
      let isHeard = false;
      /** The bits that the rounds test, where that is all that decides. */
      let tested: number[] | undefined = [];
      const stop = machine.watches.onReport.on((report) => {
        if (report.kind !== 'memory' || !since) return;
        const { pa: address, pc: by, va, access, before, after } = report;
        if (access === 'r') reads.set(address, { pc: by, va, pa: address, register: machine.board.bus.registerAt(address) });
        else if (machine.board.bus.registerAt(address) === 'UARTDR') isHeard = true;
        else
          after.forEach((byte, i) => {
            const known = changed.get(address + i);
            // What a device makes of a write shows in its state.
            if (known) known.after = byte;
            else if (before) changed.set(address + i, { before: before[i], after: byte });
          });
      });
      const stopInstructions = machine.watches.onInstruction.on(({ pc: by, instruction }) => {
        const { name } = instruction.definition;
        if (!since) return;
        if (!asksNothing.test(name)) hasAsked = true;
        else if (name === 'WFI') wfi = by;
      });
      const stopAt = new Set([pc]);
      /** One round, instruction by instruction. */
      const follow = (): void => {
        for (let i = 0; i < MOST_IN_ROUND && timeline.at < at && (i === 0 || cpu.pc !== pc); i++) {
          const instruction = machine.currentInstruction();
          const name = instruction?.definition.name ?? '';
          if (conditional.test(name)) {
            isConditional = true;
            if (/^TBN?Z/.test(name)) tested?.push(instruction!.derived['bit'] as number);
            else tested = undefined;
          }
          timeline.forward(1, { watched: everyAccess });
        }
      };
      const looks = (): void => {
        if (since || cpu.pc !== pc || !sameWords(cpu.u32, registers) || !equalBytes(machine.timelessState(), state)) return;
        since = { asked: environment.asked, waits: clock.waits };
        follow();
      };
      try {
        looks();
        for (let arrivals = 0; timeline.at < at; arrivals++) {
          if (arrivals > MOST_ARRIVALS) return undefined;
          const before = timeline.at;
          timeline.forward(at - before, since ? { watched: everyAccess } : { stopAt, watched: everyAccess });
          if (timeline.at === before) return undefined;
          if (timeline.at < at) looks();
        }
      } finally {
        stop();
        stopInstructions();
      }
      if (!since || isHeard || clock.waits !== since.waits) return undefined;
      if (environment.asked !== since.asked && (hasAsked || wfi === undefined)) return undefined;
      if ([...changed.values()].some(({ before, after }) => before !== after)) return undefined;
      const all = [...reads.values()];
      if (all.some(({ register }) => register !== undefined && clockRegisters.test(register))) return undefined;
      const isInput = ({ register }: SpinRead): boolean =>
        register !== undefined &&
        inputRegisters.test(register) &&
        !(register === 'UARTFR' && tested !== undefined && !tested.some((bit) => INPUT_FLAGS.includes(bit)));
      if (canCome || all.some(isInput)) return { kind: 'input' as const };
      return { kind: 'spin' as const, reads: all, wfi, isConditional };
    },
    { key: `spin from ${from}`, moves: true },
  );
}

function sameWords(words: Uint32Array, others: Uint32Array): boolean {
  for (let i = 0; i < REGISTER_WORDS; i++) if (words[i] !== others[i]) return false;
  return true;
}

/** Whether an interrupt that came now would be taken. */
const canBeInterrupted = ({ cpu, board: { lines } }: Machine): boolean =>
  interruptToTake(cpu, { ...lines, irq: true, fiq: true }) !== undefined;
