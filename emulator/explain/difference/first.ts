/** The first difference of two runs, side by side. */
import type { TrapFields } from '../../time/trap-line.ts';
import type { Place } from '../views.ts';
import type { RunDifference } from './run-difference.ts';
import type { TrapSequence } from './sequence.ts';
import { differingFields, type TrapDifference } from './traps.ts';

/** One run at the first difference. */
export interface Side {
  /** The step that did it. */
  readonly n: number;
  /** Index of the trap; null where the difference is in the output. */
  readonly index: number | null;
  /** "HVC"; "output". */
  readonly name: string;
  /** Where it came from; null where that is not known. */
  readonly place: Place | null;
  /** The trap as it is compared: addresses by names that both runs share. Null for output. */
  readonly line: TrapFields | null;
  /** The line of output. */
  readonly text: string | null;
}

export interface FirstDifference {
  readonly kind: TrapDifference['kind'] | 'output';
  /** Fields of the line of a trap file in which the two traps differ. */
  readonly fields: readonly string[];
  /** Null where a run has nothing there. */
  readonly older: Side | null;
  readonly newer: Side | null;
}

/** Where the machine of a run was when it sent a byte of output; undefined where its machine is not here any more. */
export type PlaceOfStep = (n: number) => Place | undefined;

const unknown: PlaceOfStep = () => undefined;

export function firstDifferenceOf(
  { traps, output }: RunDifference,
  a: TrapSequence,
  b: TrapSequence,
  [olderPlace, newerPlace]: readonly [PlaceOfStep, PlaceOfStep] = [unknown, unknown],
): FirstDifference | undefined {
  const [first, next] = traps.list;
  if (first) return ofTraps(isInPlaceOf(next, first) ? { ...first, bEnd: next.bEnd } : first, a, b);
  if (!output) return undefined;
  const side = (n: number | undefined, text: string | undefined, place: PlaceOfStep): Side | null =>
    n === undefined ? null : { n, index: null, name: 'output', place: place(n) ?? null, line: null, text: text ?? '' };
  return {
    kind: 'output',
    fields: [],
    older: side(output.olderStep, output.older, olderPlace),
    newer: side(output.newerStep, output.newer, newerPlace),
  };
}

/** What only the newer run has stands where the older one has something that only it has. */
const isInPlaceOf = (next: TrapDifference | undefined, { kind, aEnd, bEnd }: TrapDifference): next is TrapDifference =>
  kind === 'fewer' && next?.kind === 'more' && next.a === aEnd && next.b === bEnd;

function ofTraps({ kind, ...at }: TrapDifference, a: TrapSequence, b: TrapSequence): FirstDifference {
  const older = at.a < at.aEnd ? trapSide(a, at.a) : null;
  const newer = at.b < at.bEnd ? trapSide(b, at.b) : null;
  return { kind, fields: kind !== 'fewer' && older?.line && newer?.line ? differingFields(older.line, newer.line) : [], older, newer };
}

const trapSide = (sequence: TrapSequence, index: number): Side => ({
  n: sequence.step(index),
  index,
  name: sequence.name(index),
  place: sequence.place(index) ?? null,
  line: sequence.fields(index),
  text: null,
});
