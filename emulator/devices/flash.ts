/**
 * NOR flash with the Intel command set (Intel 28F256 family; JEDEC JESD68, common flash interface), as QEMU 7.2's `virt` board has it:
 * two 16-bit chips side by side make a bank of 32 bits. Reads come from memory until a command is written; then the device answers, until
 * it is told to show its array again. A sector of a fresh bank reads as zeros, since nobody has erased it.
 */
import { truncate, type AccessBytes } from './device.ts';
import { bit } from './fields.ts';
import { RegisterDevice, registersOf } from './registers.ts';
import { blob, number } from './state.ts';

/** Commands, in the low byte of what is written (28F256 data sheet, table "Command Set Definitions"). */
const command = {
  readArrayZero: 0x00,
  lockConfirm: 0x01,
  program: 0x10,
  erase: 0x20,
  programAlternate: 0x40,
  clearStatus: 0x50,
  lock: 0x60,
  readStatus: 0x70,
  readId: 0x90,
  query: 0x98,
  confirm: 0xd0,
  bufferedProgram: 0xe8,
  amdReset: 0xf0,
  readArray: 0xff,
} as const;
/** Bytes that a buffered program may change: the block of this size to which the number of words was written. */
const BUFFER_BYTES = 2048;

export const flashSectorBytes = 256 << 10;
const BANK_BYTES = 4;
const MANUFACTURER = 0x89;
const DEVICE = 0x18;

/** The bank's memory. */
export interface FlashMemory {
  /** Only to read: `write` is how it is changed. */
  readonly bytes: Uint8Array;
  /** Writes to the memory from an offset of the bank on. */
  write(offset: number, bytes: Uint8Array): void;
  /** True: reads show the array directly. False: they go to the device. */
  setMapped(mapped: boolean): void;
}

/** What a read or write does depends on the command under way, so that the class itself answers. */
const table = registersOf<Flash>()(
  {
    Status: {
      offset: 0,
      width: 8,
      access: 'r',
      title: 'After a command: whether it is done',
      fields: [bit('SR.7', 7, 'ready'), bit('SR.4', 4, 'the program failed')],
      reset: 0x80,
      stored: 0xff,
    },
  },
  {
    /** The command under way; `readArrayZero`: none, and reads show the array. */
    active: number({ max: 0xff }),
    /** How many writes belong to it so far. */
    cycle: number({ max: 3 }),
    /** Words that a buffered program still waits for, less one. */
    counter: number(),
    /** What a buffered program has gathered; empty where there is none. */
    buffer: blob(BUFFER_BYTES),
    /** The offset in the bank where it goes. */
    bufferOffset: number(),
  },
);
const { 'SR.7': READY, 'SR.4': PROGRAM_ERROR } = table.bits.Status;

export class Flash extends RegisterDevice<typeof table> {
  private readonly memory: FlashMemory;
  private readonly query: Uint8Array;
  private mapped = true;

  constructor(name: string, memory: FlashMemory) {
    super(name, table);
    this.memory = memory;
    this.query = queryTable(memory.bytes.length);
  }

  protected override changed(): void {
    const mapped = this.state.active === command.readArrayZero;
    if (this.mapped === mapped) return;
    this.mapped = mapped;
    this.memory.setMapped(mapped);
  }
  protected override loaded(): void {
    this.state.bufferOffset = Math.min(this.state.bufferOffset, this.memory.bytes.length - BUFFER_BYTES);
    this.changed();
  }

  override read(offset: number, bytes: AccessBytes): number {
    return this.peek(offset, bytes);
  }

  override peek(offset: number, bytes: AccessBytes): number {
    // Each chip sees the address of a bank word; both answer the same.
    const word = offset >> 2;
    switch (this.state.active) {
      case command.readArrayZero:
        return littleEndian(this.memory.bytes, offset, bytes);
      case command.readId:
        return truncate(twice([MANUFACTURER, DEVICE][word & 0xff] ?? 0), bytes);
      case command.query:
        return truncate(twice(this.query[word] ?? 0), bytes);
      default:
        return bytes === 4 ? twice(this.state.Status) : this.state.Status;
    }
  }

  override write(offset: number, bytes: AccessBytes, value: number): void {
    const low = value & 0xff;
    if (this.state.cycle === 0) this.begin(offset, low);
    else if (this.state.cycle === 1) this.second(offset, bytes, value, low);
    else if (this.state.cycle === 2) this.gather(offset, bytes, value);
    else if (low === command.confirm && !(this.state.Status & PROGRAM_ERROR)) this.programBuffer();
    else this.showArray();
    this.changed();
  }

