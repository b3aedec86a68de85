/** Views of what passed between exception levels: when which of them ran, their traps, and those of another run beside them. */
import type { FirstDifference, Side } from '../explain/difference/first.ts';
import type { ComparedRow } from '../explain/difference/rows.ts';
import type { RunSize } from '../explain/difference/run-difference.ts';
import type { RunNames } from '../explain/difference/words.ts';
import type { Level, TrapRow } from '../explain/views.ts';
import type { TrapFields } from '../time/trap-line.ts';

export type { ComparedRow, FirstDifference, RunSize, Side, TrapFields };

// ---- lanes: which level ran when

/** EL2 is one lane (VMID 0); EL1 and EL0 have one for each VMID. */
export interface Lane {
  readonly el: Level;
  readonly vmid: number;
}
export interface LaneSpan extends Lane {
  readonly from: number;
  readonly to: number;
}

/** Registers that a person changed at one instant, or at several that a picture cannot show apart. */
export interface ChangeMark {
  /** The first of the instants. */
  readonly n: number;
  /** "x0 changed by hand". */
  readonly text: string;
}

export interface LanesView {
  readonly from: number;
  readonly to: number;
  /** Index of the first event in the range, and how many there are. */
  readonly first: number;
  readonly events: number;
  /** Every lane of the recording so far, in the order in which they ran first. */
  readonly lanes: readonly Lane[];
  /** What ran from when to when, in order and without gaps; null where there is too much of it for the width. */
  readonly spans: readonly LaneSpan[] | null;
  /** Instead: for each lane and each of `width` equal bins, the share of the bin that it ran, 0..255, and at least 1 where it ran at all. */
  readonly shares: readonly (readonly number[])[] | null;
  /** Nothing is known of the lanes before this instant, though it can be gone to. */
  readonly keptFrom: number;
  /** In order, at most one for each bin. */
  readonly changes: readonly ChangeMark[];
}

// ---- traps

export interface TypeCount {
  readonly type: string;
  /** The type as a label. */
  readonly name: string;
  readonly count: number;
}

/** The rounds of an exception loop after the first, in one line. */
export interface RepeatedTraps {
  /** "from step 120 on, the same 3 exceptions repeat every 17 steps". */
  readonly text: string;
  /** How often the round is in the recording, from which step to which. */
  readonly times: number;
  readonly from: number;
  readonly to: number;
}

export interface TrapsView {
  /** Rows of the list as it is filtered. */
  readonly total: number;
  /** Place of the first row in `rows`. */
  readonly first: number;
  readonly rows: readonly TrapRow[];
  /** How many of each type there are in the range, whatever `type` says; those of the whole recording are all there. */
  readonly counts: readonly TypeCount[];
  /** Share of the recording that the filter has looked at: below 1, more rows are coming. */
  readonly searched: number;
  /** Place of the trap asked for, or of the last row before it; null where there is none. */
  readonly found: number | null;
  /** Index of the row that stands for the trap asked for: its own, or, where returns are left out, that of the trap which it ends. */
  readonly sought: number | null;
  /** Traps of earlier steps are no longer listed; 0: all are. */
  readonly keptFrom: number;
  /** What `folded` leaves out: the trap asked for, if it is of a later round, is the last row all the same. Null where nothing repeats, or not in these rows, or it was not asked for. */
  readonly repeated: RepeatedTraps | null;
}

/** Which traps are meant. */
export interface TrapChoice {
  /** In the language of explain/trap-filter.ts: "vm:1, to:EL2". */
  readonly filter?: string | undefined;
  /** Only this type, beside the filter. */
  readonly type?: string | undefined;
  /** False: without the returns. */
  readonly returns?: boolean | undefined;
  /** Only those of steps `from` to before `to`. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

// ---- comparison: another run beside the open one

export interface ComparisonView {
  readonly open: RunSize;
  readonly other: RunSize;
  /** What the sentence calls them. */
  readonly names: RunNames;
  /** The text of the source lines of the first difference, null where it is not known. */
  readonly sources: { readonly older: string | null; readonly newer: string | null };
  /** Null until they have been compared. */
  readonly result: {
    readonly sentence: string;
    readonly isSame: boolean;
    /** Events that both have. */
    readonly common: number;
    /** Traps that only the open run has, and that only the other one has. */
    readonly more: readonly TypeCount[];
    readonly fewer: readonly TypeCount[];
    /** Traps of both with other values, and stretches with another number of instructions. */
    readonly others: number;
    readonly timed: number;
    readonly first: FirstDifference | null;
    readonly rows: readonly ComparedRow[];
    /** The open run has not gone on since. */
    readonly isAll: boolean;
  } | null;
}
