/**
 * PL011 UART (Arm DDI 0183, PrimeCell UART technical reference manual), as far as QEMU 7.2's `virt` board has it: bytes go out at once,
 * so the transmit FIFO is always empty; the receive interrupt comes with the first byte whatever UARTIFLS says; the baud rate, the
 * enable bits and loopback of UARTCR are stored and have no effect.
 */
import type { ByteReader, ByteWriter } from '../base/bytes.ts';
import {
  primecellId,
  truncate,
  type AccessBytes,
  type Device,
  type InterruptLine,
  type RegisterDescription,
  type RegisterField,
} from './device.ts';

const flag = { RXFE: 1 << 4, RXFF: 1 << 6, TXFE: 1 << 7 } as const;
const interrupt = { RX: 1 << 4, TX: 1 << 5 } as const;
const FEN = 1 << 4;
/** Break error, in an entry of the receive FIFO. */
const BE = 1 << 10;
const FIFO_ENTRIES = 16;
const ID = [0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1];

/** The eleven interrupt sources, as UARTIMSC, UARTRIS, UARTMIS and UARTICR number them (section 3.3.10). */
const sources = (verb: string): RegisterField[] =>
  [
    ['OE', 10, 'overrun error'],
    ['BE', 9, 'break error'],
    ['PE', 8, 'parity error'],
    ['FE', 7, 'framing error'],
    ['RT', 6, 'receive timeout'],
    ['TX', 5, 'transmit: there is room for bytes to send'],
    ['RX', 4, 'receive: bytes have arrived'],
    ['DSRM', 3, 'modem: nUARTDSR changed'],
    ['DCDM', 2, 'modem: nUARTDCD changed'],
    ['CTSM', 1, 'modem: nUARTCTS changed'],
    ['RIM', 0, 'modem: nUARTRI changed'],
  ].map(([name, at, text]) => ({ name: name as string, high: at as number, low: at as number, meaning: `${verb} ${text as string}` }));

const errors: RegisterField[] = [
  { name: 'OE', high: 3, low: 3, meaning: 'overrun: a byte came while the FIFO was full' },
  { name: 'BE', high: 2, low: 2, meaning: 'break: the line was held low' },
  { name: 'PE', high: 1, low: 1, meaning: 'parity did not match' },
  { name: 'FE', high: 0, low: 0, meaning: 'framing: no stop bit' },
];

