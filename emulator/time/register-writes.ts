/**
 * Which MSR last wrote a system register before an instant, found by replaying the past from keyframe to keyframe, the latest part first. A
 * search resumes where it stopped, so the caller can spend a little time, answer with what is known, and ask again.
 */
import type { WatchedWrite } from '../machine/watches.ts';
import type { Timeline } from './timeline.ts';
import type { TrapLog } from './trap-log.ts';

export class WriteSearch {
  readonly writes = new Map<string, WatchedWrite>();
  /** What came before this instant has not been looked at. */
  private from: number;

  constructor(
    private readonly timeline: Timeline,
    private readonly registers: readonly string[],
    before: number,
  ) {
    this.from = before;
  }

  /** All are found, or nothing of the past is left to look at: what is not found was never written. */
  get isComplete(): boolean {
    return this.from === 0 || this.writes.size === this.registers.length;
  }

  /** Goes on until it is complete or `ms` have passed, and for one keyframe's worth of the past at least. The machine stays where it is. */
  search(ms: number): this {
    const { timeline } = this;
    if (this.isComplete || this.from <= timeline.first) return this;
    const home = timeline.at;
    const started = performance.now();
    const found: WatchedWrite[] = [];
    const stop = timeline.machine.watches.onReport.on((report) => {
      if (report.kind === 'register') found.push(report);
    });
    try {
      do this.searchInterval(found);
      while (!this.isComplete && performance.now() - started < ms);
    } finally {
      stop();
      timeline.returnTo(home);
    }
    return this;
  }

  private searchInterval(found: WatchedWrite[]): void {
    const { timeline, registers } = this;
    const watched = { memory: [], registers: [], named: registers };
    const from = timeline.keyframes.before(this.from - 1) ?? 0;
    timeline.returnTo(from, watched);
    found.length = 0;
    timeline.forwardTo(this.from, { watched });
    for (const write of found.toReversed()) if (!this.writes.has(write.register)) this.writes.set(write.register, write);
    this.from = from;
  }
}

/** The last search of each set of registers, by recording: views of one instant ask for the same several times. */
const known = new WeakMap<TrapLog, Map<string, KnownSearch>>();
interface KnownSearch {
  readonly before: number;
  readonly search: WriteSearch;
}

/** Who wrote these registers before an instant, as far as `ms` of searching tell. */
export function lastWrites(timeline: Timeline, registers: readonly string[], before: number, ms: number): WriteSearch {
  let searches = known.get(timeline.traps);
  if (!searches) known.set(timeline.traps, (searches = new Map<string, KnownSearch>()));
  const key = registers.join();
  let last = searches.get(key);
  if (last?.before !== before) searches.set(key, (last = { before, search: new WriteSearch(timeline, registers, before) }));
  return last.search.search(ms);
}
