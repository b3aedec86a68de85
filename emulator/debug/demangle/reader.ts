/** A mangled name that is read from its beginning. */

/** It is none, or has something in it that is not understood. */
export class Misread extends Error {}

/** No name that a person wrote is nested as deep, or grows as long. */
const MOST_DEPTH = 100;
const MOST_TEXT = 4000;

export class Reader {
  at = 0;
  private depth = 0;
  constructor(readonly text: string) {}

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }
  peek(count = 1): string {
    return this.text.slice(this.at, this.at + count);
  }
  /** The next character, which there must be. */
  take(): string {
    if (this.isAtEnd) throw new Misread();
    return this.text[this.at++];
  }
  /** Takes these characters if they come next. */
  takes(expected: string): boolean {
    if (!this.text.startsWith(expected, this.at)) return false;
    this.at += expected.length;
    return true;
  }
  expect(expected: string): void {
    if (!this.takes(expected)) throw new Misread();
  }
  /** What a pattern with the flag `y` finds here; empty where it finds nothing. */
  match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }
  /** A number of decimal digits; undefined where none comes next. */
  decimal(): number | undefined {
    const digits = this.match(/0|[1-9]\d{0,8}/y);
    return digits === '' ? undefined : Number(digits);
  }
  characters(count: number): string {
    if (this.at + count > this.text.length) throw new Misread();
    this.at += count;
    return this.text.slice(this.at - count, this.at);
  }

  /** Reads a part that may contain others of its kind. */
  within<T>(read: () => T): T {
    if (++this.depth > MOST_DEPTH) throw new Misread();
    const result = read();
    this.depth--;
    return result;
  }
}

/** Names that stand for parts of themselves can double at each step. */
export function bounded(text: string): string {
  if (text.length > MOST_TEXT) throw new Misread();
  return text;
}
