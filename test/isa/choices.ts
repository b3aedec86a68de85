/** Choices for tests: random, but the same for the same seed. */
import { randomNumbers } from './random-words.ts';

export class Choices {
  private readonly next: () => number;
  constructor(seed: number) {
    this.next = randomNumbers((seed * 2654435761) >>> 0 || 1);
    for (let i = 0; i < 8; i++) this.next();
  }
  /** 0 .. count - 1. */
  below(count: number): number {
    return Math.floor((this.next() / 2 ** 32) * count);
  }
  /** True once in `n` times. */
  once(n: number): boolean {
    return this.below(n) === 0;
  }
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
  bits(width: number): bigint {
    return ((BigInt(this.next()) << 32n) | BigInt(this.next())) & ((1n << BigInt(width)) - 1n);
  }
  /** Each of the bits, with the same chance. */
  some(mask: bigint): bigint {
    return this.bits(64) & mask;
  }
}
