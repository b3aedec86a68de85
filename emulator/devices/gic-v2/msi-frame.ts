/**
 * The frame for message-signalled interrupts (GICv2m, Arm DEN 0029, appendix E): a write of an INTID becomes an edge on the SPI of that
 * number. QEMU's `virt` board has it for PCIe.
 */
import { truncate, type AccessBytes, type Device, type InterruptLine, type RegisterDescription } from '../device.ts';

const offsets = { TYPER: 0x008, SETSPI_NS: 0x040, IIDR: 0xfcc } as const;
/** Product "Q", no implementer. */
const IIDR = 0x51 << 20;

const registers: readonly RegisterDescription[] = [
  {
    name: 'MSI_TYPER',
    offset: offsets.TYPER,
    width: 32,
    access: 'r',
    title: 'Which SPIs messages can signal',
    fields: [
      { name: 'BaseSPI', high: 25, low: 16, meaning: 'INTID of the first' },
      { name: 'NumSPIs', high: 9, low: 0, meaning: 'how many' },
    ],
  },
  {
    name: 'MSI_SETSPI_NS',
    offset: offsets.SETSPI_NS,
    width: 32,
    access: 'w',
    title: 'Signals an SPI: the target of messages',
    fields: [{ name: 'INTID', high: 9, low: 0, meaning: 'the SPI' }],
  },
  { name: 'MSI_IIDR', offset: offsets.IIDR, width: 32, access: 'r', title: 'Identifies the implementation' },
];

export class MsiFrame implements Device {
  readonly name = 'gicv2m';
  readonly registers = registers;
  private readonly firstIntid: number;
  private readonly lines: readonly InterruptLine[];

  /** `lines`: those of the SPIs from `firstIntid` on. */
  constructor(firstIntid: number, lines: readonly InterruptLine[]) {
    this.firstIntid = firstIntid;
    this.lines = lines;
  }

  read(offset: number, bytes: AccessBytes): number {
    return this.peek(offset, bytes);
  }
  peek(offset: number, bytes: AccessBytes): number {
    if (bytes !== 4) return 0;
    return offset === offsets.TYPER ? truncate((this.firstIntid << 16) | this.lines.length, 4) : offset === offsets.IIDR ? IIDR : 0;
  }
  write(offset: number, bytes: AccessBytes, value: number): void {
    if (offset !== offsets.SETSPI_NS || bytes === 1) return;
    const line = this.lines[(value & 0x3ff) - this.firstIntid];
    line?.setLevel(true);
    line?.setLevel(false);
  }

  /** It has no state. */
  reset(): void {}
  save(): void {}
  load(): void {}
}
