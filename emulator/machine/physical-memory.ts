/** The memory of the board as it is written by others than generated code: loaders, devices, DC ZVA. All CPUs hear of it. */
import { HostOffset, type PA, type VA } from '../base/addresses.ts';
import type { MemoryRegion } from '../engine/index.ts';
import type { Bus } from './bus.ts';
import type { PageTracker } from './pages.ts';
import type { WatchedAccess } from './watches.ts';

const PAGE = 4096;

/** Who must hear of writes. `memoryChanged`: code may have been decoded there; `watches`: of the CPU that executes. */
export interface MemoryObserver {
  memoryChanged(host: HostOffset, bytes: number): void;
  readonly watches: {
    covers(pa: PA, bytes: number, isWrite: boolean): boolean;
    tellAccess(access: Pick<WatchedAccess, 'access' | 'pa' | 'va' | 'before' | 'after' | 'device'>): void;
  };
}

export class PhysicalMemory {
  /** Set when the machine is complete. */
  observer!: MemoryObserver;

  /** `bytes`: all of the WebAssembly memory. */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly bus: Bus,
    private readonly pages: PageTracker,
  ) {}

  /** Writes bytes to RAM or flash from outside the machine; the range must lie in one of them. */
  load(pa: PA, bytes: Uint8Array): void {
    this.put(this.bus.hostAddress(pa), bytes);
  }

  /** A device writes by itself; `host` is the offset of the PA in the WebAssembly memory. */
  writeBy(device: string, pa: PA, host: HostOffset, bytes: Uint8Array): void {
    this.write(pa, host, bytes, undefined, device);
  }

  /** Writes to memory that has no PA: a disk. */
  writeUnmapped(host: HostOffset, bytes: Uint8Array): void {
    this.put(host, bytes);
  }

  /** The contents of a disk, before the machine runs. Pages of zeros stay untouched. */
  fill({ offset }: MemoryRegion, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += PAGE) {
      const page = bytes.subarray(at, at + PAGE);
      if (page.some((byte) => byte !== 0)) this.put(HostOffset(offset + at), page);
    }
  }

  /** Zeroes a block of RAM at a PA for the instruction that gave its VA. */
  zero(pa: PA, bytes: number, va: VA): void {
    this.write(pa, this.bus.hostAddress(pa), new Uint8Array(bytes), va, undefined);
  }

  private write(pa: PA, host: HostOffset, bytes: Uint8Array, va: VA | undefined, device: string | undefined): void {
    const { watches } = this.observer;
    const isWatched = watches.covers(pa, bytes.length, true);
    const before = isWatched ? this.bytes.slice(host, host + bytes.length) : undefined;
    this.put(host, bytes);
    if (isWatched) watches.tellAccess({ access: 'w', pa, va, before, after: bytes.slice(), device });
  }

  private put(host: HostOffset, bytes: Uint8Array): void {
    this.bytes.set(bytes, host);
    for (let at = host - (host % PAGE); at < host + bytes.length; at += PAGE) this.pages.mark(HostOffset(at));
    this.observer.memoryChanged(host, bytes.length);
  }
}
