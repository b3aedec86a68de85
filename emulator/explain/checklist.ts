/**
 * The six steps by which a hypervisor starts a guest at EL1, with the values it really wrote. They are found by doing the run before the
 * first return from EL2 to EL1 again and looking at each instruction, so the list is right for any program, whatever its order or names.
 */
import { hex } from '../base/hex.ts';
import type { StoredRegister } from '../cpu/stored-registers.ts';
import { systemRegisterName, type Decoded } from '../isa/index.ts';
import { registerWords } from './register-words.ts';
import type { TrapLog } from '../time/trap-log.ts';
import type { Subject } from './subject.ts';
import type { ChecklistStep, ChecklistView, RegisterValue } from './views.ts';

/** How far before the return the steps are looked for. */
const WINDOW = 4000;

interface Write {
  readonly n: number;
  readonly before: bigint;
  readonly after: bigint;
}
/** What was found in the run before the first return to EL1. */
interface Descent {
  /** The step of the ERET. */
  readonly n: number;
  readonly writes: ReadonlyMap<string, Write>;
  readonly barriers: { readonly dsb: number | undefined; readonly isb: number | undefined };
  readonly before: readonly RegisterValue[];
  readonly after: readonly RegisterValue[];
}
const known = new WeakMap<TrapLog, Descent>();

const watched: readonly StoredRegister[] = ['SP_EL1', 'HCR_EL2', 'SPSR_EL2', 'ELR_EL2'];
const titles: Readonly<Record<number, readonly [title: string, target: string, text: string]>> = {
  1: ['Give EL1 a stack', 'SP_EL1', 'the stack pointer that EL1 will use'],
  2: ['Say what EL1 is', 'HCR_EL2', 'RW = 1: EL1 is AArch64; other bits say what traps'],
  3: ['Say how it starts', 'SPSR_EL2', 'mode EL1h, and which interrupts are masked'],
  4: ['Say where it starts', 'ELR_EL2', 'the address of the first guest instruction'],
  5: ['Make it all count', 'DSB + ISB', 'memory and system registers are up to date before the switch'],
  6: ['Go', 'ERET', 'PC = ELR_EL2, PSTATE = SPSR_EL2'],
};

export function checklistView(subject: Subject): ChecklistView {
  const { timeline } = subject;
  const descent = findDescent(subject);
  const at = timeline.at;
  const steps = [1, 2, 3, 4, 5, 6].map((number) => step(subject, number, descent));
  const done = steps.filter(({ n }) => n !== null).length;
  const sentence = !descent
    ? 'The program has not gone from EL2 to EL1 yet.'
    : done === 6
      ? 'EL1 is running: all six steps are done.'
      : `${done} of 6 steps are done at this instant.`;
  return { at, steps, before: descent?.before ?? [], after: descent && at > descent.n ? descent.after : [], sentence };
}

function step({ timeline, names }: Subject, number: number, descent: Descent | undefined): ChecklistStep {
  const [title, target, text] = titles[number];
  const common = { number, title, target, text };
  const todo: ChecklistStep = { ...common, before: null, after: null, n: null };
  if (!descent) return todo;
  if (number === 5) {
    const { dsb, isb } = descent.barriers;
    const n = dsb === undefined || isb === undefined ? undefined : Math.max(dsb, isb);
    return n !== undefined && n < timeline.at ? { ...todo, n } : todo;
  }
  if (number === 6) {
    if (descent.n >= timeline.at) return todo;
    return { ...common, before: '0x2', after: '0x1', n: descent.n, text: `CurrentEL 2 became 1; ${text}` };
  }
  const write = descent.writes.get(target);
  if (!write || write.n >= timeline.at) return todo;
  const words = registerWords(target, write.after, names);
  return { ...common, before: hex(write.before), after: hex(write.after), n: write.n, text: words || text };
}

/** Finds the descent once it is in the recording. */
function findDescent(subject: Subject): Descent | undefined {
  const { timeline } = subject;
  const cached = known.get(timeline.traps);
  if (cached) return cached;
  const { traps } = timeline;
  let index = 0;
  while (index < traps.length && !(traps.kind(index) === 'return' && traps.levelBefore(index) === 2 && traps.levelAfter(index) === 1))
    index++;
  if (index === traps.length) return undefined;
  const descent = timeline.excursion(Math.max(0, traps.step(index) - WINDOW), () => repeat(subject, traps.step(index)), { moves: true });
  known.set(timeline.traps, descent);
  return descent;
}

function repeat(subject: Subject, n: number): Descent {
  const { machine, timeline } = subject;
  const { cpu } = machine;
  const writes = new Map<string, Write>();
  const barriers: { dsb: number | undefined; isb: number | undefined } = { dsb: undefined, isb: undefined };
  while (timeline.at < n) {
    const instruction = machine.currentInstruction();
    const at = timeline.at;
    const target = instruction && writtenRegister(instruction);
    const before = target ? cpu.current(target) : 0n;
    timeline.forward(1);
    if (target) writes.set(target, { n: at, before, after: cpu.current(target) });
    if (instruction?.definition.name === 'DSB') barriers.dsb = at;
    if (instruction?.definition.name === 'ISB') barriers.isb = at;
  }
  const facts = (): RegisterValue[] => [
    { name: 'PC', value: hex(cpu.pc), text: subject.names.symbol(cpu.pc) ?? '' },
    { name: 'CurrentEL', value: hex(cpu.el), text: `EL${cpu.el}` },
    ...(['SP_EL2', 'SP_EL1'] as const).map((name) => ({
      name,
      value: hex(cpu.current(name)),
      text: registerWords(name, cpu.current(name), subject.names),
    })),
  ];
  const before = facts();
  timeline.forward(1);
  return { n, writes, barriers, before, after: facts() };
}

/** The watched register that an MSR writes. */
function writtenRegister({ definition, fields }: Decoded): StoredRegister | undefined {
  if (definition.name !== 'MSR (register)') return undefined;
  const { o0, op1, CRn, CRm, op2 } = fields;
  const name = systemRegisterName(o0 + 2, op1, CRn, CRm, op2);
  return watched.find((register) => register === name);
}
