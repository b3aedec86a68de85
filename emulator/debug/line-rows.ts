/**
 * The rows of a line number table in columns: a table of millions, which an object for each row would make take seconds and hundreds of
 * megabytes.
 */
import { VA } from '../base/addresses.ts';

/** In place of a file: the row ends a sequence. */
export const END = -1;
const HIGH = 2 ** 32;

export class LineRows {
  length = 0;
  private low = new Uint32Array(1024);
  private high = new Uint32Array(1024);
  private files = new Int32Array(1024);
  private lines = new Uint32Array(1024);
  private statements = new Uint8Array(1024);

  /** `high` and `low`: halves of the address. */
  push(high: number, low: number, file: number, line: number, isStatement: boolean): void {
    const i = this.length++;
    if (i === this.low.length) this.grow(2 * i);
    this.low[i] = low;
    this.high[i] = high;
    this.files[i] = file;
    // What is no line counts as line 0, which is none.
    this.lines[i] = line > 0 && line < HIGH ? line : 0;
    this.statements[i] = isStatement ? 1 : 0;
  }
  private grow(length: number): void {
    const larger = <T extends Uint32Array | Int32Array | Uint8Array>(old: T, column: T): T => {
      column.set(old);
      return column;
    };
    this.low = larger(this.low, new Uint32Array(length));
    this.high = larger(this.high, new Uint32Array(length));
    this.files = larger(this.files, new Int32Array(length));
    this.lines = larger(this.lines, new Uint32Array(length));
    this.statements = larger(this.statements, new Uint8Array(length));
  }

  address(i: number): VA {
    return VA((BigInt(this.high[i]) << 32n) | BigInt(this.low[i]));
  }
  /** Index into the files, or `END`. */
  file(i: number): number {
    return this.files[i];
  }
  /** 0: the compiler says that the code comes from no line. */
  line(i: number): number {
    return this.lines[i];
  }
  isStatement(i: number): boolean {
    return this.statements[i] === 1;
  }

  /** The first row at or after `from` of which the address is above this one. */
  firstAbove(high: number, low: number): number {
    let from = 0;
    let to = this.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.isAbove(middle, high, low)) to = middle;
      else from = middle + 1;
    }
    return from;
  }
  private isAbove(i: number, high: number, low: number): boolean {
    return this.high[i] > high || (this.high[i] === high && this.low[i] > low);
  }

  /** Takes out of the rows from `from` on those whose address falls (6.2.2): a damaged table has such. */
  keepRising(from: number): void {
    let to = from;
    let [high, low] = [0, 0];
    for (let i = from; i < this.length; i++) {
      const isRising = this.high[i] > high || (this.high[i] === high && this.low[i] >= low);
      if (!isRising && this.files[i] !== END) continue;
      [high, low] = [this.high[i], this.low[i]];
      if (i !== to) this.copy(i, this, to);
      to++;
    }
    this.length = to;
  }
  private copy(i: number, other: LineRows, to: number): void {
    other.low[to] = this.low[i];
    other.high[to] = this.high[i];
    other.files[to] = this.files[i];
    other.lines[to] = this.lines[i];
    other.statements[to] = this.statements[i];
  }

  /** These ranges of rows one after the other. */
  picked(ranges: readonly { readonly from: number; readonly to: number }[]): LineRows {
    const rows = new LineRows();
    rows.grow(
      Math.max(
        1024,
        ranges.reduce((sum, { from, to }) => sum + to - from, 0),
      ),
    );
    for (const { from, to } of ranges) {
      rows.low.set(this.low.subarray(from, to), rows.length);
      rows.high.set(this.high.subarray(from, to), rows.length);
      rows.files.set(this.files.subarray(from, to), rows.length);
      rows.lines.set(this.lines.subarray(from, to), rows.length);
      rows.statements.set(this.statements.subarray(from, to), rows.length);
      rows.length += to - from;
    }
    return rows;
  }
}
