/**
 * PL011 UART (Arm DDI 0183, PrimeCell UART technical reference manual), as far as QEMU 7.2's `virt` board has it: bytes go out at once,
 * so the transmit FIFO is always empty; the receive interrupt comes with the first byte whatever UARTIFLS says; the baud rate, the
 * enable bits and loopback of UARTCR are stored and have no effect; registers keep all 32 bits of what is written.
 */
import type { InterruptLine } from './device.ts';
import { bit, field } from './fields.ts';
import { identification } from './primecell.ts';
import { RegisterDevice, registersOf } from './registers.ts';
import { number, queue, words } from './state.ts';

const FIFO_ENTRIES = 16;
const ALL = 0xffff_ffff;
/** An entry of the receive FIFO is a byte with its error bits 11..8. */
const MOST_OF_ENTRY = 0xfff;

/** The eleven interrupt sources, as UARTIMSC, UARTRIS, UARTMIS and UARTICR number them (section 3.3.10), and what 0 and 1 say there. */
const sources = (...[zero, one]: readonly [string, string]) => {
  const values = { 0: zero, 1: one };
  return [
    bit('OE', 10, 'overrun error', values),
    bit('BE', 9, 'break error', values),
    bit('PE', 8, 'parity error', values),
    bit('FE', 7, 'framing error', values),
    bit('RT', 6, 'receive timeout', values),
    bit('TX', 5, 'room for bytes to send', values),
    bit('RX', 4, 'received bytes', values),
    bit('DSRM', 3, 'change of nUARTDSR', values),
    bit('DCDM', 2, 'change of nUARTDCD', values),
    bit('CTSM', 1, 'change of nUARTCTS', values),
    bit('RIM', 0, 'change of nUARTRI', values),
  ];
};

/** The errors of a received byte; bit 0 of them is bit `at` of the register. */
const errors = (at: number) => [
  bit('OE', at + 3, 'overrun: a byte came while the FIFO was full'),
  bit('BE', at + 2, 'break: the line was held low'),
  bit('PE', at + 1, 'parity did not match'),
  bit('FE', at, 'framing: no stop bit'),
];

const fifoLevel = { 0: '1/8', 1: '1/4', 2: '1/2', 3: '3/4', 4: '7/8' };

