/**
 * One CPU on the engine with a map of a few pages and no exceptions: what leaves generated code is noted and ends the run. Instruction
 * tests are written against this interface.
 */
import { HostOffset } from '../../emulator/base/addresses.ts';
import { CpuState } from '../../emulator/cpu/state.ts';
import {
  accessKind,
  elementOf,
  createMachineMemory,
  Engine,
  miss,
  type EngineHost,
  type MachineMemory,
  type Tuning,
} from '../../emulator/engine/index.ts';
import { assemble, type Decoded } from '../../emulator/isa/index.ts';

/** Pages from `va` on, all below 4 GiB. */
export interface Area {
  readonly va: number;
  readonly bytes: number;
  /** Memory unless it says `device`: then loads give the VA's low byte in each byte, and stores are noted. */
  readonly kind?: 'device';
  readonly writable?: boolean;
  readonly executable?: boolean;
  /** Unaligned accesses fault. */
  readonly strict?: boolean;
  /** The same memory as the area at this VA. */
  readonly sameAs?: number;
}

/** Why a run ended before its steps were done. */
export type Stop =
  | { readonly kind: 'undefined'; readonly word: number }
  | { readonly kind: 'system'; readonly name: string }
  | { readonly kind: 'fault'; readonly access: 'read' | 'write' | 'execute'; readonly alignment: boolean; readonly va: bigint };

export class Driver implements EngineHost {
  readonly memory: MachineMemory;
  readonly cpu: CpuState;
  readonly engine: Engine;
  /** Set when the last run ended early. */
  stop: Stop | undefined;
  /** Stores to device areas: VA, then the bytes. */
  readonly stores: (readonly [va: number, ...bytes: number[]])[] = [];
  /** How often the engine asked for data, and for a page to fetch from. */
  misses = 0;
  fetches = 0;
  /** Fast TLB bank of unprivileged accesses, and VAs that those may not use; ordinary ones use bank 0. */
  unprivilegedBank = 0;
  readonly privileged = new Set<number>();
  /** Whether a misaligned stack pointer faults. */
  checksStackPointer = false;
  /** A VA whose access ends the run with an error: at once, or when its store to the scratch area is allowed. */
  throwAt: number | undefined;
  throwInStore = false;
  /** What the engine said in the last call of `system`; NZCV also of `dataMiss`. */
  elapsed = 0;
  nzcv = 0;
  private readonly areas: readonly (Area & { readonly host: HostOffset })[];
  private faulting: Extract<Stop, { kind: 'fault' }> | undefined;
  private pending: { readonly va: number; readonly bytes: number } | undefined;

  /** `tuning`: when the engine makes another loop. */
  constructor(areas: readonly Area[], tuning?: Tuning) {
    let bytes = 0;
    const offsets = new Map<number, number>();
    for (const { va, bytes: size, kind, sameAs } of areas) {
      offsets.set(va, sameAs === undefined ? bytes : offsets.get(sameAs)!);
      if (!kind && sameAs === undefined) bytes += size;
    }
    this.memory = createMachineMemory({ regions: [{ name: 'ram', bytes }], recordBytes: 4 << 20 });
    const start = this.memory.regions.get('ram')!.offset;
    this.areas = areas.map((area) => ({ ...area, host: HostOffset(start + offsets.get(area.va)!) }));
    this.cpu = new CpuState(this.memory.buffer, this.memory.cpus[0].block);
    this.engine = new Engine(this.memory, this.cpu, this, tuning);
  }

  /** Byte offset in the memory of a VA that is memory, or -1. */
  hostOf(va: number): HostOffset {
    const area = this.areaOf(va);
    return HostOffset(area && !area.kind ? area.host + va - area.va : -1);
  }
  bytesAt(va: number, bytes: number): Uint8Array {
    const host = this.hostOf(va);
    return this.memory.u8.subarray(host, host + bytes);
  }
  /** The 64-bit value at a VA. */
  read64(va: number): bigint {
    return new DataView(this.memory.buffer).getBigUint64(this.hostOf(va), true);
  }
  write64(va: number, value: bigint): void {
    new DataView(this.memory.buffer).setBigUint64(this.hostOf(va), value, true);
    this.engine.code.invalidate(this.hostOf(va), 8);
  }

  /** Puts words, or assembled lines, at a VA and pc there. */
  load(va: number, program: readonly (string | number)[]): void {
    const view = new DataView(this.memory.buffer),
      host = this.hostOf(va);
    program.forEach((line, i) => view.setUint32(host + i * 4, typeof line === 'number' ? line : assemble(line, BigInt(va + i * 4)), true));
    this.engine.code.invalidate(host, program.length * 4);
    this.cpu.pc = BigInt(va);
  }

