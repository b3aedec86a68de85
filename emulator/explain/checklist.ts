/**
 * The six steps by which a hypervisor starts a guest at EL1, with the values that it really wrote before the first return from EL2 to EL1.
 * They are found by repeating the past with these registers watched, so the list is right for any program, whatever its order or names.
 */
import type { VA } from '../base/addresses.ts';
import { hex } from '../base/hex.ts';
import type { WatchedWrite } from '../machine/watches.ts';
import { lastWrites } from '../time/register-writes.ts';
import type { TrapLog } from '../time/trap-log.ts';
import { disassembled } from './instruction-text.ts';
import { registerWords } from './register-words.ts';
import type { Subject } from './subject.ts';
import type { ChecklistStep, ChecklistView, RegisterValue } from './views.ts';

/** Milliseconds that one view spends on looking for who wrote the registers. */
const SEARCH_MS = 25;
/** How many steps before the return barriers are looked for, and how many after it EL1 may set its own stack pointer. */
const NEAR = 10_000;

const controls = ['HCR_EL2', 'SPSR_EL2', 'ELR_EL2'] as const;

/** The first return from EL2 to EL1, and what is known of the run around it. */
interface Entry {
  /** The step of the ERET. */
  readonly n: number;
  readonly eret: string;
  /** The stack pointer that EL1 starts with, by SPSR_EL2.M<0>. */
  readonly stack: 'SP_EL0' | 'SP_EL1';
  readonly before: readonly RegisterValue[];
  readonly after: readonly RegisterValue[];
  /** EL1's first change of its own stack pointer. */
  readonly ownStack: Written | undefined;
  /** Undefined until all are found. */
  readonly writes: ReadonlyMap<string, Written> | undefined;
  readonly barriers: readonly Barrier[];
}
interface Written {
  readonly n: number;
  readonly before: bigint;
  readonly after: bigint;
  /** "msr hcr_el2, x0 in enter_el1+0x8". */
  readonly by: string;
}
interface Barrier {
  readonly n: number;
  readonly name: 'DSB' | 'ISB';
  readonly by: string;
}
const known = new WeakMap<TrapLog, Entry>();

const titles: Readonly<Record<number, readonly [title: string, target: string, text: string]>> = {
  1: ['Give EL1 a stack', 'SP_EL1', 'the stack pointer that EL1 will use'],
  2: ['Configure EL1', 'HCR_EL2', 'RW = 1: EL1 is AArch64; other bits control what traps'],
  3: ['Set its initial state', 'SPSR_EL2', 'mode EL1h, and which interrupts are masked'],
  4: ['Set its entry point', 'ELR_EL2', 'the address of the first guest instruction'],
  5: ['Synchronize', 'DSB + ISB', 'writes to memory and to system registers take effect before the switch'],
  6: ['Go', 'ERET', 'PC = ELR_EL2, PSTATE = SPSR_EL2'],
};

export function checklistView(subject: Subject): ChecklistView {
  const { timeline } = subject;
  const { at } = timeline;
  const entry = findEntry(subject);
  const isSearching = entry !== undefined && !entry.writes;
  const steps = [1, 2, 3, 4, 5, 6].map((number) => step(subject, number, entry));
  return {
    at,
    steps,
    before: entry?.before ?? [],
    after: entry && at > entry.n ? entry.after : [],
    isSearching,
    sentence: entry ? sentence(subject, entry, steps) : notEntered(subject),
  };
}

function notEntered({ machine, timeline }: Subject): string {
  if (!machine.options.el2) return 'This machine has no EL2: it starts at EL1.';
  if (!timeline.isFromPowerOn) return 'Nothing is known of what was before: how EL1 was entered cannot be said.';
  if (timeline.startLevel === 1) return 'This run starts at EL1.';
  if (timeline.traps.firstReached(1) !== undefined) return 'EL1 was entered by an exception from EL0, but not yet by a return from EL2.';
  if (timeline.traps.firstReached(0) !== undefined) return 'The program went directly from EL2 to EL0; EL1 has not been entered yet.';
  return 'The program has not gone from EL2 to EL1 yet.';
}

