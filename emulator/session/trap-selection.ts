/**
 * The traps that a filter lets through, found once and then only for what is new: a list of a million rows is shown, counted and cut to
 * a range without being looked through again. The looking itself is done in portions, so that no frame waits for it.
 */
import { trapWords, typeTitle, type WordsSource } from '../explain/trap-words.ts';
import { parseTrapFilter, type TrapTest } from '../explain/trap-filter.ts';
import { Column } from '../time/columns.ts';
import type { TrapLog, TrapType } from '../time/trap-log.ts';
import type { TrapChoice, TypeCount } from './views.ts';

/** Indices of traps in order, by places that begin at 0 with the first trap of the run, listed or not. */
export interface TrapIndices {
  readonly length: number;
  get(place: number): number;
  /** The first place whose index is not less than `index`. */
  lowerBound(index: number): number;
}

/** Traps looked at between looks at the host's clock. */
const PORTION = 512;
/** Filters kept for each recording: the one in use and a few that were. */
const KEPT = 4;
/** Words kept for one filter. */
const MOST_WORDS = 20_000;

export class TrapSelection {
  private static readonly known = new WeakMap<TrapLog, Map<string, TrapSelection>>();
  private readonly test: TrapTest | undefined;
  private readonly passed = new Column(Float64Array);
  private readonly byType = new Map<TrapType, Column<Float64Array>>();
  private readonly words = new Map<string, string>();
  /** Traps looked at so far. */
  private looked = 0;

  private constructor(
    private readonly log: TrapLog,
    private readonly source: WordsSource,
    filter: string,
  ) {
    this.test = parseTrapFilter(filter);
  }

  /** The selection of this filter, as far as it has come. Throws InputError for a filter that makes no sense. */
  static of(log: TrapLog, source: WordsSource, { filter = '', returns = true }: TrapChoice): TrapSelection {
    // In front: what a person types may end inside of quotes.
    return this.ofFilter(log, source, returns ? filter : `-eret ${filter}`);
  }
  private static ofFilter(log: TrapLog, source: WordsSource, filter: string): TrapSelection {
    let kept: Map<string, TrapSelection> | undefined = this.known.get(log);
    if (!kept) this.known.set(log, (kept = new Map<string, TrapSelection>()));
    // A filter may ask for names.
    const key = `${source.names.version} ${filter}`;
    const selection = kept.get(key) ?? new TrapSelection(log, source, filter);
    // The last used one goes to the end; the first is dropped.
    kept.delete(key);
    kept.set(key, selection);
    for (const old of kept.keys()) if (kept.size > KEPT) kept.delete(old);
    return selection;
  }

  /** Looks at what is new, for about so many milliseconds of the host's time. True: all of it has been looked at. */
  advance(milliseconds: number): boolean {
    const { log, test } = this;
    const deadline = performance.now() + milliseconds;
    this.forgetOldest();
    while (this.looked < log.length) {
      const until = Math.min(log.length, this.looked + PORTION);
      for (let index = this.looked; index < until; index++) {
        if (test && !test(log, index, () => this.wordsOf(index))) continue;
        if (test) this.passed.push(index);
        this.listOf(log.type(index)).push(index);
      }
      this.looked = until;
      if (performance.now() >= deadline) break;
    }
    return this.looked === log.length;
  }

  /** What the log has forgotten is not listed. */
  private forgetOldest(): void {
    const { first } = this.log;
    if (first === 0) return;
    this.looked = Math.max(this.looked, first);
    for (const list of [this.passed, ...this.byType.values()]) list.forgetBefore(list.lowerBound(first));
  }

  /** The words of an event in the list: of a million events, most have those of some hundreds. */
  private wordsOf(index: number): string {
    const { log, words, source } = this;
    const likeness = log.likeness(index);
    let text = words.get(likeness);
    if (text === undefined) {
      if (words.size >= MOST_WORDS) words.clear();
      words.set(likeness, (text = trapWords(log.get(index), source)));
    }
    return text;
  }

  /** Share of what is listed in the recording that has been looked at. */
  get searched(): number {
    const { first, length } = this.log;
    return length === first ? 1 : (this.looked - first) / (length - first);
  }

  /** What has been found, of one type or of all. */
  indices(type?: string): TrapIndices {
    if (type !== undefined) return this.byType.get(type as TrapType) ?? none;
    return this.test ? this.passed : { length: this.looked, get: (place) => place, lowerBound: (index) => Math.min(index, this.looked) };
  }
  /** How many of each type there are from index `first` to before `last`; with every type that occurs anywhere. */
  counts(first: number, last: number): TypeCount[] {
    const counts = [...this.byType].map(([type, list]) => {
      return { type, name: typeTitle(type), count: list.lowerBound(last) - list.lowerBound(first) };
    });
    return counts.sort((a, b) => b.count - a.count);
  }

  private listOf(type: TrapType): Column<Float64Array> {
    let list = this.byType.get(type);
    if (!list) this.byType.set(type, (list = new Column(Float64Array)));
    return list;
  }
}

const none: TrapIndices = { length: 0, get: () => -1, lowerBound: () => 0 };
