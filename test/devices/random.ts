/** Numbers from a seed (mulberry32). */
export class Random {
  constructor(private state: number) {}
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  }
  word(): number {
    return this.below(2 ** 32);
  }
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}
