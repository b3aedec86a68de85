/**
 * Semihosting for AArch64 (Arm, "Semihosting for AArch32 and AArch64", release 3.0): W0 is the operation, X1 its parameter or the VA of a block
 * of doublewords, X0 the result. The console is the machine's own: what is written comes out with what the UART sends, and what is typed is
 * read. Time is the machine's. Only files are the host's.
 */
import { HostOffset, PA, VA } from '../base/addresses.ts';
import type { ByteReader, ByteWriter } from '../base/bytes.ts';
import type { CpuState } from '../cpu/index.ts';
import type { Mmu } from '../mmu/index.ts';
import type { Board } from './board.ts';
import type { Clock } from './clock.ts';
import { errno, type HostAnswer, type HostCall } from './host-files.ts';
import type { LoadedImage } from './loader.ts';
import type { PhysicalMemory } from './physical-memory.ts';
import type { Power } from './power.ts';
import type { SavedPart } from './saved-state.ts';

/** What a call needs of the machine around it. */
export interface SemihostingParts {
  /** Of the CPU that calls. */
  readonly caller: { readonly cpu: CpuState; readonly mmu: Mmu };
  readonly board: Board;
  readonly clock: Clock;
  readonly physical: PhysicalMemory;
  readonly power: Power;
  /** SYS_GET_CMDLINE. */
  readonly commandLine: string;
  readonly memoryBytes: number;
  readonly image: () => LoadedImage | undefined;
  /** A byte for the console. */
  readonly print: (byte: number) => void;
  readonly ask: (call: HostCall) => HostAnswer;
}

interface OpenFile {
  readonly kind: 'input' | 'output' | 'features' | 'file';
  readonly name: string;
  offset: number;
  /** What is written goes to the end. */
  readonly appends: boolean;
}

const FAILED = -1n;
const MOST_OPEN = 256;
/** Bytes that one call moves at most; a program gets the rest with the next. */
const MOST_BYTES = 1 << 20;
const MOST_NAME = 4096;
/** ":semihosting-features": SH_EXT_EXIT_EXTENDED and SH_EXT_STDOUT_STDERR. */
const features = Uint8Array.of(0x53, 0x48, 0x46, 0x42, 0b11);
/** ADP_Stopped_ApplicationExit: the program ended by itself. */
const APPLICATION_EXIT = 0x2_0026n;
const NS_PER_CENTISECOND = 10_000_000;
const RAM = PA(0x4000_0000);
/** RTCDR of the PL031: seconds since 1970. */
const RTC = PA(0x0901_0000);

/** A block of memory that the call names cannot be accessed. */
class BadAddress extends Error {}

export class Semihosting implements SavedPart {
  /** The call waits for something to be typed: it is made again when there is something. */
  isReading = false;
  private lastErrno = 0;
  /** By handle, from 1 on. */
  private readonly files = new Map<number, OpenFile>();

  constructor(private readonly parts: SemihostingParts) {}

  reset(): void {
    this.isReading = false;
    this.lastErrno = 0;
    this.files.clear();
  }

  /** Carries out the call of the instruction under way. False: it must be made again. */
  call(): boolean {
    const { cpu } = this.parts.caller;
    const operation = operations[cpu.xLow(0)] as Operation | undefined;
    let result: bigint | undefined;
    try {
      result = operation ? operation(this, cpu.x(1)) : FAILED;
    } catch (error) {
      if (!(error instanceof BadAddress)) throw error;
      result = this.fail(errno.EFAULT);
    }
    this.isReading = result === undefined;
    cpu.waiting = this.isReading;
    if (result === undefined) return false;
    cpu.setX(0, BigInt.asUintN(64, result));
    return true;
  }

  // ---- operations, in the order of their numbers; undefined: it waits

