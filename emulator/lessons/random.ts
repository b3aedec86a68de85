/** Chance that comes out the same for the same text, everywhere: what a seed picks. */

export class Chance {
  private state: number;

  constructor(text: string) {
    // FNV-1a.
    let hash = 0x811c_9dc5;
    for (const character of text) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x0100_0193);
    this.state = hash >>> 0;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    // Mulberry32.
    this.state = (this.state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }
  one<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
  shuffled<T>(list: readonly T[]): T[] {
    const out = [...list];
    for (let i = out.length - 1; i > 0; i--) {
      const other = this.below(i + 1);
      [out[i], out[other]] = [out[other], out[i]];
    }
    return out;
  }
}
