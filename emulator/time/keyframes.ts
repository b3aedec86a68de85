/**
 * States of the machine at some instants, from which any later instant is reached by running forward.
 *
 * Memory is kept as versions of pages: a version holds from its keyframe until the page's next version; a page without a version at or
 * before a keyframe was zero then. So a keyframe costs the pages changed since the one before, and going from one keyframe to another
 * writes only the pages in which they differ.
 */
import { equalBytes } from '../base/bytes.ts';
import { PAGE, PageStore } from './page-store.ts';

/** What keyframes need of a machine. Pages are counted in 4 KiB through its host-backed memory (RAM and flash). */
export interface Restorable {
  /** Everything but memory: CPU, TLB, devices, clock. */
  saveState(): Uint8Array;
  loadState(state: Uint8Array): void;
  /** Pages written since `clearDirty` was called last. */
  readonly dirtyPages: ReadonlySet<number>;
  clearDirty(): void;
  readPage(page: number): Uint8Array;
  /** Undefined: zeros. */
  writePage(page: number, bytes: Uint8Array | undefined): void;
}

interface Frame {
  readonly n: number;
  readonly state: Uint8Array;
}
interface Version {
  n: number;
  /** Its place in the store. */
  readonly place: number;
}

export class Keyframes {
  private frames: Frame[] = [];
  private readonly versions = new Map<number, Version[]>();
  private readonly store = new PageStore();
  /** The keyframe that the machine's memory differs from by its dirty pages only. */
  private basis = -1;
  /** Bytes held. */
  bytes = 0;

  constructor(
    private readonly machine: Restorable,
    /** Beyond this many bytes every second keyframe is dropped. */
    public budget = Infinity,
  ) {}

  get count(): number {
    return this.frames.length;
  }

  /** Instants of all keyframes, ascending. */
  instants(): number[] {
    return this.frames.map(({ n }) => n);
  }

  /** The instant of the last keyframe at or before `at`; undefined before the first. */
  before(at: number): number | undefined {
    return this.frames[this.indexBefore(at)]?.n;
  }

  /** False: no byte of the page was written from the keyframe at `n` to the next one. */
  mayDiffer(page: number, n: number): boolean {
    const next = this.frames[this.indexBefore(n) + 1];
    return !next || (this.versions.get(page) ?? []).some((version) => version.n > n && version.n <= next.n);
  }

  /** Keeps the machine as it is, at instant `n`. */
  capture(n: number): void {
    const index = this.indexBefore(n) + 1;
    if (this.frames[index - 1]?.n === n) return;
    const state = this.machine.saveState();
    this.frames.splice(index, 0, { n, state });
    this.bytes += state.length;
    for (const page of this.machine.dirtyPages) {
      const versions = this.versions.get(page) ?? [];
      this.versions.set(page, versions);
      const at = versions.findLastIndex((v) => v.n < n) + 1;
      versions.splice(at, 0, { n, place: this.store.keep(this.machine.readPage(page)) });
      this.bytes += PAGE;
    }
    this.machine.clearDirty();
    this.basis = n;
    if (this.bytes > this.budget) this.thin();
  }

  /** Whether every byte of the machine's memory is as it was at the keyframe at `n`; false where that is not the last one kept or restored. */
  isMemoryAsAt(n: number): boolean {
    return this.basis === n && [...this.machine.dirtyPages].every((page) => this.isPageAsAt(page, n));
  }
  private isPageAsAt(page: number, n: number): boolean {
    const version = versionAt(this.versions.get(page) ?? [], n);
    const bytes = this.machine.readPage(page);
    return version ? equalBytes(bytes, this.store.get(version.place)) : bytes.every((byte) => byte === 0);
  }

  /** Brings the machine to the last keyframe at or before `at` and returns its instant. */
  restore(at: number): number {
    const frame = this.frames[this.indexBefore(at)];
    if (!frame) throw new RangeError(`no keyframe at or before ${at}`);
    const { dirtyPages } = this.machine;
    for (const [page, versions] of this.versions) {
      const wanted = versionAt(versions, frame.n);
      if (dirtyPages.has(page) || wanted !== versionAt(versions, this.basis))
        this.machine.writePage(page, wanted && this.store.get(wanted.place));
    }
    for (const page of dirtyPages) if (!this.versions.has(page)) this.machine.writePage(page, undefined);
    this.machine.loadState(frame.state);
    this.machine.clearDirty();
    this.basis = frame.n;
    return frame.n;
  }

  /**
   * Takes over the last keyframe of another run at or before instant `at`. Both runs begin alike, and the machine here has not gone on from its
   * first keyframe: what lies between is not copied, only what differs there.
   */
  adopt(other: Keyframes, at: number): void {
    const frame = other.frames[other.indexBefore(at)];
    const [first] = other.frames;
    if (!frame || frame === first) return;
    for (const [page, versions] of other.versions) {
      const wanted = versionAt(versions, frame.n);
      if (wanted === versionAt(versions, first.n)) continue;
      const place = this.store.keep(wanted ? other.store.get(wanted.place) : new Uint8Array(PAGE));
      const own = this.versions.get(page) ?? [];
      this.versions.set(page, [...own, { n: frame.n, place }]);
      this.bytes += PAGE;
    }
    this.frames.push({ n: frame.n, state: frame.state });
    this.bytes += frame.state.length;
  }

  /** Forgets all keyframes after instant `at`, where the machine is. */
  forgetAfter(at: number): void {
    const kept = this.indexBefore(at) + 1;
    for (const { state } of this.frames.splice(kept)) this.bytes -= state.length;
    for (const [page, versions] of this.versions) {
      const gone = versions.splice(versions.findLastIndex(({ n }) => n <= at) + 1);
      for (const { place } of gone) this.store.release(place);
      this.bytes -= gone.length * PAGE;
      if (versions.length === 0) this.versions.delete(page);
    }
  }

  private indexBefore(at: number): number {
    let low = 0;
    let high = this.frames.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.frames[middle].n <= at) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Drops every second keyframe but the first, the last and the machine's basis. */
  private thin(): void {
    const dropped = new Map<number, number>();
    this.frames = this.frames.filter((frame, i) => {
      const keep = i % 2 === 0 || i === this.frames.length - 1 || frame.n === this.basis;
      if (!keep) {
        dropped.set(frame.n, this.frames[i + 1].n);
        this.bytes -= frame.state.length;
      }
      return keep;
    });
    for (const [page, versions] of this.versions) {
      // A version of a dropped keyframe now begins at the next one, unless the page has another version there.
      for (const version of versions) version.n = dropped.get(version.n) ?? version.n;
      const isKept = (version: Version, i: number): boolean => versions[i + 1]?.n !== version.n;
      const kept = versions.filter(isKept);
      for (const [i, version] of versions.entries()) if (!isKept(version, i)) this.store.release(version.place);
      this.bytes -= (versions.length - kept.length) * PAGE;
      this.versions.set(page, kept);
    }
  }
}

/** The version of a page that holds at keyframe `n`. */
function versionAt(versions: readonly Version[], n: number): Version | undefined {
  return versions.findLast((version) => version.n <= n);
}
