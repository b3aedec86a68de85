/** PL031 real-time clock (Arm DDI 0224), as QEMU 7.2 models it: it counts seconds of the virtual clock and cannot be stopped. */
import type { ByteReader, ByteWriter } from '../base/bytes.ts';
import {
  primecellId,
  truncate,
  type AccessBytes,
  type InterruptLine,
  type RegisterDescription,
  type TimedDevice,
  type TimeSource,
} from './device.ts';

const NS_PER_SECOND = 1e9;
const ID = [0x31, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1];
/** 1 January 2020, 00:00 UTC: the time at power-on, so that every run sees the same. Seconds since 1970. */
const defaultStartTime = Date.UTC(2020, 0, 1) / 1000;

const pl031Registers: readonly RegisterDescription[] = [
  { name: 'RTCDR', offset: 0x00, width: 32, access: 'r', title: 'The time, in seconds since 1970' },
  { name: 'RTCMR', offset: 0x04, width: 32, access: 'rw', title: 'The time at which to interrupt' },
  { name: 'RTCLR', offset: 0x08, width: 32, access: 'rw', title: 'Sets the time' },
  {
    name: 'RTCCR',
    offset: 0x0c,
    width: 32,
    access: 'rw',
    title: 'Control',
    fields: [{ name: 'RTCEN', high: 0, low: 0, meaning: 'the clock runs: always, here' }],
  },
  { name: 'RTCIMSC', offset: 0x10, width: 32, access: 'rw', title: 'Whether the alarm may interrupt' },
  { name: 'RTCRIS', offset: 0x14, width: 32, access: 'r', title: 'The alarm time was reached' },
  { name: 'RTCMIS', offset: 0x18, width: 32, access: 'r', title: 'The alarm interrupts' },
  { name: 'RTCICR', offset: 0x1c, width: 32, access: 'w', title: 'Clears the alarm' },
  { name: 'RTCPeriphID', offset: 0xfe0, width: 8, access: 'r', title: 'Identifies a PL031', count: 4 },
  { name: 'RTCPCellID', offset: 0xff0, width: 8, access: 'r', title: 'Identifies a PrimeCell', count: 4 },
];

export class Pl031 implements TimedDevice {
  readonly name = 'pl031';
  readonly registers = pl031Registers;
  /** When the alarm goes off, in ns; Infinity where none is set. */
  nextEvent = Infinity;

  private readonly line: InterruptLine;
  private readonly time: TimeSource;
  private readonly startTime: number;
  /** Added to the seconds of the virtual clock, modulo 2^32. */
  private offset = 0;
  private match = 0;
  private loaded = 0;
  private mask = 0;
  private raw = 0;

  /** `startTime`: the time at power-on, in seconds since 1970. */
  constructor(line: InterruptLine, time: TimeSource, startTime = defaultStartTime) {
    this.line = line;
    this.time = time;
    this.startTime = startTime;
    this.reset();
  }

  reset(): void {
    this.offset = this.startTime >>> 0;
    this.match = this.loaded = this.mask = this.raw = 0;
    this.nextEvent = Infinity;
    this.update();
  }

  read(offset: number, bytes: AccessBytes): number {
    return this.peek(offset, bytes);
  }

  peek(offset: number, bytes: AccessBytes): number {
    return truncate(primecellId(ID, offset) ?? this.value(offset), bytes);
  }

  write(offset: number, _bytes: AccessBytes, value: number): void {
    switch (offset) {
      case 0x04:
        this.match = value;
        this.setAlarm();
        break;
      case 0x08:
        this.loaded = value;
        this.offset = (this.offset + value - this.seconds) >>> 0;
        this.setAlarm();
        break;
      case 0x10:
        this.mask = value & 1;
        break;
      case 0x1c:
        this.raw &= ~value;
        break;
    }
    this.update();
  }

  elapse(): void {
    if (this.time.ns < this.nextEvent) return;
    this.nextEvent = Infinity;
    this.raw = 1;
    this.update();
  }

  private value(offset: number): number {
    switch (offset) {
      case 0x00:
        return this.seconds;
      case 0x04:
        return this.match;
      case 0x08:
        return this.loaded;
      case 0x0c:
        return 1;
      case 0x10:
        return this.mask;
      case 0x14:
        return this.raw;
      case 0x18:
        return this.raw & this.mask;
      default:
        return 0;
    }
  }

  private get seconds(): number {
    return (this.offset + Math.floor(this.time.ns / NS_PER_SECOND)) >>> 0;
  }

  /** The alarm goes off a whole number of seconds after it was set. */
  private setAlarm(): void {
    const seconds = (this.match - this.seconds) >>> 0;
    this.nextEvent = seconds === 0 ? Infinity : this.time.ns + seconds * NS_PER_SECOND;
    if (seconds === 0) this.raw = 1;
  }

  private update(): void {
    this.line.setLevel((this.raw & this.mask) !== 0);
  }

  save(writer: ByteWriter): void {
    writer.u32(this.offset).u32(this.match).u32(this.loaded).u8(this.mask).u8(this.raw).f64(this.nextEvent);
  }
  load(reader: ByteReader): void {
    this.offset = reader.u32();
    this.match = reader.u32();
    this.loaded = reader.u32();
    this.mask = reader.u8() & 1;
    this.raw = reader.u8() & 1;
    this.nextEvent = reader.f64();
    this.update();
  }
}
