/** The table of two runs side by side: the traps around each difference, and how many that are the same lie between. */
import { trapRow, type RowSource } from '../trap-story.ts';
import type { TrapRow } from '../views.ts';
import type { TrapSequence } from './sequence.ts';
import { differingFields, type TrapDifference, type TrapDifferences } from './traps.ts';

export interface ComparedRow {
  /** `skipped`: `count` events that are the same; `left-out`: as many that differ like those before. */
  readonly kind: 'same' | TrapDifference['kind'] | 'skipped' | 'left-out';
  readonly count: number;
  /** Null where the run has no such event. */
  readonly older: TrapRow | null;
  readonly newer: TrapRow | null;
  /** Fields of the line of a trap file in which the two differ. */
  readonly fields: readonly string[];
}

/** One of the runs: its rows, and what is compared of them. */
export interface RowsOf {
  readonly source: RowSource;
  readonly sequence: TrapSequence;
}

/** Events before and after a difference, of one difference, and differences that are shown. */
const CONTEXT = 3;
const MOST_OF_ONE = 12;
const MOST_DIFFERENCES = 40;

export function comparedRows({ list, pairs }: TrapDifferences, older: RowsOf, newer: RowsOf): ComparedRow[] {
  const rows: ComparedRow[] = [];
  const row = (kind: ComparedRow['kind'], a: number | null, b: number | null): void => {
    const isPair = a !== null && b !== null;
    rows.push({
      kind,
      count: 1,
      older: a === null ? null : trapRow(older.source, a),
      newer: b === null ? null : trapRow(newer.source, b),
      fields: kind === 'other' && isPair ? differingFields(older.sequence.fields(a), newer.sequence.fields(b)) : [],
    });
  };
  const skip = (count: number, kind: 'skipped' | 'left-out' = 'skipped'): void => {
    if (count > 0) rows.push({ kind, count, older: null, newer: null, fields: [] });
  };
  const same = (a: number, b: number, count: number): void => {
    for (let i = 0; i < count; i++) row('same', a + i, b + i);
  };
  /** Those that are the same, from here to before the next difference; of many only the first and the last. */
  const between = (a: number, b: number, count: number, isFirst: boolean): void => {
    const [head, tail] = [isFirst ? 0 : CONTEXT, CONTEXT];
    if (count <= head + tail + 1) return same(a, b, count);
    same(a, b, head);
    skip(count - head - tail);
    same(a + count - tail, b + count - tail, tail);
  };
  let [a, b] = [pairs.at(0)?.a ?? 0, pairs.at(0)?.b ?? 0];
  const first = list.at(0);
  if (first && (first.a < a || first.b < b)) [a, b] = [first.a, first.b];
  for (const [i, one] of list.slice(0, MOST_DIFFERENCES).entries()) {
    between(a, b, one.a - a, i === 0);
    const count = Math.max(one.aEnd - one.a, one.bEnd - one.b);
    for (let k = 0; k < Math.min(count, MOST_OF_ONE); k++)
      row(one.kind, one.a + k < one.aEnd ? one.a + k : null, one.b + k < one.bEnd ? one.b + k : null);
    skip(count - MOST_OF_ONE, 'left-out');
    [a, b] = [one.aEnd, one.bEnd];
  }
  if (list.length === 0) return rows;
  const last = pairs.at(-1);
  const left = list.length > MOST_DIFFERENCES ? list[MOST_DIFFERENCES].a - a : (last?.aEnd ?? a) - a;
  const shown = Math.max(0, Math.min(CONTEXT, left));
  same(a, b, shown);
  if (list.length <= MOST_DIFFERENCES) skip(left - shown);
  return rows;
}
