/** In what two sequences of traps differ: aligned, so that one trap more does not make all the others look different. */
import { align, type Hunk } from '../../base/align.ts';
import { textHash } from '../../base/text-hash.ts';
import type { TrapFields } from '../../time/trap-line.ts';
import type { TrapSequence } from './sequence.ts';

/**
 * Traps `a` to before `aEnd` of the older run against `b` to before `bEnd` of the newer one. `more`, `fewer`: only one of them has any.
 * `other`: one in place of one, of the same sort, with other values. `timed`: one each, the same in all but the instructions before it; at
 * the end of a run there is none.
 */
export interface TrapDifference extends Hunk {
  readonly kind: 'more' | 'fewer' | 'other' | 'timed';
}

export interface TrapDifferences {
  /** In order; beyond the first thousand they are only counted. */
  readonly list: readonly TrapDifference[];
  /** The stretches in which both have the same traps, in order, whatever their values. */
  readonly pairs: readonly Hunk[];
  /** Traps that only one of them has, by name; a return belongs to its trap. */
  readonly more: ReadonlyMap<string, number>;
  readonly fewer: ReadonlyMap<string, number>;
  /** Traps with other values, and stretches of other length. */
  readonly others: number;
  readonly timed: number;
  /** Traps that both have. */
  readonly common: number;
  /** What only the newer run has is what only the older one has, at another place. */
  readonly isReordered: boolean;
  /** Steps by which the newer run is behind at the last trap of both. */
  readonly shift: number;
}

/** Which traps of two sequences are looked at. */
export interface Range {
  readonly from: number;
  readonly aEnd: number;
  readonly bEnd: number;
  /** One of the runs was not run to its end: that the other goes on there is no difference. */
  readonly isOpenEnd: boolean;
  readonly isOpenStart: boolean;
  /** Steps from the last trap to the end of each run, where both have ended. */
  readonly ends: readonly [number, number] | undefined;
}

const MOST_LISTED = 1000;
/** Traps between yields. */
const PORTION = 2000;

/** Gives numbers to what is the same, as far as they are asked for: a run that goes on gets more of them. */
export class Keys {
  private numbers = new Float64Array(1024);
  private length: number;
  constructor(readonly sequence: TrapSequence) {
    this.length = sequence.first;
  }
  /** All up to `end`; yields how many there are. */
  *to(end: number): Generator<number> {
    while (this.length < end) {
      const until = Math.min(end, this.length + PORTION);
      if (until > this.numbers.length) {
        const longer = new Float64Array(Math.max(until, 2 * this.numbers.length));
        longer.set(this.numbers);
        this.numbers = longer;
      }
      for (; this.length < until; this.length++) this.numbers[this.length] = textHash(this.sequence.key(this.length));
      yield this.length;
    }
  }
  between(from: number, to: number): Float64Array {
    return this.numbers.subarray(from, to);
  }
}

/** Yields now and then. */
export function* trapDifferences(olderKeys: Keys, newerKeys: Keys, range: Range): Generator<void, TrapDifferences> {
  const [a, b] = [olderKeys.sequence, newerKeys.sequence];
  const { from, aEnd, bEnd, isOpenEnd, isOpenStart } = range;
  for (const keys of [olderKeys.to(aEnd), newerKeys.to(bEnd)]) for (const _ of keys) yield;
  const found = yield* quietly(align(olderKeys.between(from, aEnd), newerKeys.between(from, bEnd)));
  const moved = found.map((hunk) => ({ a: hunk.a + from, aEnd: hunk.aEnd + from, b: hunk.b + from, bEnd: hunk.bEnd + from }));
  const hunks: TrapDifference[] = [];
  for (const hunk of moved) {
    if (hunk.a < hunk.aEnd && hunk.b < hunk.bEnd) hunks.push(...(yield* split(a, b, hunk)));
    else hunks.push(...oneSided(slid(a, b, hunk, { from, aEnd, bEnd })));
  }
  const isOneSided = ({ kind }: TrapDifference): boolean => kind === 'more' || kind === 'fewer';
  const first = hunks.at(0);
  if (isOpenStart && first && first.a === from && first.b === from && isOneSided(first)) hunks.shift();
  const tail: Hunk = { a: aEnd, aEnd, b: bEnd, bEnd };
  const last = hunks.at(-1);
  // Where both have something else at the end, neither just goes on there.
  const before = hunks.at(-2);
  const isInPlace = last !== undefined && before !== undefined && isOneSided(before) && before.aEnd === last.a && before.bEnd === last.b;
  const isCut = isOpenEnd && last !== undefined && !isInPlace && last.aEnd === aEnd && last.bEnd === bEnd && isOneSided(last);
  if (isCut) hunks.pop();
  const end = isCut ? last : tail;
  return yield* sum(a, b, hunks, { from: first && hunks[0] !== first && isOpenStart ? first : { aEnd: from, bEnd: from }, end, range });
}

