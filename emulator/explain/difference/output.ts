/** The first line of console output in which two runs differ. */
import type { OutputLog } from '../../time/output-log.ts';

export interface OutputDifference {
  /** Number of the line, from 1, and its text in both; undefined where a run has no such line. */
  readonly line: number;
  readonly older: string | undefined;
  readonly newer: string | undefined;
  /** The steps that sent the first byte that differs; undefined where a run sent none. */
  readonly olderStep: number | undefined;
  readonly newerStep: number | undefined;
  /** Offset of that byte. */
  readonly offset: number;
}

/** Output as it is compared: of runs that are not over, what the other sent beyond it says nothing. */
export interface SentOutput {
  readonly output: OutputLog;
  readonly isWhole: boolean;
}

/** Bytes compared at a time. */
const PORTION = 1 << 16;
/** Characters of a line that are shown. */
const MOST_SHOWN = 120;
const NEW_LINE = 10;

/** Undefined where there is none. Yields now and then. */
export function* outputDifference(older: SentOutput, newer: SentOutput): Generator<void, OutputDifference | undefined> {
  const [a, b] = [older.output, newer.output];
  const both = Math.min(a.length, b.length);
  // What either has forgotten cannot be compared any more.
  let offset = Math.max(a.first, b.first);
  let line = 1;
  let lineStart = offset;
  for (; offset < both; offset += PORTION) {
    const end = Math.min(both, offset + PORTION);
    const [mine, theirs] = [a.slice(offset, end), b.slice(offset, end)];
    for (let i = 0; i < mine.length; i++) {
      if (mine[i] !== theirs[i]) return found(offset + i);
      if (mine[i] === NEW_LINE) [line, lineStart] = [line + 1, offset + i + 1];
    }
    yield;
  }
  if (a.length === b.length) return undefined;
  const isOver = a.length < b.length ? older.isWhole : newer.isWhole;
  return isOver ? found(both) : undefined;

  function found(at: number): OutputDifference {
    return {
      line,
      older: lineOf(a, lineStart, at),
      newer: lineOf(b, lineStart, at),
      olderStep: a.stepOf(at),
      newerStep: b.stepOf(at),
      offset: at,
    };
  }
}

/** The line that begins at `from`; undefined where nothing of it was sent. */
function lineOf(log: OutputLog, from: number, differsAt: number): string | undefined {
  if (from >= log.length) return undefined;
  const isLong = differsAt - from > MOST_SHOWN / 2;
  const start = isLong ? differsAt - MOST_SHOWN / 2 : from;
  const bytes = log.slice(start, start + MOST_SHOWN);
  const end = bytes.indexOf(NEW_LINE);
  const text = new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end)).replace(/\r$/, '');
  return `${isLong ? '…' : ''}${text}${end < 0 && bytes.length === MOST_SHOWN ? '…' : ''}`;
}