function sentence({ machine, timeline }: Subject, { n, writes }: Entry, steps: readonly ChecklistStep[]): string {
  if (!writes) return 'Looking for the instructions that wrote these registers.';
  const done = steps.filter((one) => one.n !== null).length;
  if (timeline.at <= n) return `${done} of 6 steps are done at this instant.`;
  const { el } = machine.cpu;
  const entered = `EL1 was first entered in step ${n}`;
  const now = machine.stop
    ? `${entered}; the machine has stopped.`
    : el === 1
      ? `${entered}, and it is running.`
      : `${entered}; EL${el} is running now.`;
  return done === 6 ? `All six steps are done. ${now}` : now;
}

function step(subject: Subject, number: number, entry: Entry | undefined): ChecklistStep {
  const [title, usualTarget, text] = titles[number];
  const target = number === 1 && entry ? entry.stack : usualTarget;
  const todo: ChecklistStep = { number, title, target, text, before: null, after: null, n: null };
  if (!entry) return todo;
  const { at } = subject.timeline;
  if (number === 6) {
    if (entry.n >= at) return todo;
    return { ...todo, before: '0x2', after: '0x1', n: entry.n, text: `CurrentEL 2 became 1: ${entry.eret}` };
  }
  if (!entry.writes) return todo;
  if (number === 5) return barrierStep(todo, entry, at);
  const write = entry.writes.get(target);
  const isStack = number === 1 && !(write && write.after !== 0n);
  if (isStack) return stackStep(subject, todo, entry, at);
  if (!write || write.n >= at) return todo;
  return done(subject, todo, write);
}

function done(subject: Subject, todo: ChecklistStep, { n, before, after, by }: Written): ChecklistStep {
  const words = registerWords(todo.target, after, subject);
  return { ...todo, before: hex(before), after: hex(after), n, text: [words, by].filter(Boolean).join('; ') };
}

/** EL2 gave no stack pointer: EL1 may set its own, or do without. */
function stackStep(subject: Subject, todo: ChecklistStep, { n, ownStack, stack }: Entry, at: number): ChecklistStep {
  if (ownStack && ownStack.n < at) {
    const { text, ...step } = done(subject, todo, ownStack);
    return { ...step, text: `EL1 sets it itself. ${text}` };
  }
  if (at <= n) return todo;
  return { ...todo, text: ownStack ? `EL2 left ${stack} at 0; EL1 sets it itself` : `${stack} is 0: EL1 has no stack` };
}

/** ERET itself synchronizes the context (Arm ARM D1.4.1): an ISB is never needed before it, a DSB for what was stored just before. */
function barrierStep(todo: ChecklistStep, { n, barriers }: Entry, at: number): ChecklistStep {
  const last = (name: Barrier['name']): Barrier | undefined => barriers.findLast((one) => one.name === name);
  const found = [last('DSB'), last('ISB')].filter((one) => one !== undefined);
  if (found.length > 0) {
    const latest = Math.max(...found.map((one) => one.n));
    const text = found.map(({ by }) => by).join('; ');
    return latest < at
      ? { ...todo, n: latest, text: found.length === 2 ? text : `${text}; ERET is itself a context synchronization event` }
      : todo;
  }
  return n < at
    ? {
        ...todo,
        n,
        text: 'ERET is itself a context synchronization event; a DSB is needed only for page tables or code written just before',
      }
    : todo;
}

/** The first return from EL2 to EL1 once it is in the recording. */
function findEntry(subject: Subject): Entry | undefined {
  const { timeline } = subject;
  const { traps } = timeline;
  const cached = known.get(traps);
  if (cached?.writes) return cached;
  const n = cached?.n ?? traps.firstReturn(2, 1);
  if (n === undefined) return undefined;
  const entry = withWrites(subject, cached ?? timeline.excursion(n, () => lookAt(subject, n), { key: 'entry', moves: true }));
  known.set(traps, entry);
  return entry;
}

