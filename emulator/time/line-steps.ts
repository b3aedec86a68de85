/** Steps by source line, forwards and backwards, as a debugger of C makes them. */
import { step, stepOver, type Goal } from './goals.ts';
import type { Search } from './search.ts';
import type { Timeline } from './timeline.ts';

/** Where the machine is in the source. */
export interface LinePlace {
  readonly line: string;
  /** The code of a statement begins at this instruction. */
  readonly isStart: boolean;
  readonly function: string | undefined;
}
/** Undefined: at code of which no line is known. */
export type LineNow = () => LinePlace | undefined;

/** To the beginning of another line; `over`: of this function or a caller. Where no line is known, one instruction. */
export function* stepLine(timeline: Timeline, now: LineNow, over: boolean): Goal {
  const first = now();
  for (;;) {
    const stop = yield* over ? stepOver(timeline) : step(timeline);
    if (stop !== 'budget') return stop;
    const here = now();
    if (!first || (here?.isStart && (here.line !== first.line || here.function !== first.function))) return 'budget';
    yield;
  }
}

/** Instants of the first stretch of the past that is looked through. */
const FIRST_STRETCH = 512;
/** Instructions between two yields. */
const SLICE = 2000;

/**
 * The instant at which the line before began: of this function, past all calls, or of its caller. In the middle of a line, the beginning of
 * that line. The earliest instant where there is none.
 */
export function* previousLine(timeline: Timeline, now: LineNow): Search<number> {
  const home = timeline.at;
  const { cpu } = timeline.machine;
  const { el, sp } = cpu;
  const first = now();
  try {
    for (let length = FIRST_STRETCH; ; length *= 4) {
      const from = Math.max(timeline.first, home - length);
      timeline.seek(from);
      let found: number | undefined;
      while (timeline.at < home) {
        const { at } = timeline;
        const here = cpu.el === el && cpu.sp >= sp ? now() : undefined;
        // What is called has a deeper stack, or another name where it needs none; a caller has the shallower one.
        if (here?.isStart && (here.function === first?.function || cpu.sp > sp)) found = at;
        timeline.forward(1);
        if (timeline.at === at) break;
        if (timeline.at % SLICE === 0) yield (timeline.at - from) / (home - from);
      }
      if (found !== undefined) return found;
      if (from === timeline.first) return from;
    }
  } finally {
    timeline.returnTo(home);
  }
}
