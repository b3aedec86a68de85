/**
 * The machine's side of loads and stores that generated code cannot serve by its fast TLB: translation, devices, accesses across pages,
 * pages whose first write must be noticed for the keyframes, and whatever is watched.
 */
import { join64 } from '../base/bits.ts';
import { bigEndian } from '../cpu/endianness.ts';
import type { AccessIntent, FaultKind, MemoryFault } from '../cpu/faults.ts';
import type { CpuState } from '../cpu/state.ts';
import { Watchpoints } from '../cpu/watchpoints.ts';
import { accessKind, miss, type Engine } from '../engine/index.ts';
import type { Mmu } from '../mmu/index.ts';
import type { Bus } from './bus.ts';
import type { PageTracker } from './pages.ts';
import type { Watches } from './watches.ts';

/** Part of an access that lies in one page: a physical address and how many bytes. */
interface Piece {
  readonly pa: number;
  readonly bytes: number;
}
/** An access that goes by way of the scratch area. */
interface SlowAccess {
  readonly pieces: readonly Piece[];
  readonly isWrite: boolean;
  /** The size in bytes of its elements, where those are big-endian: the scratch area holds them as registers do, the other way round. */
  readonly reversed: number | undefined;
  readonly vaLow: number;
  readonly vaHigh: number;
}

export interface MemoryParts {
  readonly cpu: CpuState;
  readonly mmu: Mmu;
  readonly bus: Bus;
  readonly pages: PageTracker;
  readonly watches: Watches;
  /** All of the WebAssembly memory. */
  readonly bytes: Uint8Array;
}

export class MemoryAccess {
  /** What the last access that failed ran into. */
  lastFault: MemoryFault | undefined;
  /** Set when the machine is complete. */
  engine!: Engine;
  /** The guest's own. */
  readonly watchpoints = new Watchpoints();
  /** The one of the instruction that runs alone. */
  private slowAccess: SlowAccess | undefined;
  private readonly parts: MemoryParts;

  constructor(parts: MemoryParts) {
    this.parts = parts;
  }

  /** `EngineHost.dataMiss`. */
  dataMiss(vaLow: number, vaHigh: number, kind: number, storeAllowed: boolean): number {
    const { mmu, bus, cpu, pages, watches } = this.parts;
    const size = kind & 0xff;
    const isWrite = (kind & accessKind.write) !== 0;
    const intent: AccessIntent = isWrite ? 'write' : 'read';
    // LDTR and STTR at EL1 are checked as at EL0 (Arm ARM C6.2.174).
    const bank = kind & accessKind.unprivileged && cpu.el === 1 ? 0 : cpu.el;
    const mustBeAligned = (kind & accessKind.aligned) !== 0;
    const half = kind & accessKind.pair ? size / 2 : size;
    const element = mustBeAligned ? size : half;
    const reversed = bigEndian(cpu) ? half : undefined;
    if (!mmu.translate(vaLow, vaHigh, intent, bank, element, mustBeAligned)) return this.failed(mmu.fault);
    const { pa } = mmu;
    const inPage = 4096 - (vaLow & 0xfff);
    if (size <= inPage) {
      if (this.isWatched(vaLow, vaHigh, size, isWrite, bank)) return miss.fault;
      const host = bus.hostAddress(pa);
      if (host < 0 || reversed !== undefined || (isWrite && !bus.isWritable(pa)) || watches.covers(pa, size, isWrite))
        return this.slow({ pieces: elements(pa, size, element), isWrite, reversed, vaLow, vaHigh }, storeAllowed);
      if (isWrite) pages.mark(host);
      const isGuarded = (write: boolean): boolean => watches.guards(pa, write) || this.watchpoints.guards(vaLow, vaHigh, write);
      const readable = mmu.readable && !isGuarded(false);
      const writable = mmu.writable && bus.isWritable(pa) && pages.isDirty(host) && !isGuarded(true);
      this.engine.fastTlb.fill(bank, vaLow, vaHigh, host, readable, writable, mmu.strict);
      return host;
    }
    // Across two pages: the second may fault, with its own address.
    const nextLow = (vaLow + inPage) >>> 0;
    const nextHigh = nextLow < vaLow ? (vaHigh + 1) >>> 0 : vaHigh;
    const isUnaligned = (vaLow & (element - 1)) !== 0;
    if (!mmu.translate(nextLow, nextHigh, intent, bank, 1, false, isUnaligned)) return this.failed(mmu.fault);
    if (this.isWatched(vaLow, vaHigh, size, isWrite, bank)) return miss.fault;
    const pieces = [
      { pa, bytes: inPage },
      { pa: mmu.pa, bytes: size - inPage },
    ];
    return this.slow({ pieces, isWrite, reversed, vaLow, vaHigh }, storeAllowed);
  }

  /** Whether a watchpoint of the guest matches an access that nothing else refuses: its fault is `lastFault` then. */
  isWatched(vaLow: number, vaHigh: number, size: number, isWrite: boolean, el: number): boolean {
    const offset = this.watchpoints.hit(this.parts.cpu, vaLow, vaHigh, size, isWrite, el);
    if (offset < 0) return false;
    this.lastFault = faultAt('watchpoint', isWrite, vaLow, vaHigh, offset);
    return true;
  }

  /** `EngineHost.finishStore`. */
  finishStore(): void {
    const access = this.slowAccess;
    if (!access) return;
    const { watches } = this.parts;
    this.reverse(access);
    watches.storing = true;
    try {
      let at = this.engine.scratch;
      for (const piece of access.pieces) {
        this.finishPiece(access, piece, at);
        at += piece.bytes;
      }
    } finally {
      watches.storing = false;
    }
  }