const pl011Registers: readonly RegisterDescription[] = [
  {
    name: 'UARTDR',
    offset: 0x00,
    width: 16,
    access: 'rw',
    title: 'Data: a write sends a byte, a read takes the oldest received byte',
    fields: [
      ...errors.map((field) => ({ ...field, high: field.high + 8, low: field.low + 8 })),
      { name: 'DATA', high: 7, low: 0, meaning: 'the byte' },
    ],
  },
  { name: 'UARTRSR', offset: 0x04, width: 8, access: 'rw', title: 'Errors of the byte read last; a write clears them', fields: errors },
  {
    name: 'UARTFR',
    offset: 0x18,
    width: 16,
    access: 'r',
    title: 'Flags: what the FIFOs can take or give now',
    fields: [
      { name: 'RI', high: 8, low: 8, meaning: 'ring indicator' },
      { name: 'TXFE', high: 7, low: 7, meaning: 'transmit FIFO empty' },
      { name: 'RXFF', high: 6, low: 6, meaning: 'receive FIFO full' },
      { name: 'TXFF', high: 5, low: 5, meaning: 'transmit FIFO full' },
      { name: 'RXFE', high: 4, low: 4, meaning: 'receive FIFO empty' },
      { name: 'BUSY', high: 3, low: 3, meaning: 'sending' },
      { name: 'DCD', high: 2, low: 2, meaning: 'data carrier detect' },
      { name: 'DSR', high: 1, low: 1, meaning: 'data set ready' },
      { name: 'CTS', high: 0, low: 0, meaning: 'clear to send' },
    ],
  },
  { name: 'UARTILPR', offset: 0x20, width: 8, access: 'rw', title: 'Divisor of the low-power (infrared) clock' },
  { name: 'UARTIBRD', offset: 0x24, width: 16, access: 'rw', title: 'Baud rate divisor, whole part' },
  { name: 'UARTFBRD', offset: 0x28, width: 8, access: 'rw', title: 'Baud rate divisor, 64ths' },
  {
    name: 'UARTLCR_H',
    offset: 0x2c,
    width: 8,
    access: 'rw',
    title: 'Line control: word length, parity, FIFOs',
    fields: [
      { name: 'SPS', high: 7, low: 7, meaning: 'stick parity' },
      { name: 'WLEN', high: 6, low: 5, meaning: 'word length', values: { 0: '5 bits', 1: '6 bits', 2: '7 bits', 3: '8 bits' } },
      { name: 'FEN', high: 4, low: 4, meaning: 'FIFOs enabled: 16 bytes deep instead of one' },
      { name: 'STP2', high: 3, low: 3, meaning: 'two stop bits' },
      { name: 'EPS', high: 2, low: 2, meaning: 'even parity' },
      { name: 'PEN', high: 1, low: 1, meaning: 'parity enabled' },
      { name: 'BRK', high: 0, low: 0, meaning: 'send break' },
    ],
  },
  {
    name: 'UARTCR',
    offset: 0x30,
    width: 16,
    access: 'rw',
    title: 'Control: enables the UART, its receiver and transmitter',
    fields: [
      { name: 'CTSEn', high: 15, low: 15, meaning: 'CTS hardware flow control' },
      { name: 'RTSEn', high: 14, low: 14, meaning: 'RTS hardware flow control' },
      { name: 'RTS', high: 11, low: 11, meaning: 'request to send' },
      { name: 'DTR', high: 10, low: 10, meaning: 'data transmit ready' },
      { name: 'RXE', high: 9, low: 9, meaning: 'receiver enabled' },
      { name: 'TXE', high: 8, low: 8, meaning: 'transmitter enabled' },
      { name: 'LBE', high: 7, low: 7, meaning: 'loopback' },
      { name: 'SIRLP', high: 2, low: 2, meaning: 'infrared low-power mode' },
      { name: 'SIREN', high: 1, low: 1, meaning: 'infrared enabled' },
      { name: 'UARTEN', high: 0, low: 0, meaning: 'UART enabled' },
    ],
  },
  {
    name: 'UARTIFLS',
    offset: 0x34,
    width: 8,
    access: 'rw',
    title: 'How full the FIFOs are when they interrupt',
    fields: [
      { name: 'RXIFLSEL', high: 5, low: 3, meaning: 'receive FIFO level', values: { 0: '1/8', 1: '1/4', 2: '1/2', 3: '3/4', 4: '7/8' } },
      { name: 'TXIFLSEL', high: 2, low: 0, meaning: 'transmit FIFO level', values: { 0: '1/8', 1: '1/4', 2: '1/2', 3: '3/4', 4: '7/8' } },
    ],
  },
  {
    name: 'UARTIMSC',
    offset: 0x38,
    width: 16,
    access: 'rw',
    title: 'Interrupt mask: which sources may interrupt',
    fields: sources('let through'),
  },
  {
    name: 'UARTRIS',
    offset: 0x3c,
    width: 16,
    access: 'r',
    title: 'Interrupt sources that are active, masked or not',
    fields: sources('active:'),
  },
  {
    name: 'UARTMIS',
    offset: 0x40,
    width: 16,
    access: 'r',
    title: 'Interrupt sources that are active and let through',
    fields: sources('interrupting:'),
  },
  { name: 'UARTICR', offset: 0x44, width: 16, access: 'w', title: 'Clears interrupt sources', fields: sources('clear') },
  { name: 'UARTDMACR', offset: 0x48, width: 8, access: 'rw', title: 'DMA control (there is no DMA here)' },
  { name: 'UARTPeriphID', offset: 0xfe0, width: 8, access: 'r', title: 'Identifies a PL011', count: 4 },
  { name: 'UARTPCellID', offset: 0xff0, width: 8, access: 'r', title: 'Identifies a PrimeCell', count: 4 },
];

export class Pl011 implements Device {
  readonly name = 'pl011';
  readonly registers = pl011Registers;
  /** Called with each byte that the guest sends. */
  onTransmit: (byte: number) => void = () => undefined;

  /** UARTINTR, the one line for all sources. */
  private readonly line: InterruptLine;
  /** The receive FIFO, a ring: each entry a byte with its error bits 11..8. */
  private readonly fifo = new Uint16Array(FIFO_ENTRIES);
  private first = 0;
  private count = 0;
  /** Received while the FIFO was full. A terminal would lose these bytes; here they wait on the line. */
  private waiting: number[] = [];
  private rsr = 0;
  private ilpr = 0;
  private ibrd = 0;
  private fbrd = 0;
  private lcr = 0;
  private cr = 0;
  private ifls = 0;
  private imsc = 0;
  private ris = 0;
  private dmacr = 0;

  constructor(line: InterruptLine) {
    this.line = line;
    this.reset();
  }

  reset(): void {
    this.fifo.fill(0);
    this.first = this.count = 0;
    this.rsr = this.ilpr = this.ibrd = this.fbrd = this.lcr = this.imsc = this.ris = this.dmacr = 0;
    this.cr = 0x300;
    this.ifls = 0x12;
    this.fill();
  }

