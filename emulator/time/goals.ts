/**
 * Ways to run that end at a place in the program. Each is a generator that yields after every slice, so that its caller can handle
 * messages, show progress, or give up; its result says why it ended (`budget`: it has arrived).
 */
import { VA } from '../base/addresses.ts';
import type { ForwardOptions, Timeline, TimelineStop } from './timeline.ts';

export type Goal = Generator<undefined, TimelineStop>;

export type Stops = Pick<ForwardOptions, 'untilEvent' | 'stopAt' | 'watched'>;

/** Whether a person's own breakpoint stopped the run. */
export const isBreakpoint = (timeline: Timeline, stop: TimelineStop): boolean =>
  stop === 'breakpoint' && timeline.breakpoints.hits.length > 0;

/** Runs until it stopped for one of `stops` and `isThere`. A person's own breakpoint ends it too. */
export function* runUntil(timeline: Timeline, stops: Stops, isThere: (stop: TimelineStop) => boolean): Goal {
  for (;;) {
    const stop = timeline.forward(4 * timeline.slice, { ...stops, untilBreakpoint: true, untilLoop: true });
    if (stop === 'end' || stop === 'loop' || stop === 'idle' || isBreakpoint(timeline, stop)) return stop;
    if (stop !== 'budget' && isThere(stop)) return 'budget';
    yield;
  }
}

/** One step. */
export function* step(timeline: Timeline): Goal {
  return timeline.forward(1, { untilBreakpoint: true });
}

/** To an instant, unless a breakpoint or the end comes before it. */
export function* runToInstant(timeline: Timeline, to: number): Goal {
  while (timeline.at < to) {
    const before = timeline.at;
    const stop = timeline.forward(Math.min(4 * timeline.slice, to - before), { untilBreakpoint: true });
    if (stop !== 'budget' || timeline.at === before) return stop;
    yield;
  }
  return 'budget';
}

/** To the next time that one of these VAs is about to be executed. */
export const runTo = (timeline: Timeline, addresses: ReadonlySet<VA>): Goal =>
  runUntil(timeline, { stopAt: addresses }, (stop) => stop === 'breakpoint' && addresses.has(timeline.machine.cpu.pc));

/** To the time that this VA is about to be executed for the `times`th time from here, or so many steps at most. */
export function* runToTime(timeline: Timeline, address: VA, times: number, most: number): Goal {
  const last = timeline.at + most;
  const stopAt = new Set([address]);
  for (let left = times; left > 0 && timeline.at < last;) {
    const steps = Math.min(4 * timeline.slice, last - timeline.at);
    const stop = timeline.forward(steps, { stopAt, untilBreakpoint: true, untilLoop: true });
    if (stop === 'end' || stop === 'loop' || stop === 'idle' || isBreakpoint(timeline, stop)) return stop;
    if (stop === 'breakpoint') left--;
    yield;
  }
  return 'budget';
}

/** To the state just after the next exception or return. */
export const runToEvent = (timeline: Timeline): Goal => runUntil(timeline, { untilEvent: true }, () => true);

/** To the state just after the exception level changed. */
export function runToLevelChange(timeline: Timeline): Goal {
  const { cpu } = timeline.machine;
  const { el } = cpu;
  return runUntil(timeline, { untilEvent: true }, () => cpu.el !== el);
}

/** To the instant at which EL1 or EL0 first runs with a VMID that it has not had before. */
export const runToGuest = (timeline: Timeline): Goal =>
  runUntil(timeline, { untilEvent: true }, () => timeline.machine.cpu.el < 2 && timeline.traps.firstRuns.includes(timeline.at));

/** Runs a called function or a trap's handler to its return; anything else is one step. */
export function* stepOver(timeline: Timeline): Goal {
  const { machine } = timeline;
  const { cpu } = machine;
  const { el, sp } = cpu;
  const after = VA(cpu.pc + 4n);
  const isCall = machine.currentInstruction()?.definition.flow === 'call';
  const first = timeline.forward(1, { untilBreakpoint: true });
  if (first !== 'budget' || (!isCall && cpu.el <= el)) return first;
  const isBack = isCall ? (): boolean => cpu.pc === after && cpu.el === el && cpu.sp >= sp : (): boolean => cpu.el <= el;
  return yield* runUntil(timeline, isCall ? { stopAt: new Set([after]) } : { untilEvent: true }, isBack);
}