const pl011 = registersOf<Pl011>({ prefix: 'UART', inside: 'whole' })(
  {
    DR: {
      offset: 0x00,
      width: 16,
      access: 'rw',
      title: 'Data: a write sends a byte, a read takes the oldest received byte',
      fields: [...errors(8), field('DATA', 7, 0, 'the byte')],
      peek: (uart): number => uart.state.fifo[uart.state.first],
      read: (uart): number => uart.takeReceived(),
      write: (uart, value): void => uart.send(value & 0xff),
    },
    RSR: {
      offset: 0x04,
      width: 8,
      access: 'rw',
      title: 'Errors of the byte read last; a write clears them',
      fields: errors(0),
      write: (uart): void => void (uart.state.RSR = 0),
    },
    FR: {
      offset: 0x18,
      width: 16,
      access: 'r',
      title: 'Flags: what the FIFOs can take or give now',
      fields: [
        bit('RI', 8, 'ring indicator'),
        bit('TXFE', 7, 'transmit FIFO empty'),
        bit('RXFF', 6, 'receive FIFO full'),
        bit('TXFF', 5, 'transmit FIFO full'),
        bit('RXFE', 4, 'receive FIFO empty'),
        bit('BUSY', 3, 'sending'),
        bit('DCD', 2, 'data carrier detect'),
        bit('DSR', 1, 'data set ready'),
        bit('CTS', 0, 'clear to send'),
      ],
      peek: (uart): number => uart.flags,
    },
    ILPR: {
      offset: 0x20,
      width: 8,
      access: 'rw',
      stored: ALL,
      title: 'Low-power counter: makes the clock of the infrared mode',
      fields: [field('ILPDVSR', 7, 0, 'divisor of UARTCLK')],
    },
    IBRD: {
      offset: 0x24,
      width: 16,
      access: 'rw',
      stored: ALL,
      title: 'Baud rate divisor, whole part',
      fields: [field('BAUD_DIVINT', 15, 0, 'UARTCLK / (16 × baud rate), without its fraction')],
    },
    FBRD: {
      offset: 0x28,
      width: 8,
      access: 'rw',
      stored: ALL,
      title: 'Baud rate divisor, fraction',
      fields: [field('BAUD_DIVFRAC', 5, 0, 'in 64ths')],
    },
    LCR_H: {
      offset: 0x2c,
      width: 8,
      access: 'rw',
      stored: ALL,
      title: 'Line control: word length, parity, FIFOs',
      fields: [
        bit('SPS', 7, 'stick parity'),
        field('WLEN', 6, 5, 'word length', { 0: '5 bits', 1: '6 bits', 2: '7 bits', 3: '8 bits' }),
        bit('FEN', 4, 'FIFOs', { 0: 'off: one byte deep', 1: 'on: 16 bytes deep' }),
        bit('STP2', 3, 'stop bits', { 0: 'one', 1: 'two' }),
        bit('EPS', 2, 'parity', { 0: 'odd', 1: 'even' }),
        bit('PEN', 1, 'parity is sent and checked'),
        bit('BRK', 0, 'send a break'),
      ],
      write: (uart, value): void => uart.setLineControl(value),
    },
    CR: {
      offset: 0x30,
      width: 16,
      access: 'rw',
      stored: ALL,
      reset: 0x300,
      title: 'Control: enables the UART, its receiver and transmitter',
      fields: [
        bit('CTSEn', 15, 'CTS hardware flow control'),
        bit('RTSEn', 14, 'RTS hardware flow control'),
        bit('Out2', 13, 'modem output 2'),
        bit('Out1', 12, 'modem output 1'),
        bit('RTS', 11, 'request to send'),
        bit('DTR', 10, 'data transmit ready'),
        bit('RXE', 9, 'receiver enabled'),
        bit('TXE', 8, 'transmitter enabled'),
        bit('LBE', 7, 'loopback'),
        bit('SIRLP', 2, 'infrared low-power mode'),
        bit('SIREN', 1, 'infrared enabled'),
        bit('UARTEN', 0, 'UART enabled'),
      ],
    },
    IFLS: {
      offset: 0x34,
      width: 8,
      access: 'rw',
      stored: ALL,
      reset: 0x12,
      title: 'How full the FIFOs are when they interrupt',
      fields: [field('RXIFLSEL', 5, 3, 'receive FIFO level', fifoLevel), field('TXIFLSEL', 2, 0, 'transmit FIFO level', fifoLevel)],
    },
    IMSC: {
      offset: 0x38,
      width: 16,
      access: 'rw',
      stored: ALL,
      title: 'Interrupt mask: which sources may interrupt',
      fields: sources('masked', 'may interrupt'),
    },
    RIS: {
      offset: 0x3c,
      width: 16,
      access: 'r',
      title: 'Interrupt sources that are active, masked or not',
      fields: sources('inactive', 'active'),
    },
    MIS: {
      offset: 0x40,
      width: 16,
      access: 'r',
      title: 'Interrupt sources that are active and let through',
      fields: sources('not interrupting', 'interrupting'),
      peek: (uart): number => uart.state.RIS & uart.state.IMSC,
    },
    ICR: {
      offset: 0x44,
      width: 16,
      access: 'w',
      title: 'Clears interrupt sources',
      fields: sources('no effect', 'clear'),
      write: (uart, value): void => void (uart.state.RIS &= ~value),
    },
    DMACR: {
      offset: 0x48,
      width: 8,
      access: 'rw',
      stored: ALL,
      title: 'DMA control (there is no DMA here)',
      fields: [
        bit('DMAONERR', 2, 'no DMA requests to receive after an error'),
        bit('TXDMAE', 1, 'DMA to send'),
        bit('RXDMAE', 0, 'DMA to receive'),
      ],
    },
    ...identification(0x011, 1),
  },
  {
    /** The receive FIFO, a ring. */
    fifo: words(FIFO_ENTRIES, { max: MOST_OF_ENTRY }),
    first: number({ max: FIFO_ENTRIES - 1 }),
    count: number({ max: FIFO_ENTRIES }),
    /** Received while the FIFO was full. A terminal would lose these bytes; here they wait on the line. */
    waiting: queue({ max: MOST_OF_ENTRY, survivesReset: true }),
  },
);
const { DR, FR, LCR_H, RIS } = pl011.bits;