  /** Bytes arrive on the line. */
  receive(bytes: Uint8Array): void {
    for (const byte of bytes) this.waiting.push(byte);
    this.fill();
  }

  /** A break condition arrives. */
  receiveBreak(): void {
    this.waiting.push(BE);
    this.fill();
  }

  read(offset: number, bytes: AccessBytes): number {
    const value = this.peek(offset, bytes);
    if (offset >> 2 === 0) this.takeReceived();
    return value;
  }

  peek(offset: number, bytes: AccessBytes): number {
    return truncate(primecellId(ID, offset) ?? this.value(offset & ~3), bytes);
  }

  write(offset: number, _bytes: AccessBytes, value: number): void {
    switch (offset & ~3) {
      case 0x00:
        this.onTransmit(value & 0xff);
        this.ris |= interrupt.TX;
        break;
      case 0x04:
        this.rsr = 0;
        break;
      case 0x20:
        this.ilpr = value;
        break;
      case 0x24:
        this.ibrd = value;
        break;
      case 0x28:
        this.fbrd = value;
        break;
      case 0x2c:
        if ((this.lcr ^ value) & FEN) this.flush();
        this.lcr = value;
        this.fill();
        break;
      case 0x30:
        this.cr = value;
        break;
      case 0x34:
        this.ifls = value;
        break;
      case 0x38:
        this.imsc = value;
        break;
      case 0x44:
        this.ris &= ~value;
        break;
      case 0x48:
        this.dmacr = value;
        break;
    }
    this.update();
  }

  private value(offset: number): number {
    switch (offset) {
      case 0x00:
        return this.fifo[this.first];
      case 0x04:
        return this.rsr;
      case 0x18:
        return flag.TXFE | (this.count === 0 ? flag.RXFE : 0) | (this.count === this.depth ? flag.RXFF : 0);
      case 0x20:
        return this.ilpr;
      case 0x24:
        return this.ibrd;
      case 0x28:
        return this.fbrd;
      case 0x2c:
        return this.lcr;
      case 0x30:
        return this.cr;
      case 0x34:
        return this.ifls;
      case 0x38:
        return this.imsc;
      case 0x3c:
        return this.ris;
      case 0x40:
        return this.ris & this.imsc;
      case 0x48:
        return this.dmacr;
      default:
        return 0;
    }
  }

  private get depth(): number {
    return this.lcr & FEN ? FIFO_ENTRIES : 1;
  }

  private takeReceived(): void {
    this.rsr = this.fifo[this.first] >> 8;
    if (this.count > 0) {
      this.count--;
      this.first = (this.first + 1) % FIFO_ENTRIES;
    }
    if (this.count === 0) this.ris &= ~interrupt.RX;
    this.fill();
  }

  /** Moves waiting bytes into the FIFO while there is room. */
  private fill(): void {
    let taken = 0;
    while (this.count < this.depth && taken < this.waiting.length) {
      this.fifo[(this.first + this.count) % FIFO_ENTRIES] = this.waiting[taken++]!;
      if (++this.count === 1) this.ris |= interrupt.RX;
    }
    if (taken) this.waiting.splice(0, taken);
    this.update();
  }

  private flush(): void {
    this.first = this.count = 0;
    this.ris &= ~interrupt.RX;
  }

  private update(): void {
    this.line.setLevel((this.ris & this.imsc) !== 0);
  }

  save(writer: ByteWriter): void {
    for (const entry of this.fifo) writer.u16(entry);
    writer.u8(this.first).u8(this.count).u32(this.waiting.length);
    for (const entry of this.waiting) writer.u16(entry);
    for (const value of [this.rsr, this.ilpr, this.ibrd, this.fbrd, this.lcr, this.cr, this.ifls, this.imsc, this.ris, this.dmacr])
      writer.u32(value);
  }

  load(reader: ByteReader): void {
    for (let i = 0; i < FIFO_ENTRIES; i++) this.fifo[i] = reader.u16();
    this.first = reader.u8() % FIFO_ENTRIES;
    this.count = Math.min(reader.u8(), FIFO_ENTRIES);
    this.waiting = Array.from({ length: reader.countOf(2) }, () => reader.u16());
    this.rsr = reader.u32();
    this.ilpr = reader.u32();
    this.ibrd = reader.u32();
    this.fbrd = reader.u32();
    this.lcr = reader.u32();
    this.cr = reader.u32();
    this.ifls = reader.u32();
    this.imsc = reader.u32();
    this.ris = reader.u32();
    this.dmacr = reader.u32();
    this.update();
  }
}
