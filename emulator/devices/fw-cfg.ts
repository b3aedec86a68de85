/**
 * The firmware configuration device (QEMU documentation, docs/specs/fw_cfg): items chosen by a key and read byte by byte, or by DMA. Of
 * QEMU's items those are here that a board without ACPI tables has, and a kernel that firmware is to start.
 */
import { PA } from '../base/addresses.ts';
import { truncate, type AccessBytes } from './device.ts';
import type { DmaMemory } from './dma.ts';
import { field } from './fields.ts';
import { RegisterDevice, registersOf } from './registers.ts';
import { count, number } from './state.ts';

const SELECTOR = 0x08;
const DMA = 0x10;
const FILE_DIRECTORY = 0x19;
const FIRST_FILE = 0x20;
/** Bits of the identification item: the traditional interface and DMA. */
const ID = 3;
/** What the DMA register reads as, the lower half and the upper: "QEMU CFG". */
const DMA_SIGNATURE = [0x554d_4551, 0x4746_4320];

/** Bits of the control word of a DMA request. */
const dma = { error: 1, read: 2, skip: 4, select: 8, write: 16 } as const;

/** What a request for more than an item has is filled with, piece by piece. */
const zeros = new Uint8Array(1 << 16);

const table = registersOf<FwCfg>()(
  {
    Data: {
      offset: 0x00,
      width: 64,
      access: 'r',
      inside: 'whole',
      title: 'The next bytes of the chosen item, as many as are read',
      fields: [field('Bytes', 63, 0, 'the first one lowest')],
      peek: (device, _, bytes): number => device.next(bytes),
      read: (device, _, bytes): number => device.takeNext(bytes),
    },
    Selector: {
      offset: SELECTOR,
      width: 16,
      access: 'w',
      title: 'Chooses an item',
      fields: [
        field('Key', 15, 0, 'number of the item, big-endian', {
          0x0000: 'signature',
          0x0100: 'interfaces',
          0x0500: 'CPUs',
          0x1900: 'files',
        }),
      ],
      write: (device, value): void => device.select(((value & 0xff) << 8) | (value >> 8)),
    },
    'DMA address': {
      offset: DMA,
      width: 64,
      access: 'rw',
      inside: 'bytes',
      title: 'Starts a request when its upper half is written; reads as "QEMU CFG"',
      fields: [field('Address', 63, 0, 'PA of the request, big-endian')],
      peek: (_device, half): number => DMA_SIGNATURE[half],
      write: (device, value, half): void => device.setAddress(half, swap(value)),
    },
  },
  {
    /** The item chosen, and how many of its bytes were read. */
    key: number({ max: 0xffff }),
    position: count(),
    /** The upper half of the PA of the next request. */
    dmaHigh: number(),
  },
);

/** A Linux kernel with what belongs to it, as firmware finds them (QEMU documentation, docs/specs/fw_cfg, "Firmware Configuration Items"). */
export interface PassedKernel {
  readonly kernel: Uint8Array;
  readonly initrd?: Uint8Array | undefined;
  readonly append?: string | undefined;
}

/** Each in two items: how many bytes it has, and the bytes. */
const passedKeys = { kernel: [0x08, 0x11], initrd: [0x0b, 0x12], append: [0x14, 0x15] } as const;

