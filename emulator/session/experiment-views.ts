/** Experiments: the run as it was and another future of it, side by side. */
import type { ComparisonView } from './trap-views.ts';

/** What a change did. */
export interface MadeChange {
  /** "HCR_EL2.TWI", "x0", "[0x40090000]". */
  readonly what: string;
  readonly register: string;
  readonly before: string;
  readonly after: string;
}
/** A register that can be written and holds another value in the other future. */
export interface DifferingRegister {
  readonly name: string;
  readonly was: string;
  readonly other: string;
}

/** One of the two. */
export type FutureSide = 'was' | 'other';

/** An experiment that is kept. */
export interface ExperimentRow {
  readonly id: number;
  readonly name: string;
  readonly at: number;
  /** "HCR_EL2.TWI=0". */
  readonly set: readonly string[];
}

export interface ExperimentsView {
  readonly list: readonly ExperimentRow[];
  /** The one whose two futures are there to be looked at. */
  readonly open:
    | (ExperimentRow & {
        readonly made: readonly MadeChange[];
        /** The latest instant of each. */
        readonly ends: Readonly<Record<FutureSide, number>>;
        /** How far from the change they can be looked at: steps, and traps of the one that has more of them. */
        readonly steps: number;
        readonly traps: number;
        readonly comparison: ComparisonView;
      })
    | null;
}

/** The same distance from the change: the same number of steps, or of traps. */
export type DistanceBy = 'step' | 'trap';

/** Both futures at one distance from the change. */
export interface FuturePlaces {
  readonly distance: number;
  readonly at: Readonly<Record<FutureSide, number>>;
  /** That future does not come so far: it is at its end. */
  readonly isEnd: Readonly<Record<FutureSide, boolean>>;
  readonly registers: readonly DifferingRegister[];
}