function* quietly<T>(work: Generator<unknown, T>): Generator<void, T> {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
    yield;
  }
}

const oneSided = ({ a, aEnd, b, bEnd }: Hunk): TrapDifference[] => [
  ...(a < aEnd ? [{ kind: 'fewer', a, aEnd, b, bEnd: b } as const] : []),
  ...(b < bEnd ? [{ kind: 'more', a: aEnd, aEnd, b, bEnd } as const] : []),
];

/** Traps in place of others: those of the same sort are the same ones with other values. */
function* split(a: TrapSequence, b: TrapSequence, hunk: Hunk): Generator<void, TrapDifference[]> {
  const sorts = (sequence: TrapSequence, from: number, to: number): Float64Array =>
    Float64Array.from({ length: to - from }, (_, i) => textHash(sequence.sort(from + i)));
  const inner = yield* quietly(align(sorts(a, hunk.a, hunk.aEnd), sorts(b, hunk.b, hunk.bEnd)));
  const list: TrapDifference[] = [];
  let [x, y] = [hunk.a, hunk.b];
  const others = (until: number): void => {
    for (; x < until; x++, y++) list.push({ kind: 'other', a: x, aEnd: x + 1, b: y, bEnd: y + 1 });
  };
  for (const part of inner) {
    others(hunk.a + part.a);
    list.push(...oneSided({ a: hunk.a + part.a, aEnd: hunk.a + part.aEnd, b: hunk.b + part.b, bEnd: hunk.b + part.bEnd }));
    [x, y] = [hunk.a + part.aEnd, hunk.b + part.bEnd];
  }
  others(hunk.aEnd);
  return list;
}

/**
 * Where one of several that are alike was added, the alignment cannot tell which. The instructions between them can: of all places that are
 * as good, the one that leaves the most stretches as long as they were.
 */
function slid(a: TrapSequence, b: TrapSequence, hunk: Hunk, limits: Pick<Range, 'from' | 'aEnd' | 'bEnd'>): Hunk {
  const isMore = hunk.a === hunk.aEnd;
  const [long, short] = isMore ? [b, a] : [a, b];
  const [from, to, other] = isMore ? [hunk.b, hunk.bEnd, hunk.a] : [hunk.a, hunk.aEnd, hunk.b];
  const [longEnd, shortEnd] = isMore ? [limits.bEnd, limits.aEnd] : [limits.aEnd, limits.bEnd];
  const length = to - from;
  const gap = (sequence: TrapSequence, i: number): number => (i > limits.from ? sequence.step(i) - sequence.step(i - 1) : sequence.step(i));
  // `at`: how far it is moved. Moved by one, the trap behind it comes before it.
  let [best, bestScore, score] = [0, 0, 0];
  for (let at = 0; at < MOST_SLID; at++) {
    const next = to + at;
    if (next >= longEnd || other + at >= shortEnd || long.key(next) !== long.key(from + at)) break;
    const before = gap(long, from + at) === gap(short, other + at) ? 1 : 0;
    const after = gap(long, next) === gap(short, other + at) ? 1 : 0;
    score += before - after;
    if (score > bestScore) [best, bestScore] = [at + 1, score];
  }
  score = 0;
  for (let at = 0; at > -MOST_SLID; at--) {
    const previous = from + at - 1;
    const place = other + at - 1;
    if (previous < limits.from || place < limits.from || long.key(previous) !== long.key(to + at - 1)) break;
    const before = gap(long, previous) === gap(short, place) ? 1 : 0;
    const after = gap(long, to + at - 1) === gap(short, place) ? 1 : 0;
    score += after - before;
    if (score > bestScore) [best, bestScore] = [at - 1, score];
  }
  const [newFrom, newOther] = [from + best, other + best];
  return isMore
    ? { a: newOther, aEnd: newOther, b: newFrom, bEnd: newFrom + length }
    : { a: newFrom, aEnd: newFrom + length, b: newOther, bEnd: newOther };
}
const MOST_SLID = 10_000;