  /** Writes what the scratch area holds of one piece, and reports it where it is watched. */
  private finishPiece({ isWrite, vaLow, vaHigh }: SlowAccess, { pa, bytes: size }: Piece, from: number): void {
    const { bus, bytes, watches } = this.parts;
    const host = bus.hostAddress(pa);
    // What a store to flash does to its memory, the device tells.
    const isFlash = isWrite && host >= 0 && !bus.isWritable(pa);
    if (isFlash || !watches.covers(pa, size, isWrite)) {
      if (isWrite) this.write(pa, from, size);
      return;
    }
    const before = host >= 0 ? bytes.slice(host, host + size) : undefined;
    const after = bytes.slice(from, from + size);
    if (isWrite) this.write(pa, from, size);
    const va = BigInt.asUintN(64, join64(vaLow, vaHigh) + BigInt(from - this.engine.scratch));
    watches.tellAccess({ access: isWrite ? 'w' : 'r', pa, va, before, after, device: undefined });
  }

  /** Stores bytes of the memory from `from` on at a physical address, whatever lies there, as a store of the guest would. */
  private write(pa: number, from: number, size: number): void {
    const { bus, bytes, pages } = this.parts;
    const host = bus.hostAddress(pa);
    if (host >= 0 && bus.isWritable(pa)) {
      pages.mark(host);
      bytes.copyWithin(host, from, from + size);
      this.engine.code.invalidate(host, size);
    } else bus.write(pa, size, little(bytes, from, Math.min(size, 4)), size > 4 ? little(bytes, from + 4, size - 4) : 0);
  }

  private slow(slowAccess: SlowAccess, storeAllowed: boolean): number {
    const { bus, bytes, watches } = this.parts;
    const { isWrite, vaLow, vaHigh } = slowAccess;
    const isMemory = (pa: number): boolean => bus.hostAddress(pa) >= 0 && (!isWrite || bus.isWritable(pa));
    // A register that is polled comes here millions of times: one aligned access is taken as it is.
    const [first] = slowAccess.pieces;
    const pieces =
      slowAccess.pieces.length === 1 && isAligned(first)
        ? slowAccess.pieces
        : slowAccess.pieces.flatMap((piece) => (isMemory(piece.pa) ? [piece] : alignedPieces(piece)));
    let offset = 0;
    for (const { pa, bytes: size } of pieces) {
      if (!bus.accepts(pa, size, isWrite)) return this.failed(faultAt('external', isWrite, vaLow, vaHigh, offset));
      offset += size;
    }
    const { scratch } = this.engine;
    // What a device does on a read (a FIFO moves on, an interrupt is acknowledged) may change interrupt lines too: it ends the run.
    if (!storeAllowed && (isWrite || pieces.some(({ pa, bytes: size }) => bus.hostAddress(pa) < 0 || watches.covers(pa, size, false))))
      return miss.store;
    this.slowAccess = pieces === slowAccess.pieces ? slowAccess : { ...slowAccess, pieces };
    if (isWrite) return scratch;
    let at = scratch;
    for (const { pa, bytes: size } of pieces) {
      const host = bus.hostAddress(pa);
      if (host >= 0) bytes.copyWithin(at, host, host + size);
      else {
        bus.read(pa, size);
        for (let i = 0; i < size; i++) bytes[at + i] = i < 4 ? bus.low >>> (8 * i) : bus.high >>> (8 * (i - 4));
      }
      at += size;
    }
    this.reverse(this.slowAccess);
    return scratch;
  }

  /** Turns the elements in the scratch area round, from the order of memory to that of registers or back. */
  private reverse({ pieces, reversed }: SlowAccess): void {
    if (reversed === undefined) return;
    const { bytes } = this.parts;
    const start = this.engine.scratch;
    const end = start + pieces.reduce((sum, piece) => sum + piece.bytes, 0);
    for (let at = start; at < end; at += reversed) bytes.subarray(at, at + reversed).reverse();
  }

  private failed(fault: MemoryFault | undefined): number {
    this.lastFault = fault;
    return miss.fault;
  }
}

/** The fault of an access at the byte `offset` of it, by which stage and at which level plays no part. */
function faultAt(kind: FaultKind, isWrite: boolean, low: number, high: number, offset: number): MemoryFault {
  const vaLow = (low + offset) >>> 0;
  const vaHigh = (high + (vaLow < low ? 1 : 0)) >>> 0;
  return { kind, stage: 1, level: 0, onStage1Walk: false, ipa: undefined, access: isWrite ? 'write' : 'read', vaLow, vaHigh };
}

/** A device sees each element of a pair as an access of its own, and a quadword as two doublewords. */
function elements(pa: number, size: number, element: number): Piece[] {
  if (size === element && size <= 8) return [{ pa, bytes: size }];
  const bytes = Math.min(element, 8);
  return Array.from({ length: size / bytes }, (_, i) => ({ pa: pa + i * bytes, bytes }));
}

const isAligned = ({ pa, bytes }: Piece): boolean => pa % bytes === 0 && (bytes & (bytes - 1)) === 0 && bytes <= 8;

/** What a device sees of an access that is not aligned: the largest aligned accesses that it consists of. */
function alignedPieces({ pa, bytes }: Piece): Piece[] {
  const pieces: Piece[] = [];
  for (let at = pa; at < pa + bytes;) {
    const size = [8, 4, 2, 1].find((n) => at % n === 0 && at + n <= pa + bytes)!;
    pieces.push({ pa: at, bytes: size });
    at += size;
  }
  return pieces;
}

/** Up to four bytes as an unsigned number. */
function little(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = 0; i < size; i++) value |= bytes[at + i] << (8 * i);
  return value >>> 0;
}