/** Around the return: the registers before and after it, and what EL1 does with its stack pointer first. */
function lookAt(subject: Subject, n: number): Entry {
  const { machine, timeline, names } = subject;
  const { cpu } = machine;
  const facts = (): RegisterValue[] => [
    { name: 'PC', value: hex(cpu.pc), text: names.of(cpu.el).symbol(cpu.pc) ?? '' },
    { name: 'CurrentEL', value: hex(cpu.el), text: `EL${cpu.el}` },
    ...(['SP_EL2', 'SP_EL1'] as const).map((name) => ({
      name,
      value: hex(cpu.current(name)),
      text: registerWords(name, cpu.current(name), subject),
    })),
  ];
  const eret = instructionAt(subject, cpu.pc);
  const before = facts();
  timeline.forward(1);
  const after = facts();
  const stack = cpu.spsel ? 'SP_EL1' : 'SP_EL0';
  const ownStack = cpu.sp === 0n ? firstStack(subject) : undefined;
  return { n, eret, stack, before, after, ownStack, writes: undefined, barriers: [] };
}

/** The first write to SP that EL1 does before it is left, if it does one soon. */
function firstStack(subject: Subject): Written | undefined {
  const { machine, timeline } = subject;
  const { cpu } = machine;
  const end = timeline.at + NEAR;
  while (timeline.at < end && cpu.el === 1) {
    const { pc, sp: before } = cpu;
    const n = timeline.at;
    if (timeline.forward(1) !== 'budget') return undefined;
    if (cpu.sp !== before && cpu.el === 1) return { n, before, after: cpu.sp, by: instructionAt(subject, pc) };
  }
  return undefined;
}

/** Goes on with the search; when it is complete, the instructions are looked up. */
function withWrites(subject: Subject, entry: Entry): Entry {
  const { timeline } = subject;
  const search = lastWrites(timeline, [entry.stack, ...controls], entry.n, SEARCH_MS);
  if (!search.isComplete) return entry;
  const writes = new Map([...search.writes].map(([name, write]) => [name, written(subject, write)]));
  const barriers = timeline.excursion(firstNear(entry.n, writes), () => barriersUntil(subject, entry.n), { key: 'barriers', moves: true });
  return { ...entry, writes, barriers };
}

/** Barriers count from the first of the writes on, where that is near. */
const firstNear = (n: number, writes: ReadonlyMap<string, Written>): number =>
  Math.max(n - NEAR, Math.min(n, ...[...writes.values()].map((write) => write.n)));

function written(subject: Subject, { n, pc, before = 0n, after = 0n, by }: WatchedWrite): Written {
  const how =
    by === 'hand'
      ? 'changed by hand'
      : by === 'instruction'
        ? subject.timeline.excursion(n, () => instructionAt(subject, pc), { key: `instruction at ${pc}` })
        : `the entry to an exception (${by.exception})`;
  return { n, before, after, by: how };
}

function barriersUntil(subject: Subject, n: number): Barrier[] {
  const { machine, timeline } = subject;
  const found: Barrier[] = [];
  while (timeline.at < n) {
    const name = machine.currentInstruction()?.definition.name;
    if (name === 'DSB' || name === 'ISB') found.push({ n: timeline.at, name, by: instructionAt(subject, machine.cpu.pc) });
    const { at } = timeline;
    timeline.forward(1);
    if (timeline.at === at) break;
  }
  return found;
}

/** "msr hcr_el2, x0 in enter_el1+0x8". */
function instructionAt({ machine, names }: Subject, pc: VA): string {
  const word = machine.fetchWord(pc);
  const place = names.of(machine.cpu.el).symbol(pc);
  const text = word === undefined ? 'an instruction' : disassembled(word, pc);
  return `${text} ${place === undefined ? `at ${hex(pc)}` : `in ${place}`}`;
}
