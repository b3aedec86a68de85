import type { HostOffset } from '../base/addresses.ts';

/** Which 4 KiB pages of the host-backed memory (RAM and flash) were written: since the last keyframe, and ever. */
export class PageTracker {
  /** Written since `clearDirty`. */
  readonly dirty = new Set<number>();
  /** Written at any time: all other pages are zero. */
  readonly touched = new Set<number>();
  /** The same as `dirty`, one byte for each page: asked for at each miss of a fast TLB. */
  private readonly isMarked: Uint8Array;

  constructor(
    private readonly bytes: Uint8Array,
    /** Called when pages become clean, so that the next write to each is noticed. */
    private readonly onClear: () => void,
  ) {
    this.isMarked = new Uint8Array(bytes.length >>> 12);
  }

  /** Marks the page at a host offset as written. */
  mark(hostOffset: HostOffset): void {
    const page = hostOffset >>> 12;
    if (this.isMarked[page]) return;
    this.isMarked[page] = 1;
    this.dirty.add(page);
    this.touched.add(page);
  }
  isDirty(hostOffset: HostOffset): boolean {
    return this.isMarked[hostOffset >>> 12] === 1;
  }

  clearDirty(): void {
    for (const page of this.dirty) this.isMarked[page] = 0;
    this.dirty.clear();
    this.onClear();
  }

  read(page: number): Uint8Array {
    return this.bytes.subarray(page * 4096, page * 4096 + 4096);
  }
  write(page: number, bytes: Uint8Array | undefined): void {
    if (bytes) this.bytes.set(bytes, page * 4096);
    else this.bytes.fill(0, page * 4096, page * 4096 + 4096);
    this.touched.add(page);
  }
}