  open(block: bigint): bigint {
    const [at, mode, length] = this.words(block, 3);
    if (length > MOST_NAME || mode > 11n) return this.fail(errno.EINVAL);
    const name = this.text(at, Number(length));
    const kind = name === ':tt' ? (mode < 4n ? 'input' : 'output') : name === ':semihosting-features' ? 'features' : 'file';
    const [isWrite, isAppend] = [mode >= 4n && mode < 8n, mode >= 8n];
    if (kind === 'file') {
      const size = isWrite ? undefined : this.parts.ask({ op: 'size', name });
      if (size && size.value < 0 && !isAppend) return this.fail(size.errno);
      if (isWrite || size!.value < 0) {
        const made = this.parts.ask({ op: 'create', name });
        if (made.value < 0) return this.fail(made.errno);
      }
    }
    for (let handle = 1; handle <= MOST_OPEN; handle++) {
      if (this.files.has(handle)) continue;
      this.files.set(handle, { kind, name, offset: 0, appends: isAppend });
      return BigInt(handle);
    }
    return this.fail(errno.EMFILE);
  }
  close(block: bigint): bigint {
    const [handle] = this.words(block, 1);
    return this.files.delete(Number(handle)) ? 0n : this.fail(errno.EBADF);
  }
  writeCharacter(at: bigint): bigint {
    this.print(this.read(at, 1));
    return 0n;
  }
  writeText(at: bigint): bigint {
    for (let from = at; from - at < MOST_BYTES; from++) {
      const [byte] = this.read(from, 1);
      if (byte === 0) break;
      this.parts.print(byte);
    }
    return 0n;
  }
  /** Gives how many bytes were not written. */
  write(block: bigint): bigint {
    const [handle, at, length] = this.words(block, 3);
    const file = this.files.get(Number(handle));
    const count = Math.min(Number(length), MOST_BYTES);
    if (!file || file.kind === 'input' || file.kind === 'features') return this.fail(errno.EBADF, length);
    const bytes = this.read(at, count);
    if (file.kind === 'output') this.print(bytes);
    else {
      const end = file.appends ? this.parts.ask({ op: 'size', name: file.name }).value : file.offset;
      const { value, errno: why } = this.parts.ask({ op: 'write', name: file.name, offset: end, bytes });
      if (value < 0) return this.fail(why, length);
      file.offset = end + count;
    }
    return length - BigInt(count);
  }
  /** Gives how many bytes were not read: all of them at the end. */
  readFile(block: bigint): bigint | undefined {
    const [handle, at, length] = this.words(block, 3);
    const file = this.files.get(Number(handle));
    const count = Math.min(Number(length), MOST_BYTES);
    if (!file || file.kind === 'output') return this.fail(errno.EBADF, length);
    if (count === 0) return length;
    let bytes: Uint8Array;
    if (file.kind === 'input') {
      // A terminal gives what there is.
      bytes = this.typed(count);
      if (bytes.length === 0) return undefined;
    } else if (file.kind === 'features') bytes = features.subarray(file.offset, file.offset + count);
    else {
      const answer = this.parts.ask({ op: 'read', name: file.name, offset: file.offset, length: count });
      if (answer.value < 0) return this.fail(answer.errno, length);
      bytes = answer.bytes.subarray(0, count);
    }
    this.store(at, bytes);
    file.offset += bytes.length;
    return length - BigInt(bytes.length);
  }
  readCharacter(): bigint | undefined {
    const [byte] = this.typed(1);
    return byte === undefined ? undefined : BigInt(byte);
  }
  isError(block: bigint): bigint {
    const [code] = this.words(block, 1);
    return BigInt.asIntN(64, code) < 0n ? 1n : 0n;
  }
  isTerminal(block: bigint): bigint {
    const file = this.files.get(Number(this.words(block, 1)[0]));
    if (!file) return this.fail(errno.EBADF);
    return file.kind === 'input' || file.kind === 'output' ? 1n : 0n;
  }
  seek(block: bigint): bigint {
    const [handle, offset] = this.words(block, 2);
    const file = this.files.get(Number(handle));
    if (!file) return this.fail(errno.EBADF);
    if (file.kind === 'input' || file.kind === 'output') return this.fail(errno.ESPIPE);
    if (offset > BigInt(Number.MAX_SAFE_INTEGER)) return this.fail(errno.EINVAL);
    file.offset = Number(offset);
    return 0n;
  }
  length(block: bigint): bigint {
    const file = this.files.get(Number(this.words(block, 1)[0]));
    if (!file) return this.fail(errno.EBADF);
    if (file.kind === 'features') return BigInt(features.length);
    if (file.kind !== 'file') return this.fail(errno.ESPIPE);
    return this.asked({ op: 'size', name: file.name });
  }
  remove(block: bigint): bigint {
    const [at, length] = this.words(block, 2);
    return length > MOST_NAME ? this.fail(errno.EINVAL) : this.asked({ op: 'remove', name: this.text(at, Number(length)) });
  }
  rename(block: bigint): bigint {
    const [at, length, toAt, toLength] = this.words(block, 4);
    if (length > MOST_NAME || toLength > MOST_NAME) return this.fail(errno.EINVAL);
    return this.asked({ op: 'rename', name: this.text(at, Number(length)), to: this.text(toAt, Number(toLength)) });
  }
  centiseconds(): bigint {
    return BigInt(Math.floor(this.parts.clock.ns / NS_PER_CENTISECOND));
  }
  seconds(): bigint {
    const { bus } = this.parts.board;
    return bus.peek(RTC, 4) ? BigInt(bus.low >>> 0) : FAILED;
  }
  errorNumber(): bigint {
    return BigInt(this.lastErrno);
  }
  commandLine(block: bigint): bigint {
    const [at, room] = this.words(block, 2);
    const bytes = new TextEncoder().encode(`${this.parts.commandLine}\0`);
    if (room < bytes.length) return this.fail(errno.EINVAL);
    this.store(at, bytes);
    this.store(block + 8n, doublewords(BigInt(bytes.length - 1)));
    return 0n;
  }
  /** Heap and stack share what of RAM lies above the program. */
  heapInfo(at: bigint): bigint {
    const [block] = this.words(at, 1);
    const { memoryBytes, image } = this.parts;
    const end = RAM + memoryBytes;
    const ends = (image()?.segments ?? []).map(({ pa, bytes, memoryBytes: all = bytes.length }) => pa + all);
    const base = Math.max(RAM, ...ends.filter((one) => one <= end));
    const heap = BigInt(Math.min(end, Math.ceil(base / 4096) * 4096));
    this.store(block, doublewords(heap, BigInt(end), BigInt(end), heap));
    return 0n;
  }
  exit(block: bigint): bigint {
    const [reason, code] = this.words(block, 2);
    const { power, caller } = this.parts;
    power.stop = { kind: 'exit', by: caller.cpu.el, code: reason === APPLICATION_EXIT ? Number(code & 0xffn) : 1 };
    return 0n;
  }
  elapsed(block: bigint): bigint {
    this.store(block, doublewords(BigInt(this.parts.clock.ns)));
    return 0n;
  }

