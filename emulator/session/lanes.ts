/**
 * Which level ran when, for a picture of any width of any stretch of the recording. What ran between events is known exactly; where more
 * happens than a picture can show apart, its equal bins say for each lane which share of the bin it ran: a mixture is never drawn as one.
 * It is about one CPU: where several take turns, the level that it is at meanwhile.
 */
import type { ExceptionLevel } from '../cpu/state.ts';
import { Column } from '../time/columns.ts';
import type { TrapLog } from '../time/trap-log.ts';
import type { Lane, LaneSpan, LanesView } from './views.ts';

/** Up to this many events are drawn each for itself, unless some are too close to each other. */
const MOST_SPANS = 600;
/** As many events in one bin cannot be told apart. */
const CROWD = 4;
/** A whole bin. */
const FULL_SHARE = 255;

/** The pictures that were asked for last: as long as nothing new happens in them, they stay. */
const KEPT = 4;

/** The lanes of a CPU between instants `from` and `to` for a picture with room for `width` bins. */
export function lanesBetween(log: TrapLog, startLevel: ExceptionLevel, from: number, to: number, width: number, cpu = 0): LanesView {
  const times = LaneTimes.of(log, startLevel, cpu);
  const first = log.firstAt(from);
  const last = log.firstAt(to);
  const key = `${from} ${to} ${width} ${first} ${last} ${times.lanes.length}`;
  const view = times.views.get(key) ?? makeView(log, times, { from, to, width, first, last });
  times.views.delete(key);
  times.views.set(key, view);
  for (const old of times.views.keys()) if (times.views.size > KEPT) times.views.delete(old);
  return view;
}

/** The lane of the only CPU that runs up to event `index`, that event's own step included. */
export function laneBefore(log: TrapLog, startLevel: ExceptionLevel, index: number): Lane {
  const times = LaneTimes.of(log, startLevel, 0);
  return times.lanes[times.laneBefore(index)];
}

interface Wanted {
  readonly from: number;
  readonly to: number;
  readonly width: number;
  readonly first: number;
  readonly last: number;
}
function makeView(log: TrapLog, times: LaneTimes, { from, to, width, first, last }: Wanted): LanesView {
  const common = { from, to, first, events: last - first, lanes: times.lanes.slice(), keptFrom: log.keptFrom, changes: [] };
  if (to <= from) return { ...common, spans: [], shares: null };
  const isSparse = last - first <= MOST_SPANS && !hasCrowd(log, first, last, (to - from) / width);
  return isSparse
    ? { ...common, spans: exactSpans(log, times, first, last, from, to), shares: null }
    : { ...common, spans: null, shares: binnedShares(times, from, to, width) };
}

/** Whether anywhere so many events stand within one bin that their spans would hide each other. */
function hasCrowd(log: TrapLog, first: number, last: number, bin: number): boolean {
  for (let i = first + CROWD - 1; i < last; i++) if (log.step(i) - log.step(i - CROWD + 1) < bin) return true;
  return false;
}

function exactSpans(log: TrapLog, times: LaneTimes, first: number, last: number, from: number, to: number): LaneSpan[] {
  const spans: LaneSpan[] = [];
  let lane = times.laneBefore(first);
  let since = Math.max(from, log.keptFrom);
  const close = (until: number): void => {
    if (until > since) spans.push({ ...times.lanes[lane], from: since, to: until });
  };
  for (let i = first; i < last; i++) {
    const next = times.laneBefore(i + 1);
    if (next === lane) continue;
    // The step itself still ran on the old level.
    const until = Math.min(log.step(i) + 1, to);
    close(until);
    lane = next;
    since = until;
  }
  close(to);
  return spans;
}

/** For each lane, the share of each bin, from 0 to FULL_SHARE. What ran at all has at least 1. */
function binnedShares(times: LaneTimes, from: number, to: number, width: number): number[][] {
  const bin = (to - from) / width;
  const count = times.lanes.length;
  const shares = Array.from({ length: count }, () => new Array<number>(width).fill(0));
  const cursor = new TimeCursor(times);
  const before = Float64Array.from(cursor.timesAt(from));
  for (let i = 0; i < width; i++) {
    const after = cursor.timesAt(from + (i + 1) * bin);
    for (let lane = 0; lane < count; lane++) {
      const ran = after[lane] - before[lane];
      if (ran > 0) shares[lane][i] = Math.max(1, Math.round((ran / bin) * FULL_SHARE));
    }
    before.set(after);
  }
  return shares;
}

/** Events between places where the time of every lane is written down. */
const BLOCK = 32;

/** How long each lane ran up to any instant: written down every so often, so that no stretch needs all events to be looked at. */
class LaneTimes {
  /** By the log, and by the number of the CPU. */
  private static readonly known = new WeakMap<TrapLog, LaneTimes[]>();
  readonly lanes: Lane[] = [];
  readonly views = new Map<string, LanesView>();
  /** Index of the lane in which what follows each event runs. */
  private readonly after: Column<Uint16Array>;
  /** For each lane, its time before every BLOCKth event. */
  private readonly marks: Column<Float64Array>[] = [];
  private blocks: number;
  /** Times from the first event that was kept at the beginning up to the last, and the instant at which that ended. */
  private readonly sums: number[] = [];
  private since: number;
  private readonly numbers = new Map<number, number>();
  /** What runs up to event `first`, the first one that is kept. */
  private startLane: number;
  private first: number;

