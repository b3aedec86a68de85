/** Copies of 4 KiB pages in a few large slabs: tens of thousands of them without a buffer each. */
export const PAGE = 4096;
const FIRST_SLAB = 64;
const LARGEST_SLAB = 4096;

export class PageStore {
  private readonly slabs: Uint8Array[] = [];
  /** Places not in use. */
  private readonly free: number[] = [];

  /** Keeps a copy; returns its place. */
  keep(bytes: Uint8Array): number {
    if (this.free.length === 0) this.addSlab();
    const place = this.free.pop()!;
    this.get(place).set(bytes);
    return place;
  }
  get(place: number): Uint8Array {
    const from = (place % LARGEST_SLAB) * PAGE;
    return this.slabs[Math.floor(place / LARGEST_SLAB)].subarray(from, from + PAGE);
  }
  release(place: number): void {
    this.free.push(place);
  }

  private addSlab(): void {
    const pages = Math.min(FIRST_SLAB * 2 ** this.slabs.length, LARGEST_SLAB),
      first = this.slabs.length * LARGEST_SLAB;
    this.slabs.push(new Uint8Array(pages * PAGE));
    for (let place = first + pages - 1; place >= first; place--) this.free.push(place);
  }
}
