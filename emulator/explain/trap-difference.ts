/**
 * The first difference of two sequences of traps. They are compared as the lines of a trap file, place by place: the first line that
 * differs in any field, or that only one of them has. One definition for the command line and the app.
 */
import type { TrapFields } from '../time/trap-line.ts';
import type { TrapLog } from '../time/trap-log.ts';

export interface TrapLines {
  readonly length: number;
  line(index: number): TrapFields;
  /** Where the lines come from a recording: spares making lines of events that are the same. */
  readonly log?: TrapLog;
}

export const linesOfLog = (log: TrapLog): TrapLines => ({
  get length() {
    return log.length;
  },
  line: (index) => ({ ...log.line(index) }),
  log,
});
export const linesOfFile = (lines: readonly TrapFields[]): TrapLines => ({ length: lines.length, line: (index) => lines[index] });

/** Index of the first of the lines `from` to before `to` that differs; both must have them. */
export function firstDifference(a: TrapLines, b: TrapLines, from: number, to: number): number | undefined {
  for (let i = from; i < to; i++) {
    if (a.log && b.log && a.log.isSame(i, b.log)) continue;
    if (differingFields(a.line(i), b.line(i)).length > 0) return i;
  }
  return undefined;
}

export const differingFields = (a: TrapFields, b: TrapFields): string[] =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => a[key] !== b[key]);