  private constructor(
    readonly log: TrapLog,
    startLevel: ExceptionLevel,
    private readonly cpu: number,
  ) {
    const { first, keptFrom } = log;
    this.first = first;
    this.since = keptFrom;
    this.blocks = first / BLOCK;
    this.after = new Column(Uint16Array, first);
    let own = first;
    while (own < log.length && log.cpu(own) !== cpu) own++;
    const isFromStart = first === 0 || own === log.length;
    this.startLane = isFromStart ? this.laneOf(startLevel, 0) : this.laneOf(log.levelBefore(own), log.vmidAfter(own));
  }

  /** Up to date with the log. */
  static of(log: TrapLog, startLevel: ExceptionLevel, cpu: number): LaneTimes {
    let all = this.known.get(log);
    if (!all) this.known.set(log, (all = []));
    let times: LaneTimes | undefined = all[cpu];
    // One that was not asked for so long begins again.
    if (!times || times.after.length < log.first) times = all[cpu] = new LaneTimes(log, startLevel, cpu);
    times.forgetOldest();
    times.catchUp();
    return times;
  }

  /** A log forgets whole blocks. */
  private forgetOldest(): void {
    const { log, after, marks } = this;
    if (log.first === this.first) return;
    this.startLane = this.laneBefore(log.first);
    this.first = log.first;
    after.forgetBefore(log.first);
    for (const lane of marks) lane.forgetBefore(log.first / BLOCK);
  }

  private catchUp(): void {
    const { log, after, marks, sums } = this;
    for (let i = after.length; i < log.length; i++) {
      if (i % BLOCK === 0) {
        for (let lane = 0; lane < sums.length; lane++) marks[lane].push(sums[lane]);
        this.blocks++;
      }
      const until = log.step(i) + 1;
      sums[this.laneBefore(i)] += until - this.since;
      this.since = until;
      after.push(log.cpu(i) === this.cpu ? this.laneOf(log.levelAfter(i), log.vmidAfter(i)) : this.laneBefore(i));
    }
  }

  /** EL2 is one lane; EL1 and EL0 have one for each VM. */
  private laneOf(el: ExceptionLevel, vmid: number): number {
    const key = el === 2 ? 2 : (vmid << 2) | el;
    let lane = this.numbers.get(key);
    if (lane === undefined) {
      lane = this.lanes.push({ el, vmid: el === 2 ? 0 : vmid }) - 1;
      this.sums.push(0);
      const from = this.first / BLOCK;
      const marks = new Column(Float64Array, from);
      for (let block = from; block < this.blocks; block++) marks.push(0);
      this.marks.push(marks);
      this.numbers.set(key, lane);
    }
    return lane;
  }

  /** The lane that runs up to event `index`. */
  laneBefore(index: number): number {
    return index === this.first ? this.startLane : this.after.get(index - 1);
  }
  /** How many events the last mark at or before event `index` represents. */
  markedBefore(index: number): number {
    return Math.max(this.first / BLOCK, Math.min(Math.floor(index / BLOCK), this.blocks - 1)) * BLOCK;
  }
  /** Times after so many events as a mark represents. */
  readMark(events: number, into: Float64Array): void {
    if (this.blocks * BLOCK === this.first) return;
    for (let lane = 0; lane < into.length; lane++) into[lane] = this.marks[lane].get(events / BLOCK);
  }
}

/** Goes through the recording and tells how long each lane has run. Instants must not fall. */
class TimeCursor {
  private readonly sums: Float64Array;
  private readonly now: Float64Array;
  /** Events that are in the sums, and the instant at which the last of them ended. */
  private events: number;
  private since: number;

  constructor(private readonly times: LaneTimes) {
    const { log, lanes } = times;
    this.sums = new Float64Array(lanes.length);
    this.now = new Float64Array(lanes.length);
    this.events = log.first;
    this.since = log.keptFrom;
    times.readMark(log.first, this.sums);
  }

  /** Steps of each lane before instant `at`. The array is used again by the next call. */
  timesAt(at: number): Float64Array {
    const { times, sums, now } = this;
    const { log } = times;
    const target = log.firstAt(at);
    const marked = times.markedBefore(target);
    if (marked > this.events) {
      times.readMark(marked, sums);
      this.events = marked;
      this.since = log.step(marked - 1) + 1;
    }
    for (; this.events < target; this.events++) {
      const until = log.step(this.events) + 1;
      sums[times.laneBefore(this.events)] += until - this.since;
      this.since = until;
    }
    now.set(sums);
    now[times.laneBefore(target)] += Math.max(0, at - this.since);
    return now;
  }
}
