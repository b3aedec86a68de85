/**
 * Questions about the past, answered by replaying it: from the last keyframe before an instant to that instant, then from the keyframe
 * before that, and so on, with the machine watching. Each search is a generator, so its caller can do other things in between and cancel it
 * (`return()`); it yields how much of the past it has gone through, from 0 to 1. While it runs the machine is elsewhere; when it ends or is
 * cancelled, the machine is back where it was.
 */
import { PA } from '../base/addresses.ts';
import type { CpuEvent } from '../cpu/events.ts';
import type { Machine } from '../machine/machine.ts';
import { isStepped, nothingWatched, type Watched, type WatchReport } from '../machine/watches.ts';
import type { Timeline } from './timeline.ts';

/** Steps between two yields. */
const SLICE = 100_000;
/** Steps of the first piece of the past that is repeated one by one. */
const FIRST_PIECE = 4096;

export type Search<T> = Generator<number, T, void>;

/** Part of the past, between two keyframes, in which steps `from` to `to - 1` were done. */
interface Interval {
  readonly from: number;
  readonly to: number;
}

/** The past before an instant, the latest part first: from keyframe to keyframe. */
function intervalsBefore({ keyframes }: Timeline, end: number, { registers }: Watched): Interval[] {
  const starts = keyframes.instants().filter((n) => n < end);
  const intervals = starts.map((from, i) => ({ from, to: starts[i + 1] ?? end })).reverse();
  return registers.some(isStepped) ? inPieces(intervals) : intervals;
}

/**
 * Where the machine goes one step at a time, which is hundreds of times slower than running, getting there from a keyframe costs little
 * compared with the steps. Most registers were written recently: the first pieces are short, and each is four times as long as the previous
 * one.
 */
function inPieces(intervals: readonly Interval[]): Interval[] {
  let length = FIRST_PIECE;
  return intervals.flatMap(({ from, to }) => {
    const pieces: Interval[] = [];
    for (let end = to; end > from; length *= 4) {
      const start = Math.max(from, end - length);
      pieces.push({ from: start, to: end });
      end = start;
    }
    return pieces;
  });
}

/**
 * The last `count` reports before an instant of what is watched, in their order. Of a step that did several, all count: there may be a few
 * more.
 */
export function* findReports(timeline: Timeline, watched: Watched, before: number, count: number): Search<WatchReport[]> {
  const home = timeline.at;
  let found: WatchReport[] = [];
  let interval: WatchReport[] = [];
  const stop = timeline.machine.watches.onReport.on((report) => interval.push(report));
  try {
    for (const { from, to } of intervalsBefore(timeline, before, watched)) {
      if (!mayHold(timeline, watched, from)) continue;
      interval = [];
      // What comes at the keyframe itself belongs to the interval before it; before the first one there is none.
      if (from === 0) timeline.returnTo(0, watched);
      else timeline.seek(from);
      while (timeline.at < to) {
        const { at } = timeline;
        timeline.forward(Math.min(SLICE, to - at), { watched });
        if (timeline.at === at) break;
        interval = lastOf(interval, count);
        yield (before - to + timeline.at - from) / before;
      }
      found = lastOf([...interval, ...found], count);
      if (found.length >= count) break;
    }
    return found;
  } finally {
    stop();
    timeline.returnTo(home);
  }
}

/** The last instant before this one at which a breakpoint would have stopped the run; undefined where none would. */
export function* previousStop(timeline: Timeline): Search<number | undefined> {
  const home = timeline.at;
  const end = home - 1;
  try {
    for (const { from, to } of intervalsBefore(timeline, end, timeline.breakpoints.watched)) {
      let found: number | undefined;
      timeline.seek(from);
      while (timeline.at < to) {
        const { at } = timeline;
        const stop = timeline.forward(Math.min(SLICE, to - at), { untilBreakpoint: true });
        if (stop === 'breakpoint') found = timeline.at;
        else if (timeline.at === at) break;
        yield (end - to + timeline.at - from) / end;
      }
      if (found !== undefined) return found;
    }
    return undefined;
  } finally {
    timeline.returnTo(home);
  }
}

/**
 * Looks through the past for how often the breakpoints that are counted were reached in it, where nobody has looked yet: from then on the
 * numbers of all instants up to this one are known.
 */
export function* countStops(timeline: Timeline): Search<undefined> {
  const home = timeline.at;
  const start = timeline.breakpoints.countedTo;
  if (start >= home) return undefined;
  try {
    timeline.seek(start);
    while (timeline.at < home) {
      const { at } = timeline;
      timeline.forward(Math.min(SLICE, home - at), { untilBreakpoint: true });
      if (timeline.at === at) break;
      yield (timeline.at - start) / (home - start);
    }
    return undefined;
  } finally {
    timeline.returnTo(home);
  }
}

/** The instant just after the last event before the one (if any) that led here; undefined where there is none. */
export function* previousEvent(timeline: Timeline, isMeant: (event: CpuEvent) => boolean): Search<number | undefined> {
  const home = timeline.at;
  const end = home - 1;
  let found: number | undefined;
  const stop = timeline.machine.onEvent.on((event) => {
    if (event.n < end && isMeant(event)) found = event.n + 1;
  });
  try {
    for (const { from, to } of intervalsBefore(timeline, end, nothingWatched)) {
      timeline.seek(from);
      found = undefined;
      while (timeline.at < to) {
        const { at } = timeline;
        timeline.forward(Math.min(SLICE, to - at));
        if (timeline.at === at) break;
        yield (end - to + timeline.at - from) / end;
      }
      if (found !== undefined) return found;
    }
    return undefined;
  } finally {
    stop();
    timeline.returnTo(home);
  }
}

/** All reports of the steps that the last `count` belong to. */
function lastOf(reports: WatchReport[], count: number): WatchReport[] {
  if (reports.length <= count) return reports;
  const first = reports[reports.length - count].n;
  return reports.slice(reports.findIndex(({ n }) => n === first));
}

/** Whether anything watched can have happened between a keyframe and the next: pages that have no new version there were not written. */
function mayHold({ keyframes, machine }: Timeline, { memory, registers }: Watched, from: number): boolean {
  if (registers.length > 0) return true;
  return memory.some((range) => range.access !== 'w' || pagesOf(machine, range)?.some((page) => keyframes.mayDiffer(page, from)) !== false);
}

/** Numbers of the pages of host memory behind a range; undefined where a device answers. */
function pagesOf({ board }: Machine, { pa, bytes }: { readonly pa: PA; readonly bytes: number }): number[] | undefined {
  const pages: number[] = [];
  for (let at = pa - (pa % 4096); at < pa + bytes; at += 4096) {
    const host = board.bus.hostAddress(PA(at));
    if (host < 0) return undefined;
    pages.push(host >>> 12);
  }
  return pages;
}
