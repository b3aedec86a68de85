/**
 * The frame for message-signalled interrupts (GICv2m, Arm DEN 0029, appendix E): a write of an INTID becomes an edge on the SPI of that
 * number. QEMU's `virt` board has it for PCIe.
 */
import type { InterruptLine } from '../device.ts';
import { extract, field, insert } from '../fields.ts';
import { RegisterDevice, registersOf } from '../registers.ts';

const BYTE = 0xff;

/** Only words are read, and bytes are not written. */
const gicv2m = registersOf<MsiFrame>({ prefix: 'MSI_' })({
  TYPER: {
    offset: 0x008,
    width: 32,
    access: 'r',
    title: 'Which SPIs messages can signal',
    fields: [field('BaseSPI', 25, 16, 'INTID of the first'), field('NumSPIs', 9, 0, 'how many')],
    peek: (frame, _, bytes): number => (bytes === 4 ? frame.range : 0),
  },
  SETSPI_NS: {
    offset: 0x040,
    width: 32,
    access: 'w',
    title: 'Signals an SPI: the target of messages',
    fields: [field('INTID', 9, 0, 'the SPI')],
    write: (frame, value, _, mask): void => (mask === BYTE ? undefined : frame.signal(value)),
  },
  IIDR: {
    offset: 0xfcc,
    width: 32,
    access: 'r',
    title: 'Identifies the implementation',
    fields: [
      field('ProductID', 31, 20, 'product', { 0x51: 'QEMU' }),
      field('Architecture_version', 19, 16, 'version of the frame', { 0: 'GICv2m' }),
      field('Revision', 15, 12, 'revision'),
      field('Implementer', 11, 0, 'JEP106 code of the maker'),
    ],
    peek: (_frame, _, bytes): number => (bytes === 4 ? insert(0x51, gicv2m.bits.IIDR.ProductID) : 0),
  },
});
const { TYPER, SETSPI_NS } = gicv2m.bits;

export class MsiFrame extends RegisterDevice<typeof gicv2m> {
  private readonly firstIntid: number;
  private readonly lines: readonly InterruptLine[];

  /** `lines`: those of the SPIs from `firstIntid` on. */
  constructor(firstIntid: number, lines: readonly InterruptLine[]) {
    super('gicv2m', gicv2m);
    this.firstIntid = firstIntid;
    this.lines = lines;
  }

  get range(): number {
    return insert(this.firstIntid, TYPER.BaseSPI) | insert(this.lines.length, TYPER.NumSPIs);
  }
  signal(value: number): void {
    const line = this.lines[extract(value, SETSPI_NS.INTID) - this.firstIntid];
    line?.setLevel(true);
    line?.setLevel(false);
  }
}
