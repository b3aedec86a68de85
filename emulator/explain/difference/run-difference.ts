/** All in which two runs differ: traps, the instructions between them, values, console output. */
import { outputDifference, type OutputDifference } from './output.ts';
import { isSameProgram, sequencesOf, type ComparedRun, type SharedNames, type TrapSequence } from './sequence.ts';
import { Keys, trapDifferences, type Range, type TrapDifferences } from './traps.ts';

export interface RunDifference {
  readonly traps: TrapDifferences;
  readonly output: OutputDifference | undefined;
  /** Nothing differs, as far as both were run. */
  readonly isSame: boolean;
  /** The run that was not run as far as the other one, though it goes on; undefined where neither is so. */
  readonly unknown: 'older' | 'newer' | undefined;
  /** What either has forgotten was not compared. */
  readonly isFromStart: boolean;
  readonly isSameProgram: boolean;
  /** Nothing but traps was compared. */
  readonly isOfTraps: boolean;
  readonly older: RunSize;
  readonly newer: RunSize;
}

export interface RunSize {
  readonly name: string;
  /** Exceptions, returns and calls to firmware. */
  readonly traps: number;
  /** Instructions. */
  readonly end: number;
  /** Bytes sent to the console. */
  readonly output: number;
  readonly isWhole: boolean;
}

export const sizeOf = ({ name, traps, end, output, isWhole }: ComparedRun): RunSize => ({
  name,
  traps: traps.length,
  end,
  output: output.length,
  isWhole,
});

/** Compares two runs again and again while they go on. */
export class RunComparison {
  readonly a: TrapSequence;
  readonly b: TrapSequence;
  private readonly keys: readonly [Keys, Keys];
  private readonly isSameProgram: boolean;

  constructor(
    private readonly older: ComparedRun,
    newer: ComparedRun,
    shared: SharedNames,
  ) {
    [this.a, this.b] = sequencesOf(older, newer, shared);
    this.keys = [new Keys(this.a), new Keys(this.b)];
    this.isSameProgram = isSameProgram(older, newer);
  }

  /** Compares what there is now. `newer`: the same run as before, perhaps further. Yields now and then. */
  *compare(newer: ComparedRun): Generator<void, RunDifference> {
    const { older } = this;
    const [a, b] = [sizeOf(older), sizeOf(newer)];
    const unknown = !a.isWhole && a.end < b.end ? 'older' : !b.isWhole && b.end < a.end ? 'newer' : undefined;
    // A run that was not run as far is compared with what the other had done by then.
    const until = unknown ? Math.min(a.end, b.end) : Infinity;
    const from = Math.max(older.traps.first, newer.traps.first);
    const range: Range = {
      from,
      aEnd: until < a.end ? older.traps.firstAt(until) : a.traps,
      bEnd: until < b.end ? newer.traps.firstAt(until) : b.traps,
      isOpenStart: from > 0,
      isOpenEnd: !a.isWhole || !b.isWhole,
      ends: a.isWhole && b.isWhole ? [a.end, b.end] : undefined,
    };
    const traps = yield* trapDifferences(...this.keys, range);
    const output = yield* outputDifference(older, newer);
    return {
      traps,
      output,
      isSame: traps.list.length === 0 && output === undefined,
      unknown,
      isFromStart: from === 0 && older.output.first === 0 && newer.output.first === 0,
      isSameProgram: this.isSameProgram,
      isOfTraps: false,
      older: a,
      newer: b,
    };
  }
}

/** The same of two trap files, which know nothing but traps. */
export function compareFiles(a: TrapSequence, b: TrapSequence, names: readonly [string, string]): RunDifference {
  const size = (sequence: TrapSequence, name: string): RunSize => ({
    name,
    traps: sequence.length,
    end: sequence.length > 0 ? sequence.step(sequence.length - 1) + 1 : 0,
    output: 0,
    isWhole: true,
  });
  const [older, newer] = [size(a, names[0]), size(b, names[1])];
  const range = { from: 0, aEnd: a.length, bEnd: b.length, isOpenStart: false, isOpenEnd: false, ends: undefined };
  const traps = finished(trapDifferences(new Keys(a), new Keys(b), range));
  const isSame = traps.list.length === 0;
  return { traps, output: undefined, isSame, unknown: undefined, isFromStart: true, isSameProgram: true, isOfTraps: true, older, newer };
}

/** The result of work that is not to be done in portions. */
export function finished<T>(work: Generator<unknown, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