interface Bounds {
  readonly from: { readonly aEnd: number; readonly bEnd: number };
  readonly end: { readonly a: number; readonly b: number };
  readonly range: Range;
}

/** Goes through both once, and notes what differs in what they have in common. */
function* sum(
  a: TrapSequence,
  b: TrapSequence,
  hunks: readonly TrapDifference[],
  { from, end, range }: Bounds,
): Generator<void, TrapDifferences> {
  const list: TrapDifference[] = [];
  const pairs: Hunk[] = [];
  const [more, fewer] = [new Map<string, number>(), new Map<string, number>()];
  const [added, removed] = [new Map<string, number>(), new Map<string, number>()];
  const counts = { more: 0, fewer: 0, other: 0, timed: 0 };
  let common = 0;
  let [x, y] = [from.aEnd, from.bEnd];
  let shift = 0;
  let known = x === 0 && y === 0;
  const isTimeless = a.isTimeless === true || b.isTimeless === true;
  const shiftAt = (): number => (isTimeless ? 0 : b.step(y) - a.step(x));
  const differ = (one: TrapDifference): void => {
    counts[one.kind]++;
    if (list.length < MOST_LISTED) list.push(one);
  };
  const pair = (): void => {
    common++;
    const now = shiftAt();
    const one = { a: x, aEnd: x + 1, b: y, bEnd: y + 1 };
    const isTimed = known && now !== shift;
    const isSame = a.isSame(x, b, y) || differingFields(a.fields(x), b.fields(y)).length === 0;
    if (!isSame || (known && !isTimed && a.interrupted(x) !== b.interrupted(y))) differ({ kind: 'other', ...one });
    else if (isTimed) differ({ kind: 'timed', ...one });
    shift = now;
    known = true;
  };
  for (const hunk of [...hunks, { kind: undefined, a: end.a, aEnd: end.a, b: end.b, bEnd: end.b }]) {
    const start = { a: x, b: y };
    for (; x < hunk.a; x++, y++) {
      pair();
      if (common % PORTION === 0) yield;
    }
    if (x > start.a) pairs.push({ ...start, aEnd: x, bEnd: y });
    if (!hunk.kind) break;
    if (hunk.kind === 'other') {
      pairs.push(hunk);
      common++;
      shift = shiftAt();
    } else {
      count(a, hunk.a, hunk.aEnd, fewer, removed);
      count(b, hunk.b, hunk.bEnd, more, added);
      // How far apart they are from here on is part of this difference.
      known = false;
    }
    differ(hunk);
    [x, y] = [hunk.aEnd, hunk.bEnd];
  }
  const { ends } = range;
  if (ends) {
    const now = ends[1] - ends[0];
    if (known && now !== shift) differ({ kind: 'timed', a: range.aEnd, aEnd: range.aEnd, b: range.bEnd, bEnd: range.bEnd });
    shift = now;
  }
  return {
    list,
    pairs,
    more,
    fewer,
    others: counts.other,
    timed: counts.timed,
    common,
    isReordered:
      counts.other === 0 && added.size > 0 && added.size === removed.size && [...added].every(([key, n]) => removed.get(key) === n),
    shift,
  };
}

function count(sequence: TrapSequence, from: number, to: number, names: Map<string, number>, keys: Map<string, number>): void {
  const add = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);
  // A return that came with its trap is part of it.
  const isOwn = (i: number): boolean => !sequence.isReturn(i) || i === from;
  for (let i = from; i < to; i++) {
    add(keys, sequence.key(i));
    if (isOwn(i)) add(names, sequence.name(i));
  }
}

/** The fields of two lines of a trap file in which they differ. */
export const differingFields = (a: TrapFields, b: TrapFields): string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => a[key] !== b[key]);
