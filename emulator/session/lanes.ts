/** Which level ran when: spans from the trap log, joined to what a picture of a given width can show. */
import type { TrapLog } from '../time/trap-log.ts';
import type { LaneSpan, Level } from './views.ts';

/** What runs from one event to the next. */
interface Segment {
  readonly el: Level;
  readonly vmid: number;
}

/**
 * Spans between instants `from` and `to`. Where more than `width` events fall in the range, each of `width` equal bins shows the level
 * that ran longest in it: never a mixture.
 */
export function laneSpans(log: TrapLog, startLevel: Level, from: number, to: number, width: number): LaneSpan[] {
  if (to <= from) return [];
  const first = log.firstAt(from);
  const last = log.firstAt(to);
  const before = (index: number): Segment =>
    index === 0 ? { el: startLevel, vmid: 0 } : { el: log.levelAfter(index - 1), vmid: log.vmidAfter(index - 1) };
  return last - first <= width
    ? exactSpans(log, before(first), first, last, from, to)
    : binnedSpans(log, before(first), first, last, from, to, width);
}

function exactSpans(log: TrapLog, start: Segment, first: number, last: number, from: number, to: number): LaneSpan[] {
  const spans: LaneSpan[] = [];
  let current = start;
  let since = from;
  for (let i = first; i < last; i++) {
    const next = { el: log.levelAfter(i), vmid: log.vmidAfter(i) };
    if (next.el === current.el && next.vmid === current.vmid) continue;
    // The step itself still ran on the old level.
    const until = Math.min(log.step(i) + 1, to);
    if (until > since) spans.push({ ...current, from: since, to: until });
    current = next;
    since = until;
  }
  if (to > since) spans.push({ ...current, from: since, to });
  return spans;
}

function binnedSpans(log: TrapLog, start: Segment, first: number, last: number, from: number, to: number, width: number): LaneSpan[] {
  const spans: LaneSpan[] = [];
  const binSize = (to - from) / width;
  let current = start;
  let i = first;
  for (let bin = 0; bin < width; bin++) {
    const begin = from + bin * binSize;
    const end = begin + binSize;
    let since = begin;
    // Steps by level and VM within the bin; there are few of them, so a list is quickest.
    const shares: { segment: Segment; steps: number }[] = [];
    const add = (segment: Segment, steps: number): void => {
      const share = shares.find((s) => s.segment.el === segment.el && s.segment.vmid === segment.vmid);
      if (share) share.steps += steps;
      else shares.push({ segment, steps });
    };
    for (; i < last && log.step(i) < end; i++) {
      const until = Math.min(log.step(i) + 1, end);
      add(current, Math.max(0, until - since));
      current = { el: log.levelAfter(i), vmid: log.vmidAfter(i) };
      since = Math.max(since, until);
    }
    add(current, Math.max(0, end - since));
    const { segment } = shares.reduce((a, b) => (b.steps > a.steps ? b : a));
    const previous = spans.at(-1);
    if (previous && previous.el === segment.el && previous.vmid === segment.vmid) spans[spans.length - 1] = { ...previous, to: end };
    else spans.push({ ...segment, from: begin, to: end });
  }
  return spans;
}
