/** PL061 general-purpose I/O (Arm DDI 0190): eight pins. On the board pin 3 is the power button; nothing listens to outputs. */
import type { InterruptLine, RegisterField } from './device.ts';
import { field } from './fields.ts';
import { identification } from './primecell.ts';
import { RegisterDevice, registersOf } from './registers.ts';
import { number } from './state.ts';

const pins = <const N extends string>(name: N, meaning: string): readonly RegisterField<N>[] => [
  field(name, 7, 0, `a bit for each pin: ${meaning}`),
];

const pl061 = registersOf<Pl061>({ prefix: 'GPIO' })(
  {
    DATA: {
      offset: 0x000,
      width: 8,
      access: 'rw',
      count: 256,
      inside: 'whole',
      title: 'The pins; bits 9..2 of the address choose which',
      fields: pins('DATA', '1 if it is high'),
      peek: (gpio, chosen): number => gpio.state.pins & chosen,
      write: (gpio, value, chosen): void => gpio.drive(value, chosen),
    },
    DIR: { offset: 0x400, width: 8, access: 'rw', title: 'Direction', fields: pins('DIR', '1 for an output, 0 for an input') },
    IS: { offset: 0x404, width: 8, access: 'rw', title: 'Interrupt sense', fields: pins('IS', '1 if a level interrupts, 0 for an edge') },
    IBE: {
      offset: 0x408,
      width: 8,
      access: 'rw',
      title: 'Interrupt on both edges',
      fields: pins('IBE', '1 if both edges interrupt, 0 where GPIOIEV chooses'),
    },
    IEV: {
      offset: 0x40c,
      width: 8,
      access: 'rw',
      title: 'Interrupt event',
      fields: pins('IEV', '1 if a rising edge or high level interrupts, 0 for a falling edge or low level'),
    },
    IE: { offset: 0x410, width: 8, access: 'rw', title: 'Interrupt mask', fields: pins('IE', '1 if it may interrupt') },
    RIS: { offset: 0x414, width: 8, access: 'r', title: 'Raw interrupt status', fields: pins('RIS', '1 if its event has happened') },
    MIS: {
      offset: 0x418,
      width: 8,
      access: 'r',
      title: 'Masked interrupt status',
      fields: pins('MIS', '1 if it interrupts'),
      peek: (gpio): number => gpio.state.RIS & gpio.state.IE,
    },
    IC: {
      offset: 0x41c,
      width: 8,
      access: 'w',
      title: 'Clears interrupts of edges',
      fields: pins('IC', '1 clears its event'),
      write: (gpio, value): void => void (gpio.state.RIS &= ~value),
    },
    AFSEL: {
      offset: 0x420,
      width: 8,
      access: 'rw',
      title: 'Mode control',
      fields: pins('AFSEL', '1 if hardware controls it instead of GPIODATA (no effect here)'),
    },
    ...identification(0x061, 0),
  },
  /** What is on the pins: outputs as written, inputs as they come. */
  { pins: number({ max: 0xff }) },
);

export class Pl061 extends RegisterDevice<typeof pl061> {
  private readonly line: InterruptLine;

  constructor(line: InterruptLine) {
    super('pl061', pl061);
    this.line = line;
  }

  /** The level of a pin from outside; an output does not feel it. */
  setPin(pin: number, high: boolean): void {
    const mask = 1 << pin;
    const { state } = this;
    if (state.DIR & mask) return;
    const before = state.pins;
    state.pins = high ? before | mask : before & ~mask;
    this.update(before ^ state.pins);
  }

  /** The guest gives the chosen pins a level, of which only outputs take it. */
  drive(value: number, chosen: number): void {
    const { state } = this;
    const mask = chosen & state.DIR;
    state.pins = (state.pins & ~mask) | (value & mask);
  }

  protected override changed(): void {
    this.update(0);
  }

  /** `edges`: pins whose level changed just now. */
  private update(edges: number): void {
    const { state } = this;
    const wanted = ~(state.pins ^ state.IEV) & 0xff;
    state.RIS |= edges & ~state.DIR & ~state.IS & (state.IBE | wanted);
    state.RIS |= wanted & state.IS;
    this.line.setLevel((state.RIS & state.IE) !== 0);
  }
}
