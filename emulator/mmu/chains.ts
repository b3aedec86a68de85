/** Doubly linked lists over numbered items, found by a hash: one list per bucket. Adding, removing and finding the list are O(1). */
export class Chains {
  private readonly heads: Int32Array;
  private readonly nexts: Int32Array;
  private readonly previous: Int32Array;
  private readonly shift: number;

  constructor(items: number, bucketBits: number) {
    this.heads = new Int32Array(1 << bucketBits).fill(-1);
    this.nexts = new Int32Array(items);
    this.previous = new Int32Array(items);
    this.shift = 32 - bucketBits;
  }

  /** The bucket of a 32-bit key. */
  bucket(key: number): number {
    return Math.imul(key, 0x9e37_79b1) >>> this.shift;
  }

  /** First item in the bucket's list, or -1. */
  head(bucket: number): number {
    return this.heads[bucket];
  }
  /** The item after `item`, or -1. */
  next(item: number): number {
    return this.nexts[item];
  }

  add(bucket: number, item: number): void {
    const head = this.heads[bucket];
    this.nexts[item] = head;
    // Where there is no item before, the bucket takes its place, as a negative number.
    this.previous[item] = ~bucket;
    if (head >= 0) this.previous[head] = item;
    this.heads[bucket] = item;
  }

  remove(item: number): void {
    const next = this.nexts[item];
    const before = this.previous[item];
    if (before >= 0) this.nexts[before] = next;
    else this.heads[~before] = next;
    if (next >= 0) this.previous[next] = before;
  }

  clear(): void {
    this.heads.fill(-1);
  }
}