  // ---- with what they are made

  private fail(why: number, result = FAILED): bigint {
    this.lastErrno = why;
    return result;
  }
  private asked(call: HostCall): bigint {
    const { value, errno: why } = this.parts.ask(call);
    return value < 0 ? this.fail(why) : BigInt(value);
  }
  private print(bytes: Uint8Array): void {
    for (const byte of bytes) this.parts.print(byte);
  }
  private typed(most: number): Uint8Array {
    const bytes: number[] = [];
    const { uart } = this.parts.board;
    for (let byte = uart.take(); byte !== undefined; byte = bytes.length < most ? uart.take() : undefined) bytes.push(byte);
    return Uint8Array.from(bytes);
  }
  private words(at: bigint, count: number): bigint[] {
    const view = new DataView(this.read(at, 8 * count).buffer);
    return Array.from({ length: count }, (_, i) => view.getBigUint64(8 * i, true));
  }
  private text(at: bigint, length: number): string {
    return new TextDecoder().decode(this.read(at, length));
  }

  /** Parts of a stretch of VAs by page, as the level under way reaches them. Throws BadAddress. */
  private *pages(
    at: bigint,
    length: number,
    intent: 'read' | 'write',
  ): Generator<{ pa: PA; host: HostOffset; offset: number; bytes: number }> {
    const { board } = this.parts;
    const { mmu, cpu } = this.parts.caller;
    for (let offset = 0; offset < length;) {
      const va = VA(BigInt.asUintN(64, at + BigInt(offset)));
      const bytes = Math.min(length - offset, 4096 - Number(va & 0xfffn));
      const probe = mmu.probe(va, intent, cpu.el);
      const host = probe.ok ? board.bus.hostAddress(probe.pa) : HostOffset(-1);
      if (!probe.ok || host < 0) throw new BadAddress();
      yield { pa: probe.pa, host, offset, bytes };
      offset += bytes;
    }
  }
  private read(at: bigint, length: number): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(length);
    for (const { pa, offset, bytes } of this.pages(at, length, 'read')) all.set(this.parts.board.bus.peekBytes(pa, bytes)!, offset);
    return all;
  }
  private store(at: bigint, all: Uint8Array): void {
    for (const { pa, host, offset, bytes } of [...this.pages(at, all.length, 'write')])
      this.parts.physical.writeBy('semihosting', pa, host, all.subarray(offset, offset + bytes));
  }

  save(writer: ByteWriter): void {
    writer.flag(this.isReading).u32(this.lastErrno).u32(this.files.size);
    for (const [handle, { kind, name, offset, appends }] of this.files)
      writer.u32(handle).u8(kindsOfFile.indexOf(kind)).text(name).count(offset).flag(appends);
  }
  load(reader: ByteReader): void {
    this.isReading = reader.flag();
    this.lastErrno = reader.u32();
    this.files.clear();
    for (let left = Math.min(reader.u32(), MOST_OPEN); left > 0; left--) {
      const handle = reader.u32();
      const kind = kindsOfFile[reader.u8()] ?? 'file';
      this.files.set(handle, { kind, name: reader.text(), offset: reader.count(), appends: reader.flag() });
    }
  }
}
const kindsOfFile = ['input', 'output', 'features', 'file'] as const;
const doublewords = (...values: bigint[]): Uint8Array => new Uint8Array(BigUint64Array.from(values).buffer);

