/** PL061 general-purpose I/O (Arm DDI 0190): eight pins. On the board pin 3 is the power button; nothing listens to outputs. */
import type { ByteReader, ByteWriter } from '../base/bytes.ts';
import { primecellId, truncate, type AccessBytes, type Device, type InterruptLine, type RegisterDescription } from './device.ts';

const ID = [0x61, 0x10, 0x04, 0x00, 0x0d, 0xf0, 0x05, 0xb1];

const pl061Registers: readonly RegisterDescription[] = [
  { name: 'GPIODATA', offset: 0x000, width: 8, access: 'rw', title: 'The pins; bits 9..2 of the address choose which', count: 256 },
  { name: 'GPIODIR', offset: 0x400, width: 8, access: 'rw', title: 'Direction: 1 output, 0 input' },
  { name: 'GPIOIS', offset: 0x404, width: 8, access: 'rw', title: 'Interrupt sense: 1 level, 0 edge' },
  { name: 'GPIOIBE', offset: 0x408, width: 8, access: 'rw', title: 'Interrupt on both edges' },
  { name: 'GPIOIEV', offset: 0x40c, width: 8, access: 'rw', title: 'Interrupt event: 1 rising or high, 0 falling or low' },
  { name: 'GPIOIE', offset: 0x410, width: 8, access: 'rw', title: 'Which pins may interrupt' },
  { name: 'GPIORIS', offset: 0x414, width: 8, access: 'r', title: 'Pins at which the event happened' },
  { name: 'GPIOMIS', offset: 0x418, width: 8, access: 'r', title: 'Pins that interrupt' },
  { name: 'GPIOIC', offset: 0x41c, width: 8, access: 'w', title: 'Clears edge events' },
  { name: 'GPIOAFSEL', offset: 0x420, width: 8, access: 'rw', title: 'Pins under the control of hardware' },
  { name: 'GPIOPeriphID', offset: 0xfe0, width: 8, access: 'r', title: 'Identifies a PL061', count: 4 },
  { name: 'GPIOPCellID', offset: 0xff0, width: 8, access: 'r', title: 'Identifies a PrimeCell', count: 4 },
];

export class Pl061 implements Device {
  readonly name = 'pl061';
  readonly registers = pl061Registers;

  private readonly line: InterruptLine;
  /** What is on the pins: outputs as written, inputs as they come. */
  private data = 0;
  private direction = 0;
  private sense = 0;
  private bothEdges = 0;
  private event = 0;
  private enabled = 0;
  private raw = 0;
  private alternate = 0;

  constructor(line: InterruptLine) {
    this.line = line;
  }

  reset(): void {
    this.data = this.direction = this.sense = this.bothEdges = this.event = this.enabled = this.raw = this.alternate = 0;
    this.update(0);
  }

  /** The level of a pin from outside; an output does not feel it. */
  setPin(pin: number, high: boolean): void {
    const mask = 1 << pin;
    if (this.direction & mask) return;
    const before = this.data;
    this.data = high ? this.data | mask : this.data & ~mask;
    this.update(before ^ this.data);
  }

  read(offset: number, bytes: AccessBytes): number {
    return this.peek(offset, bytes);
  }

  peek(offset: number, bytes: AccessBytes): number {
    return truncate(primecellId(ID, offset) ?? this.value(offset), bytes);
  }

  write(offset: number, _bytes: AccessBytes, value: number): void {
    const byte = value & 0xff;
    if (offset < 0x400) {
      const mask = (offset >> 2) & this.direction;
      this.data = (this.data & ~mask) | (byte & mask);
    }
    switch (offset) {
      case 0x400:
        this.direction = byte;
        break;
      case 0x404:
        this.sense = byte;
        break;
      case 0x408:
        this.bothEdges = byte;
        break;
      case 0x40c:
        this.event = byte;
        break;
      case 0x410:
        this.enabled = byte;
        break;
      case 0x41c:
        this.raw &= ~byte;
        break;
      case 0x420:
        this.alternate = byte;
        break;
    }
    this.update(0);
  }

  private value(offset: number): number {
    if (offset < 0x400) return this.data & (offset >> 2);
    switch (offset) {
      case 0x400:
        return this.direction;
      case 0x404:
        return this.sense;
      case 0x408:
        return this.bothEdges;
      case 0x40c:
        return this.event;
      case 0x410:
        return this.enabled;
      case 0x414:
        return this.raw;
      case 0x418:
        return this.raw & this.enabled;
      case 0x420:
        return this.alternate;
      default:
        return 0;
    }
  }

  /** `changed`: pins whose input changed just now. */
  private update(changed: number): void {
    const wanted = ~(this.data ^ this.event) & 0xff;
    const edges = changed & ~this.direction & ~this.sense;
    this.raw |= edges & (this.bothEdges | wanted);
    this.raw |= wanted & this.sense;
    this.line.setLevel((this.raw & this.enabled) !== 0);
  }

  save(writer: ByteWriter): void {
    for (const value of [this.data, this.direction, this.sense, this.bothEdges, this.event, this.enabled, this.raw, this.alternate])
      writer.u8(value);
  }
  load(reader: ByteReader): void {
    this.data = reader.u8();
    this.direction = reader.u8();
    this.sense = reader.u8();
    this.bothEdges = reader.u8();
    this.event = reader.u8();
    this.enabled = reader.u8();
    this.raw = reader.u8();
    this.alternate = reader.u8();
    this.line.setLevel((this.raw & this.enabled) !== 0);
  }
}
