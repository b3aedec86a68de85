/** PL031 real-time clock (Arm DDI 0224), as QEMU 7.2 models it: it counts seconds of the virtual clock and cannot be stopped. */
import type { InterruptLine, TimedDevice, TimeSource } from './device.ts';
import { bit, field } from './fields.ts';
import { identification } from './primecell.ts';
import { RegisterDevice, registersOf } from './registers.ts';
import { moment, number } from './state.ts';

const NS_PER_SECOND = 1e9;
/** 1 January 2020, 00:00 UTC: the time at power-on, so that every run sees the same. Seconds since 1970. */
const defaultStartTime = Date.UTC(2020, 0, 1) / 1000;

const pl031 = registersOf<Pl031>({ prefix: 'RTC' })(
  {
    DR: {
      offset: 0x00,
      width: 32,
      access: 'r',
      title: 'The time',
      fields: [field('Data', 31, 0, 'seconds since 1970')],
      peek: (clock): number => clock.seconds,
      adopt: (clock, value): void => clock.showTime(value),
    },
    MR: {
      offset: 0x04,
      width: 32,
      access: 'rw',
      title: 'The time at which to interrupt',
      fields: [field('Match', 31, 0, 'seconds since 1970')],
      write: (clock, value): void => clock.setMatch(value),
    },
    LR: {
      offset: 0x08,
      width: 32,
      access: 'rw',
      title: 'Sets the time',
      fields: [field('Load', 31, 0, 'seconds since 1970')],
      write: (clock, value): void => clock.setTime(value),
    },
    CR: { offset: 0x0c, width: 32, access: 'rw', title: 'Control', fields: [bit('RTCStart', 0, 'the clock runs: always, here')], value: 1 },
    IMSC: {
      offset: 0x10,
      width: 32,
      access: 'rw',
      title: 'Interrupt mask',
      fields: [bit('RTCIMSC', 0, 'the alarm may interrupt')],
    },
    RIS: {
      offset: 0x14,
      width: 32,
      access: 'r',
      title: 'Raw interrupt status',
      fields: [bit('RTCRIS', 0, 'the time of the alarm has come')],
    },
    MIS: {
      offset: 0x18,
      width: 32,
      access: 'r',
      title: 'Masked interrupt status',
      fields: [bit('RTCMIS', 0, 'the alarm interrupts')],
      peek: (clock): number => clock.state.RIS & clock.state.IMSC,
    },
    ICR: {
      offset: 0x1c,
      width: 32,
      access: 'w',
      title: 'Clears the interrupt',
      fields: [bit('RTCICR', 0, 'clear it', { 0: 'no effect', 1: 'clear' })],
      write: (clock, value): void => void (clock.state.RIS &= ~value),
    },
    ...identification(0x031, 1),
  },
  {
    /** Added to the seconds of the virtual clock, modulo 2^32. */
    offset: number(),
    alarm: moment(),
  },
);

export class Pl031 extends RegisterDevice<typeof pl031> implements TimedDevice {
  private readonly line: InterruptLine;
  private readonly time: TimeSource;
  private readonly startTime: number;

  /** `startTime`: the time at power-on, in seconds since 1970. */
  constructor(line: InterruptLine, time: TimeSource, startTime = defaultStartTime) {
    super('pl031', pl031);
    this.line = line;
    this.time = time;
    this.startTime = startTime;
    this.reset();
  }

  /** When the alarm goes off, in ns; Infinity where none is set. */
  get nextEvent(): number {
    return this.state.alarm;
  }
  elapse(): void {
    if (this.time.ns < this.state.alarm) return;
    this.state.alarm = Infinity;
    this.state.RIS = 1;
    this.changed();
  }

  protected override clear(): void {
    super.clear();
    this.state.offset = this.startTime >>> 0;
  }
  protected override changed(): void {
    this.line.setLevel((this.state.RIS & this.state.IMSC) !== 0);
  }

  get seconds(): number {
    return (this.state.offset + Math.floor(this.time.ns / NS_PER_SECOND)) >>> 0;
  }
  setMatch(value: number): void {
    this.state.MR = value;
    this.setAlarm();
  }
  setTime(value: number): void {
    const { state } = this;
    state.LR = value;
    state.offset = (state.offset + value - this.seconds) >>> 0;
    this.setAlarm();
  }

  /** It is this time now, as another clock shows it. */
  showTime(value: number): void {
    this.state.offset = (this.state.offset + value - this.seconds) >>> 0;
  }

  /** The alarm goes off a whole number of seconds after it was set. */
  private setAlarm(): void {
    const { state } = this;
    const seconds = (state.MR - this.seconds) >>> 0;
    state.alarm = seconds === 0 ? Infinity : this.time.ns + seconds * NS_PER_SECOND;
    if (seconds === 0) state.RIS = 1;
  }
}
