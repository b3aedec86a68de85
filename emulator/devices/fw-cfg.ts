/**
 * The firmware configuration device (QEMU documentation, docs/specs/fw_cfg): items chosen by a key and read byte by byte, or by DMA. Of
 * QEMU's items those are here that a board without ACPI and SMBIOS tables has.
 */
import type { ByteReader, ByteWriter } from '../base/bytes.ts';
import { truncate, type AccessBytes, type Device, type RegisterDescription } from './device.ts';

const SELECTOR = 0x08;
const DMA = 0x10;
const FILE_DIRECTORY = 0x19;
const FIRST_FILE = 0x20;
/** Bits of the identification item: the traditional interface and DMA. */
const ID = 3;
/** What the DMA register reads as: "QEMU CFG". */
const DMA_SIGNATURE = new TextEncoder().encode('QEMU CFG');

/** Bits of the control word of a DMA request. */
const dma = { error: 1, read: 2, skip: 4, select: 8, write: 16 } as const;

/** The guest's memory, as a DMA request reaches it, by PA. */
export interface DmaMemory {
  /** Undefined where any of the range is not memory. */
  read(pa: number, length: number): Uint8Array | undefined;
  /** False where any of the range is not RAM. */
  write(pa: number, bytes: Uint8Array): boolean;
}

const fwCfgRegisters: readonly RegisterDescription[] = [
  { name: 'Data', offset: 0x00, width: 64, access: 'r', title: 'The next bytes of the chosen item' },
  { name: 'Selector', offset: SELECTOR, width: 16, access: 'w', title: 'Chooses an item (big-endian)' },
  { name: 'DMA address', offset: DMA, width: 64, access: 'rw', title: 'PA of a request (big-endian); writing the low half starts it' },
];

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const files: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ['bios-geometry', new Uint8Array()],
  ['bootorder', new Uint8Array()],
  ['etc/boot-fail-wait', Uint8Array.of(0xff, 0xff, 0xff, 0xff)],
];

const items: ReadonlyMap<number, Uint8Array> = new Map([
  [0x00, text('QEMU')],
  [0x01, Uint8Array.of(ID, 0, 0, 0)],
  // Number of CPUs.
  [0x05, Uint8Array.of(1, 0)],
  [FILE_DIRECTORY, fileDirectory()],
  ...files.map(([, bytes], i) => [FIRST_FILE + i, bytes] as const),
]);

function fileDirectory(): Uint8Array {
  const ENTRY = 64;
  const bytes = new Uint8Array(4 + files.length * ENTRY);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, files.length);
  files.forEach(([name, contents], i) => {
    const at = 4 + i * ENTRY;
    view.setUint32(at, contents.length);
    view.setUint16(at + 4, FIRST_FILE + i);
    bytes.set(text(name), at + 8);
  });
  return bytes;
}

export class FwCfg implements Device {
  readonly name = 'fw-cfg';
  readonly registers = fwCfgRegisters;
  private readonly memory: DmaMemory;
  private key = 0;
  /** Bytes of the item read so far. */
  private position = 0;
  private dmaHigh = 0;

  constructor(memory: DmaMemory) {
    this.memory = memory;
  }

  reset(): void {
    this.key = this.position = this.dmaHigh = 0;
  }

  accepts(offset: number, bytes: number, isWrite: boolean): boolean {
    if (offset < SELECTOR) return offset === 0;
    if (offset < SELECTOR + 2) return isWrite && offset === SELECTOR && bytes === 2;
    if (offset < DMA) return false;
    return !isWrite || (offset === DMA && bytes >= 4) || (offset === DMA + 4 && bytes === 4);
  }

  read(offset: number, bytes: AccessBytes): number {
    const value = this.peek(offset, bytes);
    if (offset < SELECTOR) this.position += bytes;
    return value;
  }

  peek(offset: number, bytes: AccessBytes): number {
    let value = 0;
    if (offset < SELECTOR) for (let i = 0; i < bytes; i++) value |= this.byte(this.position + i) << (8 * i);
    if (offset >= DMA) for (let i = 0; i < bytes; i++) value |= (DMA_SIGNATURE[offset - DMA + i] ?? 0) << (8 * i);
    return truncate(value, bytes);
  }

  write(offset: number, _bytes: AccessBytes, value: number): void {
    if (offset === SELECTOR) this.select(((value & 0xff) << 8) | (value >> 8));
    else if (offset === DMA) this.dmaHigh = swap(value);
    else if (offset === DMA + 4) {
      const request = this.dmaHigh * 2 ** 32 + swap(value);
      this.dmaHigh = 0;
      this.transfer(request);
    }
  }

  private byte(position: number): number {
    return items.get(this.key)?.[position] ?? 0;
  }

  private select(key: number): void {
    this.key = key;
    this.position = 0;
  }

  /** Carries out the request at a PA: control, length, address, all big-endian. The answer replaces the control word. */
  private transfer(request: number): void {
    const bytes = this.memory.read(request, 16);
    if (!bytes) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
    const control = view.getUint32(0),
      length = view.getUint32(4),
      address = view.getUint32(8) * 2 ** 32 + view.getUint32(12);
    if (control & dma.select) this.select(control >>> 16);
    let failed = false;
    if (control & dma.read) {
      // Behind the end of an item come zeros; more of them than the largest memory holds cannot be meant.
      failed =
        length > 2 ** 31 ||
        !this.memory.write(
          address,
          Uint8Array.from({ length }, (_, i) => this.byte(this.position + i)),
        );
    } else if (control & dma.write) failed = true;
    if (control & (dma.read | dma.skip | dma.write)) this.position += length;
    this.memory.write(request, Uint8Array.of(0, 0, 0, failed ? dma.error : 0));
  }

  save(writer: ByteWriter): void {
    writer.u16(this.key).count(this.position).u32(this.dmaHigh);
  }
  load(reader: ByteReader): void {
    this.key = reader.u16();
    this.position = reader.count();
    this.dmaHigh = reader.u32();
  }
}

const swap = (value: number): number => ((value >>> 24) | ((value >>> 8) & 0xff00) | ((value << 8) & 0xff0000) | (value << 24)) >>> 0;
