/**
 * The stream in which QEMU sends the state of a machine to another QEMU (its documentation, "Migration framework"; numbers are big-endian).
 * All of RAM comes in it, with pages of one repeated byte as that byte, and more of the devices than their registers show.
 */
import { gicV3Of, type GicV3State } from './gic-v3-state.ts';
import { broken, Stream } from './stream.ts';

const MAGIC = 0x5145_564d;
const VERSION = 3;
const section = { start: 1, part: 2, last: 3, full: 4, configuration: 7, footer: 0x7e } as const;
/** Flags in the low bits of an entry of RAM. */
const flag = { zero: 0x02, size: 0x04, page: 0x08, endOfSection: 0x10, sameBlock: 0x20 } as const;
const PAGE = 4096;
/** Bytes of a block: no machine that is shown has as much. Its pages may come as a byte each. */
const MOST_BLOCK = 2 ** 32;

export interface RamBlock {
  readonly name: string;
  readonly bytes: number;
  /** By number in the block: those that are not zero. */
  readonly pages: Map<number, Uint8Array>;
}
export interface MachineState {
  /** "virt-7.2". */
  readonly machine: string;
  readonly blocks: readonly RamBlock[];
  /** The clock of the guest in nanoseconds; undefined where it counts instructions by an unknown measure. */
  readonly clock: { readonly ns: number } | { readonly bias: number; readonly instructions: number } | undefined;
  /** The CPU waits for an interrupt. */
  readonly halted: boolean;
  /** What waits in the receive FIFO of the UART, the oldest first. */
  readonly received: readonly number[];
  /** Of a GICv3. */
  readonly gic: GicV3State | undefined;
}

/** Throws InputError for what is no such stream, or is cut off. */
export function readMachineState(bytes: Uint8Array): MachineState {
  const stream = new Stream(bytes);
  if (stream.u32() !== MAGIC || stream.u32() !== VERSION) throw broken('it does not begin as one', 0);
  if (stream.u8() !== section.configuration) throw broken('it names no machine', 8);
  const machine = new TextDecoder().decode(stream.raw(stream.u32()));
  skipSubsections(stream);
  const blocks = readRam(stream);
  const devices = bytes.subarray(stream.at);
  return {
    machine,
    blocks,
    ...clockOf(devices),
    halted: haltedOf(devices),
    received: receivedOf(devices),
    gic: gicV3Of(deviceData(devices, 'arm_gicv3', 1)),
  };
}

/** Of the configuration: whatever they hold, the first section that follows begins the RAM. */
function skipSubsections(stream: Stream): void {
  while (stream.left > 0) {
    const { at } = stream;
    if (stream.u8() === section.start) {
      const id = stream.u32();
      if (id < 0x1000 && stream.name() === 'ram') {
        stream.at = at;
        return;
      }
    }
    stream.at = at + 1;
  }
  throw broken('it holds no RAM', stream.at);
}

function readRam(stream: Stream): RamBlock[] {
  const blocks: RamBlock[] = [];
  let ram: number | undefined;
  const last: LastBlock = { block: undefined };
  for (;;) {
    const { at } = stream;
    const kind = stream.u8();
    if (kind === section.start) {
      const id = stream.u32();
      const name = stream.name();
      stream.u32();
      stream.u32();
      if (name !== 'ram') throw broken(`section "${name}" is unknown`, at);
      ram = id;
    } else if (kind === section.part || kind === section.last) {
      if (stream.u32() !== ram) throw broken('a section was not begun', at);
    } else if (kind === section.full) {
      stream.at = at;
      return blocks;
    } else throw broken(`there is no kind ${kind} of section`, at);
    readRamSection(stream, blocks, last);
    if (stream.u8() !== section.footer || stream.u32() !== ram) throw broken('a section does not end where it should', stream.at);
  }
}

/** The block of the last entry, also of the section before: the next one may be in the same. */
interface LastBlock {
  block: RamBlock | undefined;
}

function readRamSection(stream: Stream, blocks: RamBlock[], last: LastBlock): void {
  for (;;) {
    const { at } = stream;
    const entry = stream.u64();
    const flags = Number(entry & 0xfffn);
    const offset = Number(entry & ~0xfffn & 0x1f_ffff_ffff_ffffn);
    if (flags & flag.endOfSection) return;
    if (flags & flag.size) {
      for (let left = offset; left > 0;) {
        const name = stream.name();
        const bytes = stream.count();
        blocks.push({ name, bytes, pages: new Map() });
        if (bytes === 0 || bytes > MOST_BLOCK || blocks.length > 256) throw broken('the list of its RAM makes no sense', at);
        left -= bytes;
      }
      continue;
    }
    if (!(flags & (flag.zero | flag.page))) throw broken(`an entry of RAM has flags 0x${flags.toString(16)}`, at);
    if (!(flags & flag.sameBlock)) {
      const name = stream.name();
      last.block = blocks.find((candidate) => candidate.name === name);
    }
    const { block } = last;
    if (!block || offset + PAGE > block.bytes) throw broken('a page lies in no RAM', at);
    if (flags & flag.page) block.pages.set(offset / PAGE, stream.raw(PAGE));
    else {
      const fill = stream.u8();
      if (fill === 0) block.pages.delete(offset / PAGE);
      else block.pages.set(offset / PAGE, new Uint8Array(PAGE).fill(fill));
    }
  }
}

/** The data of the section of a device; its form is known by its version. */
function deviceData(devices: Uint8Array, name: string, version: number): Stream | undefined {
  const wanted = [name.length, ...new TextEncoder().encode(name), 0, 0, 0, 0, 0, 0, 0, version];
  for (let at = devices.indexOf(section.full); at >= 0; at = devices.indexOf(section.full, at + 1)) {
    const from = at + 5;
    if (!wanted.every((byte, i) => devices[from + i] === byte)) continue;
    return new Stream(devices.subarray(from + wanted.length));
  }
  return undefined;
}

function clockOf(devices: Uint8Array): Pick<MachineState, 'clock'> {
  const timer = deviceData(devices, 'timer', 2);
  if (!timer || timer.left < 24) return { clock: undefined };
  timer.raw(16);
  const ns = timer.count();
  if (!timer.subsection('timer/icount')) return { clock: { ns } };
  return { clock: { bias: Number(BigInt.asIntN(64, timer.u64())), instructions: timer.count() } };
}
function haltedOf(devices: Uint8Array): boolean {
  const cpu = deviceData(devices, 'cpu_common', 1);
  return cpu !== undefined && cpu.left >= 4 && cpu.u32() === 1;
}
function receivedOf(devices: Uint8Array): number[] {
  const uart = deviceData(devices, 'pl011', 2);
  if (!uart || uart.left < 4 * 30) return [];
  // What is read, the flags, and six registers.
  uart.raw(4 * 8);
  const fifo = Array.from({ length: 16 }, () => uart.u32());
  uart.raw(4 * 4);
  const [position, count] = [uart.u32(), uart.u32()];
  return count > 16 ? [] : Array.from({ length: count }, (_, i) => fifo[(position + i) & 15]);
}
