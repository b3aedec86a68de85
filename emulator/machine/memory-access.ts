/**
 * The machine's side of loads and stores that generated code cannot serve by its fast TLB: translation, devices, accesses across pages,
 * pages whose first write must be noticed for the keyframes, and whatever is watched.
 */
import { HostOffset, PA, VA } from '../base/addresses.ts';
import { join64 } from '../base/bits.ts';
import { bigEndian } from '../cpu/endianness.ts';
import type { AccessIntent, FaultKind, MemoryFault } from '../cpu/faults.ts';
import type { CpuState, ExceptionLevel } from '../cpu/state.ts';
import { Watchpoints } from '../cpu/watchpoints.ts';
import { accessKind, elementOf, miss, type Engine } from '../engine/index.ts';
import type { Mmu } from '../mmu/index.ts';
import { NOT_MEMORY, type Bus } from './bus.ts';
import type { PageTracker } from './pages.ts';
import type { Watches } from './watches.ts';

/** Part of an access that lies in one page: a physical address and how many bytes. */
interface Piece {
  readonly pa: PA;
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

/** Bytes of the block that DC ZVA zeroes: DCZID_EL0.BS = 4 on Cortex-A53. */
export const ZERO_BLOCK = 64;
/** `kind` of the access of DC ZVA. Its faults report the address in its register (Arm ARM D17.2.40, FAR_EL1). */
export const zeroAccess = ZERO_BLOCK | accessKind.write | accessKind.zero;

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
  dataMiss(vaLow: number, vaHigh: number, kind: number, storeAllowed: boolean): HostOffset {
    const pieces = this.resolve(vaLow, vaHigh, kind);
    if (!pieces) return miss.fault;
    const { mmu, bus, cpu, pages, watches } = this.parts;
    const size = kind & 0xff;
    const isWrite = (kind & accessKind.write) !== 0;
    const reversed = bigEndian(cpu) ? elementOf(kind) : undefined;
    const [{ pa }] = pieces;
    const host = size > 4096 - (vaLow & 0xfff) ? NOT_MEMORY : bus.hostAddress(pa);
    if (host < 0 || reversed !== undefined || (isWrite && !bus.isWritable(pa)) || watches.covers(pa, size, isWrite))
      return this.slow({ pieces, isWrite, reversed, vaLow, vaHigh }, storeAllowed);
    if (isWrite) pages.mark(HostOffset(host));
    const isGuarded = (write: boolean): boolean => watches.guards(pa, write) || this.watchpoints.guards(vaLow, vaHigh, write);
    const readable = mmu.readable && !isGuarded(false);
    const writable = mmu.writable && bus.isWritable(pa) && pages.isDirty(HostOffset(host)) && !isGuarded(true);
    this.engine.fastTlb.fill(bankOf(kind, cpu), vaLow, vaHigh, HostOffset(host), readable, writable, mmu.strict);
    return host;
  }

  /** What refuses an access of the instruction at pc, for one that looks on: nothing is done and nothing kept. `kind` as for `dataMiss`. */
  refusal(vaLow: number, vaHigh: number, kind: number): MemoryFault | undefined {
    const { lastFault } = this;
    const pieces = this.parts.mmu.undisturbed(() => this.resolve(vaLow, vaHigh, kind, false));
    const fault = pieces ? undefined : this.lastFault;
    this.lastFault = lastFault;
    return fault;
  }

  /**
   * Where an access of the instruction at pc goes, in the pieces that devices and pages see of it; undefined where it is refused, by
   * `lastFault`. `keeps`: translations go into the TLB.
   */
  resolve(vaLow: number, vaHigh: number, kind: number, keeps = true): readonly Piece[] | undefined {
    const { mmu, bus, cpu } = this.parts;
    const size = kind & 0xff;
    const isWrite = (kind & accessKind.write) !== 0;
    const intent: AccessIntent = isWrite ? 'write' : 'read';
    const bank = bankOf(kind, cpu);
    const isZero = (kind & accessKind.zero) !== 0;
    const mustBeAligned = (kind & accessKind.aligned) !== 0;
    const element = isZero ? 1 : mustBeAligned ? size : elementOf(kind);
    if (!mmu.translate(vaLow, vaHigh, intent, bank, element, mustBeAligned, isZero, keeps)) return this.failed(mmu.fault);
    const { pa } = mmu;
    const inPage = 4096 - (vaLow & 0xfff);
    let pieces: readonly Piece[];
    if (isZero) pieces = [{ pa: PA(pa - (vaLow & (size - 1))), bytes: size }];
    else if (size <= inPage) pieces = elements(pa, size, element);
    else {
      // Across two pages: the second may fault, with its own address.
      const nextLow = (vaLow + inPage) >>> 0;
      const nextHigh = nextLow < vaLow ? (vaHigh + 1) >>> 0 : vaHigh;
      const isUnaligned = (vaLow & (element - 1)) !== 0;
      if (!mmu.translate(nextLow, nextHigh, intent, bank, 1, false, isUnaligned, keeps)) return this.failed(mmu.fault);
      pieces = [
        { pa, bytes: inPage },
        { pa: mmu.pa, bytes: size - inPage },
      ];
    }
    if (this.isWatched(isZero ? (vaLow & -size) >>> 0 : vaLow, vaHigh, size, isWrite, bank)) return undefined;
    const isMemory = (at: PA): boolean => bus.hostAddress(at) >= 0 && (!isWrite || bus.isWritable(at));
    // A register that is polled comes here millions of times: one aligned access is taken as it is.
    if (!isZero && (pieces.length > 1 || !isAligned(pieces[0])))
      pieces = pieces.flatMap((piece) => (isMemory(piece.pa) ? [piece] : alignedPieces(piece)));
    let offset = 0;
    for (const piece of pieces) {
      if (isZero ? !bus.isWritable(piece.pa) : !bus.accepts(piece.pa, piece.bytes, isWrite))
        return this.failed(faultAt('external', isWrite, vaLow, vaHigh, offset));
      offset += piece.bytes;
    }
    return pieces;
  }

