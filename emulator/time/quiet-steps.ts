/**
 * Steps of a program that takes interrupts: an interrupt that comes instead of the instruction is run to its return, and a step back goes
 * over a handler in the same way, so that the step is one of the program all the same. Nothing is masked: the run is the one that it was.
 */
import type { CpuEvent, ExceptionLevel } from '../cpu/index.ts';
import type { VA } from '../base/addresses.ts';
import { runUntil, type Goal } from './goals.ts';
import type { Timeline } from './timeline.ts';

const interrupts: ReadonlySet<string> = new Set(['IRQ', 'FIQ', 'SError', 'vIRQ', 'vFIQ', 'vSError']);
const isInterrupt = (event: CpuEvent | undefined): event is CpuEvent & { kind: 'exception' } =>
  event?.kind === 'exception' && interrupts.has(event.type);

/** One instruction; `quiet`: with the handlers of the interrupts that come before it. */
export function* stepInstruction(timeline: Timeline, quiet: boolean): Goal {
  const { cpu } = timeline.machine;
  const { pc, el, sp } = cpu;
  const isBack = (): boolean => cpu.pc === pc && cpu.el === el && cpu.sp === sp;
  for (;;) {
    const stop = timeline.forward(1, { untilBreakpoint: true });
    if (stop !== 'budget' || !quiet || !isInterrupt(timeline.lastStepEvent())) return stop;
    const end = yield* runUntil(timeline, { untilEvent: true }, isBack);
    if (end !== 'budget') return end;
  }
}

/** Instructions until the VA of the next one is outside of a range. */
export function* stepRange(timeline: Timeline, from: bigint, to: bigint, quiet: boolean): Goal {
  const { cpu } = timeline.machine;
  for (let count = 1; ; count++) {
    const stop = yield* stepInstruction(timeline, quiet);
    if (stop !== 'budget' || cpu.pc < from || cpu.pc >= to) return stop;
    if (count % STEPS === 0) yield;
  }
}
/** Steps one by one between looks at messages. */
const STEPS = 64;

/** The instant one instruction earlier: what the step before did is undone, with the handlers that ran between it and this. */
export function instantBefore(timeline: Timeline, pc: VA, el: ExceptionLevel, quiet: boolean): number {
  const { traps, first } = timeline;
  let at = timeline.at;
  while (quiet && at > first) {
    const index = traps.indexOfStep(at - 1);
    const began = index === undefined ? undefined : traps.endedBy(index);
    const entry = began === undefined ? undefined : traps.get(began);
    if (!isInterrupt(entry) || entry.elr !== pc || entry.from !== el) break;
    at = entry.n;
  }
  return Math.max(first, at - 1);
}