export class Pl011 extends RegisterDevice<typeof pl011> {
  private readonly line: InterruptLine;
  private readonly onTransmit: (byte: number) => void;

  /** `line`: UARTINTR, the one for all sources. `onTransmit` is called with each byte that the guest sends. */
  constructor(line: InterruptLine, onTransmit: (byte: number) => void = () => undefined) {
    super('pl011', pl011);
    this.line = line;
    this.onTransmit = onTransmit;
  }

  override reset(): void {
    super.reset();
    this.fill();
  }

  /** Bytes arrive on the line. */
  receive(bytes: Uint8Array): void {
    for (const byte of bytes) this.state.waiting.push(byte);
    this.fill();
  }

  /** A break condition arrives. */
  receiveBreak(): void {
    this.state.waiting.push(DR.BE);
    this.fill();
  }

  /** Where the other registers were taken over from elsewhere: what waits there in the receive FIFO, the oldest first. */
  adoptReceived(entries: readonly number[]): void {
    const { state } = this;
    const kept = entries.slice(0, FIFO_ENTRIES).map((entry) => entry & MOST_OF_ENTRY);
    state.fifo.fill(0).set(kept);
    state.first = 0;
    state.count = kept.length;
    this.changed();
  }

  // ---- what the guest does

  send(byte: number): void {
    this.onTransmit(byte);
    this.state.RIS |= RIS.TX;
  }

  takeReceived(): number {
    const { state } = this;
    const entry = state.fifo[state.first];
    state.RSR = entry >> 8;
    if (state.count > 0) {
      state.count--;
      state.first = (state.first + 1) % FIFO_ENTRIES;
    }
    if (state.count === 0) state.RIS &= ~RIS.RX;
    this.fill();
    return entry;
  }

  /** A received byte for who reads in place of the guest; undefined where there is none. */
  take(): number | undefined {
    if (this.state.count === 0) return undefined;
    const entry = this.takeReceived();
    this.changed();
    return entry & 0xff;
  }

  /** Switching the FIFOs on or off empties them. */
  setLineControl(value: number): void {
    const { state } = this;
    if ((state.LCR_H ^ value) & LCR_H.FEN) {
      state.first = state.count = 0;
      state.RIS &= ~RIS.RX;
    }
    state.LCR_H = value;
    this.fill();
  }

  get flags(): number {
    const { count } = this.state;
    return FR.TXFE | (count === 0 ? FR.RXFE : 0) | (count === this.depth ? FR.RXFF : 0);
  }

  private get depth(): number {
    return this.state.LCR_H & LCR_H.FEN ? FIFO_ENTRIES : 1;
  }

  /** Moves waiting bytes into the FIFO while there is room. */
  private fill(): void {
    const { state } = this;
    let taken = 0;
    while (state.count < this.depth && taken < state.waiting.length) {
      state.fifo[(state.first + state.count) % FIFO_ENTRIES] = state.waiting[taken++]!;
      if (++state.count === 1) state.RIS |= RIS.RX;
    }
    if (taken) state.waiting.splice(0, taken);
    this.changed();
  }

  protected override changed(): void {
    this.line.setLevel((this.state.RIS & this.state.IMSC) !== 0);
  }
}