type Operation = (semihosting: Semihosting, parameter: bigint) => bigint | undefined;
/** By number (section 6). */
const operations: Readonly<Record<number, Operation>> = {
  0x01: (call, block) => call.open(block),
  0x02: (call, block) => call.close(block),
  0x03: (call, at) => call.writeCharacter(at),
  0x04: (call, at) => call.writeText(at),
  0x05: (call, block) => call.write(block),
  0x06: (call, block) => call.readFile(block),
  0x07: (call) => call.readCharacter(),
  0x08: (call, block) => call.isError(block),
  0x09: (call, block) => call.isTerminal(block),
  0x0a: (call, block) => call.seek(block),
  0x0c: (call, block) => call.length(block),
  0x0e: (call, block) => call.remove(block),
  0x0f: (call, block) => call.rename(block),
  0x10: (call) => call.centiseconds(),
  0x11: (call) => call.seconds(),
  0x13: (call) => call.errorNumber(),
  0x15: (call, block) => call.commandLine(block),
  0x16: (call, at) => call.heapInfo(at),
  0x18: (call, block) => call.exit(block),
  0x20: (call, block) => call.exit(block),
  0x30: (call, block) => call.elapsed(block),
  // Ticks are nanoseconds.
  0x31: () => 1_000_000_000n,
};