  /** Runs so many steps, or until something leaves generated code for good; returns the steps done. */
  run(steps: number): number {
    this.stop = undefined;
    let done = 0;
    while (done < steps && !this.stop) done += this.engine.run(steps - done);
    return done;
  }

  // EngineHost
  dataMiss(vaLow: number, vaHigh: number, kind: number, storeAllowed: boolean): HostOffset {
    this.misses++;
    this.nzcv = this.cpu.nzcv;
    if (this.throwAt === vaLow && storeAllowed === this.throwInStore) throw new Error('not built');
    const bytes = kind & 0xff,
      write = (kind & accessKind.write) !== 0,
      align = kind & accessKind.aligned ? bytes : elementOf(kind),
      unprivileged = (kind & accessKind.unprivileged) !== 0,
      first = this.refuse(vaLow, vaHigh, write);
    if ((kind & accessKind.aligned || this.areaOf(vaLow)?.strict) && vaLow % align) return this.faultAt(vaLow, vaHigh, write, true);
    if (first || (unprivileged && this.privileged.has(vaLow))) return this.faultAt(vaLow, vaHigh, write, false);
    const last = vaLow + bytes - 1,
      lastPage = last - (last % 4096);
    if (lastPage > vaLow && this.refuse(lastPage, vaHigh, write)) return this.faultAt(lastPage, vaHigh, write, false);
    const area = this.areaOf(vaLow)!,
      host = HostOffset(area.host + vaLow - area.va);
    if (!area.kind && lastPage <= vaLow) {
      this.engine.fastTlb.fill(
        unprivileged ? this.unprivilegedBank : 0,
        vaLow,
        vaHigh,
        host,
        true,
        area.writable === true,
        area.strict === true,
      );
      return host;
    }
    if (write) {
      if (!storeAllowed) return miss.store;
      this.pending = { va: vaLow, bytes };
      return this.engine.scratch;
    }
    for (let i = 0; i < bytes; i++)
      this.memory.u8[this.engine.scratch + i] = this.hostOf(vaLow + i) < 0 ? vaLow + i : this.memory.u8[this.hostOf(vaLow + i)];
    return this.engine.scratch;
  }
  misalignedStackPointer(): boolean {
    this.faulting = { kind: 'fault', access: 'read', alignment: true, va: this.cpu.sp };
    return this.checksStackPointer;
  }
  finishStore(): void {
    const { va, bytes } = this.pending!,
      data = this.memory.u8.slice(this.engine.scratch, this.engine.scratch + bytes);
    if (this.areaOf(va)!.kind) this.stores.push([va, ...data]);
    else
      data.forEach((byte, i) => {
        this.memory.u8[this.hostOf(va + i)] = byte;
        this.engine.code.invalidate(this.hostOf(va + i), 1);
      });
  }
  fault(word: number | undefined): void {
    const isFetch = this.faulting!.access === 'execute';
    const executed = isFetch ? undefined : new DataView(this.memory.buffer).getUint32(this.hostOf(Number(this.cpu.pc)), true);
    if (word !== executed) throw new Error(`the fault is said to be of ${word}, but ${executed} was executed`);
    this.stop = this.faulting;
  }
  fetchPage(vaLow: number, vaHigh: number): HostOffset {
    this.fetches++;
    const area = vaHigh === 0 ? this.areaOf(vaLow) : undefined;
    if (area?.executable && vaLow % 4 === 0) return this.hostOf(vaLow - (vaLow % 4096));
    this.faulting = { kind: 'fault', access: 'execute', alignment: vaLow % 4 !== 0, va: join(vaLow, vaHigh) };
    return HostOffset(-1);
  }
  system({ definition }: Decoded): void {
    this.elapsed = this.engine.elapsed;
    this.nzcv = this.cpu.nzcv;
    this.stop = { kind: 'system', name: definition.name };
  }
  floatingPoint(): boolean {
    return true;
  }
  floatingPointTrap(): void {
    throw new Error('floating point is never trapped here');
  }
  undefined(word: number): void {
    this.stop = { kind: 'undefined', word };
  }

  private areaOf(va: number): (Area & { readonly host: number }) | undefined {
    return this.areas.find((area) => va >= area.va && va < area.va + area.bytes);
  }
  private refuse(vaLow: number, vaHigh: number, write: boolean): boolean {
    const area = vaHigh === 0 ? this.areaOf(vaLow) : undefined;
    return !area || (write && area.writable !== true);
  }
  private faultAt(vaLow: number, vaHigh: number, write: boolean, alignment: boolean): HostOffset {
    this.faulting = { kind: 'fault', access: write ? 'write' : 'read', alignment, va: join(vaLow, vaHigh) };
    return miss.fault;
  }
}

const join = (low: number, high: number): bigint => (BigInt(high) << 32n) | BigInt(low);
