/** Numbers in a growing typed array: millions of them without an object each. */
type Store = Float64Array | Uint32Array | Uint16Array | Uint8Array;

export class Column<S extends Store> {
  private store: S;
  length = 0;

  constructor(private readonly make: new (length: number) => S) {
    this.store = new make(1024);
  }

  push(value: number): void {
    if (this.length === this.store.length) {
      const larger = new this.make(this.store.length * 2);
      larger.set(this.store);
      this.store = larger;
    }
    this.store[this.length++] = value;
  }

  get(index: number): number {
    return this.store[index];
  }
  set(index: number, value: number): void {
    this.store[index] = value;
  }

  /** Index of the first element that is not less than `value`, in a column that never falls. */
  lowerBound(value: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.store[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A column of its own with the first `length` elements. */
  firstOnes(length: number): Column<S> {
    const column = new Column(this.make);
    if (length > column.store.length) column.store = new this.make(length);
    column.store.set(this.store.subarray(0, length));
    column.length = length;
    return column;
  }

  /** The elements from `from` to before `to`, as a copy. */
  slice(from: number, to: number): S {
    return this.store.slice(from, Math.min(to, this.length)) as S;
  }
}
