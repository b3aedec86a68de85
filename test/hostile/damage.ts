/** Inputs that are nearly right. */

/** Numbers from a seed (mulberry32). */
export class Random {
  constructor(private state: number) {}
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  }
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}

/** Numbers at which sums, signs and sizes turn over. */
const edges = [0n, 1n, 2n, 7n, 0x7fn, 0xffn, 0xffffn, 0x7fff_ffffn, 0xffff_ffffn, 1n << 32n, (1n << 53n) - 1n, 1n << 63n, (1n << 64n) - 1n];

/** A copy with some of it wrong. `from` and `to`: the part that is spoiled, where the rest is to stay. */
export function damaged(whole: Uint8Array, random: Random, from = 0, to = whole.length): Uint8Array {
  if (random.chance(10)) return whole.slice(0, random.below(whole.length + 1));
  const copy = whole.slice();
  if (to <= from) return copy;
  // What stands first says how the rest is read.
  const place = (): number => from + random.below(random.chance(40) ? Math.min(to - from, 200) : to - from);
  for (let i = 1 + random.below(random.chance(80) ? 4 : 40); i > 0; i--) {
    const at = place();
    if (random.chance(50)) copy[at] = random.below(256);
    else if (random.chance(60)) setNumber(copy, at, random);
    else copy.copyWithin(at, place(), Math.min(to, place() + random.below(64)));
  }
  return copy;
}

function setNumber(bytes: Uint8Array, at: number, random: Random): void {
  const width = random.of([2, 4, 8]);
  const value = random.of(edges) + BigInt(random.below(3) - 1);
  for (let i = 0; i < width && at + i < bytes.length; i++) bytes[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
}

/** Words and signs in any order, some of them cut. */
export function soup(words: readonly string[], random: Random, most = 8): string {
  let text = '';
  for (let i = random.below(most + 1); i > 0; i--) {
    const word = random.of(words);
    text += random.chance(85) ? word : word.slice(0, random.below(word.length + 1));
  }
  return random.chance(3) ? text.repeat(1 + random.below(200)) : text;
}

/** Anything that can be in a message. */
export function anything(random: Random, depth = 3): unknown {
  const leaves: readonly (() => unknown)[] = [
    () => null,
    () => random.chance(50),
    () => Number(random.of(edges)) * random.of([1, -1, 0.5]),
    () => random.below(200_000),
    () => `0x${random.of(edges).toString(16)}`,
    () => random.of(['', 'x0', 'main', '\u202e\x1b[2J', '__proto__', 'va', 'x'.repeat(2000)]),
    () => random.bytes(random.below(64)),
    () => NaN,
  ];
  if (depth === 0 || random.chance(60)) return random.of(leaves)();
  const list = Array.from({ length: random.below(4) }, () => anything(random, depth - 1));
  return random.chance(50) ? list : Object.fromEntries(list.map((value) => [random.of(['a', 'at', 'kind', 'length', '$bytes']), value]));
}