function passedItems({ kernel, initrd, append = '' }: PassedKernel): ReadonlyMap<number, Uint8Array> {
  const pair = ([size, data]: readonly [number, number], bytes: Uint8Array): (readonly [number, Uint8Array])[] => [
    [size, new Uint8Array(Uint32Array.of(bytes.length).buffer)],
    [data, bytes],
  ];
  return new Map([
    ...pair(passedKeys.kernel, kernel),
    ...(initrd ? pair(passedKeys.initrd, initrd) : []),
    ...pair(passedKeys.append, text(`${append}\0`)),
  ]);
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
/** A file of the directory. */
export type FwCfgFile = readonly [name: string, bytes: Uint8Array];
const ownFiles: readonly FwCfgFile[] = [
  ['bios-geometry', new Uint8Array()],
  ['bootorder', new Uint8Array()],
  ['etc/boot-fail-wait', Uint8Array.of(0xff, 0xff, 0xff, 0xff)],
];

const itemsOf = (cpus: number, files: readonly FwCfgFile[]): ReadonlyMap<number, Uint8Array> =>
  new Map([
    [0x00, text('QEMU')],
    [0x01, Uint8Array.of(ID, 0, 0, 0)],
    [0x05, Uint8Array.of(cpus, 0)],
    [FILE_DIRECTORY, fileDirectory(files)],
    ...files.map(([, bytes], i) => [FIRST_FILE + i, bytes] as const),
  ]);

function fileDirectory(files: readonly FwCfgFile[]): Uint8Array {
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

export class FwCfg extends RegisterDevice<typeof table> {
  private readonly items: ReadonlyMap<number, Uint8Array>;
  private passed: ReadonlyMap<number, Uint8Array> = new Map();

  constructor(
    private readonly memory: DmaMemory,
    cpus: number,
    /** Beside those that every board has; their names come after these. */
    files: readonly FwCfgFile[],
  ) {
    super('fw-cfg', table);
    this.items = itemsOf(cpus, [...ownFiles, ...files]);
  }

  /** Before the machine runs: a kernel for firmware to find. */
  passKernel(kernel: PassedKernel): void {
    this.passed = passedItems(kernel);
  }

  accepts(offset: number, bytes: number, isWrite: boolean): boolean {
    if (offset < SELECTOR) return offset === 0;
    if (offset < SELECTOR + 2) return isWrite && offset === SELECTOR && bytes === 2;
    if (offset < DMA) return false;
    return !isWrite || (offset === DMA && bytes >= 4) || (offset === DMA + 4 && bytes === 4);
  }

  next(bytes: AccessBytes): number {
    let value = 0;
    for (const [i, byte] of this.rest.subarray(0, bytes).entries()) value |= byte << (8 * i);
    return truncate(value, bytes);
  }
  takeNext(bytes: AccessBytes): number {
    const value = this.next(bytes);
    this.pass(bytes);
    return value;
  }

  /** What the item chosen has left. */
  private get rest(): Uint8Array {
    return (this.items.get(this.state.key) ?? this.passed.get(this.state.key) ?? nothing).subarray(this.state.position);
  }
  /** A reader never stands behind the end of its item. */
  private pass(bytes: number): void {
    this.state.position += Math.min(bytes, this.rest.length);
  }

  select(key: number): void {
    this.state.key = key;
    this.state.position = 0;
  }

  /** The half at the lower address is the upper one of the PA: big-endian. Writing the other starts the request. */
  setAddress(half: number, value: number): void {
    const { state } = this;
    if (half === 0) state.dmaHigh = value;
    else {
      const request = PA(state.dmaHigh * 2 ** 32 + value);
      state.dmaHigh = 0;
      this.transfer(request);
    }
  }

  /** Carries out the request at a PA: control, length, address, all big-endian. The answer replaces the control word. */
  private transfer(request: PA): void {
    const bytes = this.memory.read(request, 16);
    if (!bytes) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
    const control = view.getUint32(0),
      length = view.getUint32(4),
      address = PA(view.getUint32(8) * 2 ** 32 + view.getUint32(12));
    if (control & dma.select) this.select(control >>> 16);
    const { rest } = this;
    let failed = false;
    // Behind the end of an item come zeros.
    if (control & dma.read)
      failed = !this.put(address, rest.subarray(0, length)) || !this.putZeros(address + rest.length, length - rest.length);
    else if (control & dma.write) failed = length > 0;
    if (control & (dma.read | dma.skip | dma.write)) this.pass(length);
    this.put(request, Uint8Array.of(0, 0, 0, failed ? dma.error : 0));
  }
  /** False where any of the range is not RAM; then nothing is written. */
  private put(pa: number, bytes: Uint8Array): boolean {
    if (bytes.length === 0) return true;
    if (!this.memory.isWritable(PA(pa), bytes.length)) return false;
    this.memory.write(PA(pa), bytes);
    return true;
  }
  /** The same with zeros: as many as there is RAM, whatever a guest asks for. */
  private putZeros(pa: number, length: number): boolean {
    if (length <= 0) return true;
    if (!this.memory.isWritable(PA(pa), length)) return false;
    for (let done = 0; done < length; done += zeros.length)
      this.memory.write(PA(pa + done), zeros.subarray(0, Math.min(zeros.length, length - done)));
    return true;
  }
}

const nothing = new Uint8Array();

const swap = (value: number): number => ((value >>> 24) | ((value >>> 8) & 0xff00) | ((value << 8) & 0xff0000) | (value << 24)) >>> 0;