  /** The next word of a buffered program. */
  private gather(offset: number, bytes: AccessBytes, value: number): void {
    const at = offset - this.state.bufferOffset;
    if (at >= 0 && at + bytes <= BUFFER_BYTES) put(this.state.buffer, at, bytes, value);
    else this.state.Status |= PROGRAM_ERROR;
    this.state.Status |= READY;
    if (this.state.counter === 0) this.state.cycle = 3;
    this.state.counter = (this.state.counter - 1) >>> 0;
  }

  private programBuffer(): void {
    this.memory.write(this.state.bufferOffset, this.state.buffer);
    this.state.buffer = new Uint8Array();
    this.finish();
  }

  private begin(offset: number, low: number): void {
    switch (low) {
      case command.erase:
        this.memory.write(offset & -flashSectorBytes, new Uint8Array(flashSectorBytes).fill(0xff));
        this.state.Status |= READY;
        break;
      case command.bufferedProgram:
        this.state.Status |= READY;
        break;
      case command.program:
      case command.programAlternate:
      case command.lock:
      case command.query:
        break;
      case command.readStatus:
      case command.readId:
        this.state.active = low;
        return;
      case command.clearStatus:
        this.state.Status = 0;
        return this.showArray();
      default:
        return this.showArray();
    }
    this.state.active = low;
    this.state.cycle = 1;
  }

  private second(offset: number, bytes: AccessBytes, value: number, low: number): void {
    switch (this.state.active) {
      case command.program:
      case command.programAlternate:
        this.program(offset, bytes, value);
        return this.finish();
      case command.bufferedProgram:
        this.state.counter = value & 0xffff;
        this.state.cycle = 2;
        this.state.bufferOffset = offset & -BUFFER_BYTES;
        this.state.buffer = this.memory.bytes.slice(this.state.bufferOffset, this.state.bufferOffset + BUFFER_BYTES);
        return;
      case command.lock:
        return low === command.confirm || low === command.lockConfirm ? this.finish() : this.showArray();
      case command.query:
        return low === command.readArray ? this.showArray() : undefined;
      default:
        return low === command.confirm ? this.finish() : this.showArray();
    }
  }

  /** The command is done: the device shows its status. */
  private finish(): void {
    this.state.cycle = 0;
    this.state.Status |= READY;
  }

  private showArray(): void {
    this.state.cycle = 0;
    this.state.buffer = new Uint8Array();
    this.state.active = command.readArrayZero;
  }

  private program(offset: number, bytes: AccessBytes, value: number): void {
    const written = new Uint8Array(bytes);
    put(written, 0, bytes, value);
    this.memory.write(offset, written);
  }
}

/** What both chips answer, in the two halves of the bank. */
const twice = (value: number): number => (value | (value << 16)) >>> 0;

function put(memory: Uint8Array, offset: number, bytes: AccessBytes, value: number): void {
  for (let i = 0; i < bytes; i++) memory[offset + i] = value >>> (8 * i);
}

function littleEndian(memory: Uint8Array, offset: number, bytes: AccessBytes): number {
  let value = 0;
  for (let i = 0; i < bytes; i++) value |= memory[offset + i] << (8 * i);
  return value >>> 0;
}

/** The answers to a query, by word address (JESD68, tables 5 to 8). */
function queryTable(bankBytes: number): Uint8Array {
  const chips = BANK_BYTES / 2;
  const sectorsPerChip = bankBytes / flashSectorBytes;
  const sectorBytesPerChip = flashSectorBytes / chips;
  const table = new Uint8Array(0x52);
  const fill = (at: number, ...bytes: number[]): void => table.set(bytes, at);
  fill(0x10, ...[...'QRY'].map((char) => char.charCodeAt(0)));
  // Intel's command set, its table at 0x31; no alternate.
  fill(0x13, 0x01, 0x00, 0x31, 0x00);
  // 2.7 to 3.6 V; no programming voltage; typical times and their multiples as powers of two; size as a power of two.
  fill(0x1b, 0x45, 0x55, 0x00, 0x00, 0x07, 0x07, 0x0a, 0x00, 0x04, 0x04, 0x04, 0x00);
  fill(0x27, Math.log2(bankBytes / chips));
  // x8 and x16; buffered program of 2^11 bytes; one region of equal sectors.
  fill(0x28, 0x02, 0x00, 0x0b, 0x00, 0x01);
  fill(0x2d, (sectorsPerChip - 1) & 0xff, (sectorsPerChip - 1) >> 8, (sectorBytesPerChip >> 8) & 0xff, sectorBytesPerChip >> 16);
  fill(0x31, ...[...'PRI10'].map((char) => char.charCodeAt(0)));
  fill(0x3f, 0x01);
  return table;
}
