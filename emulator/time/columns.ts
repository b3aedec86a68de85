/** Numbers in a growing typed array: millions of them without an object each. */
type Store = Float64Array | Uint32Array | Uint16Array | Uint8Array;

export class Column<S extends Store> {
  private store: S;
  /** Place of the first element that is kept. */
  first: number;
  /** Elements pushed, forgotten ones included. */
  length: number;

  constructor(
    private readonly make: new (length: number) => S,
    first = 0,
  ) {
    this.store = new make(1024);
    this.first = this.length = first;
  }

  push(value: number): void {
    if (this.length - this.first === this.store.length) this.resize(this.store.length * 2);
    this.store[this.length++ - this.first] = value;
  }

  get(place: number): number {
    return this.store[place - this.first];
  }

  /** Forgets the elements before a place; the others keep their places. */
  forgetBefore(place: number): void {
    const gone = Math.min(place, this.length) - this.first;
    if (gone <= 0) return;
    this.store.copyWithin(0, gone, this.length - this.first);
    this.first += gone;
    const kept = this.length - this.first;
    if (4 * kept < this.store.length) this.resize(Math.max(1024, 2 * kept));
  }
  private resize(length: number): void {
    const store = new this.make(length);
    store.set(this.store.subarray(0, this.length - this.first));
    this.store = store;
  }

  /** A column of its own: the elements before a place. */
  firstOnes(length: number): Column<S> {
    const column = new Column(this.make, this.first);
    for (let place = this.first; place < length; place++) column.push(this.get(place));
    return column;
  }

  /** Place of the first element that is kept and not less than `value`, in a column that never falls. */
  lowerBound(value: number): number {
    return this.first + lowerBound(this.length - this.first, value, (i) => this.store[i]);
  }
}

/** The first of `length` places whose value is not less than `value`, where values never fall. */
export function lowerBound(length: number, value: number, valueAt: (place: number) => number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (valueAt(middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