  /** Whether a watchpoint of the guest matches an access that nothing else refuses: its fault is `lastFault` then. */
  private isWatched(vaLow: number, vaHigh: number, size: number, isWrite: boolean, el: number): boolean {
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
      let at: number = this.engine.scratch;
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
    const va = VA(BigInt.asUintN(64, join64(vaLow, vaHigh) + BigInt(from - this.engine.scratch)));
    watches.tellAccess({ access: isWrite ? 'w' : 'r', pa, va, before, after, device: undefined });
  }

  /** Stores bytes of the memory from `from` on at a physical address, whatever lies there, as a store of the guest would. */
  private write(pa: PA, from: number, size: number): void {
    const { bus, bytes, pages } = this.parts;
    const host = bus.hostAddress(pa);
    if (host >= 0 && bus.isWritable(pa)) {
      pages.mark(host);
      bytes.copyWithin(host, from, from + size);
      this.engine.invalidate(host, size);
    } else bus.write(pa, size, little(bytes, from, Math.min(size, 4)), size > 4 ? little(bytes, from + 4, size - 4) : 0);
  }

  private slow(slowAccess: SlowAccess, storeAllowed: boolean): HostOffset {
    const { bus, bytes, watches } = this.parts;
    const { pieces, isWrite } = slowAccess;
    const { scratch } = this.engine;
    // What a device does on a read (a FIFO moves on, an interrupt is acknowledged) may change interrupt lines too: it ends the run.
    if (!storeAllowed && (isWrite || pieces.some(({ pa, bytes: size }) => bus.hostAddress(pa) < 0 || watches.covers(pa, size, false))))
      return miss.store;
    this.slowAccess = slowAccess;
    if (isWrite) return scratch;
    let at: number = scratch;
    for (const { pa, bytes: size } of pieces) {
      const host = bus.hostAddress(pa);
      if (host >= 0) bytes.copyWithin(at, host, host + size);
      else {
        bus.read(pa, size);
        for (let i = 0; i < size; i++) bytes[at + i] = i < 4 ? bus.low >>> (8 * i) : bus.high >>> (8 * (i - 4));
      }
      at += size;
    }
    this.reverse(slowAccess);
    return scratch;
  }

  /** Turns the elements in the scratch area round, from the order of memory to that of registers or back. */
  private reverse({ pieces, reversed }: SlowAccess): void {
    if (reversed === undefined) return;
    const { bytes } = this.parts;
    const start = this.engine.scratch;
    const end = start + pieces.reduce((sum, piece) => sum + piece.bytes, 0);
    for (let at: number = start; at < end; at += reversed) bytes.subarray(at, at + reversed).reverse();
  }

  private failed(fault: MemoryFault | undefined): undefined {
    this.lastFault = fault;
    return undefined;
  }
}

/** LDTR and STTR at EL1 are checked as at EL0 (Arm ARM C6.2.174). */
const bankOf = (kind: number, { el }: CpuState): ExceptionLevel => (kind & accessKind.unprivileged && el === 1 ? 0 : el);

/** The fault of an access at the byte `offset` of it, by which stage and at which level plays no part. */
function faultAt(kind: FaultKind, isWrite: boolean, low: number, high: number, offset: number): MemoryFault {
  const vaLow = (low + offset) >>> 0;
  const vaHigh = (high + (vaLow < low ? 1 : 0)) >>> 0;
  return { kind, stage: 1, level: 0, onStage1Walk: false, ipa: undefined, access: isWrite ? 'write' : 'read', vaLow, vaHigh };
}

/** A device sees each element of a pair as its own access, and a quadword as two doublewords. */
function elements(pa: PA, size: number, element: number): Piece[] {
  if (size === element && size <= 8) return [{ pa, bytes: size }];
  const bytes = Math.min(element, 8);
  return Array.from({ length: size / bytes }, (_, i) => ({ pa: PA(pa + i * bytes), bytes }));
}

const isAligned = ({ pa, bytes }: Piece): boolean => pa % bytes === 0 && (bytes & (bytes - 1)) === 0 && bytes <= 8;

/** What a device sees of an access that is not aligned: the largest aligned accesses that it consists of. */
function alignedPieces({ pa, bytes }: Piece): Piece[] {
  const pieces: Piece[] = [];
  for (let at = pa; at < pa + bytes;) {
    const size = [8, 4, 2, 1].find((n) => at % n === 0 && at + n <= pa + bytes)!;
    pieces.push({ pa: at, bytes: size });
    at = PA(at + size);
  }
  return pieces;
}

/** Up to four bytes as an unsigned number. */
function little(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = 0; i < size; i++) value |= bytes[at + i] << (8 * i);
  return value >>> 0;
}
