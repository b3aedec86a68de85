/** The distributor's registers (Arm IHI 0048B, section 4.3), for one CPU. All arrays of registers can be accessed by byte. */
import type { ByteReader, ByteWriter } from '../../base/bytes.ts';
import { INTIDS, SGIS, type Interrupts } from './interrupts.ts';

/** GICD_TYPER: 288 interrupts, one CPU, no security extensions. */
const TYPER = INTIDS / 32 - 1;
const IIDR = 0x0000_043b;
/** From 0xfd0 on, four bytes apart: GICD_PIDR4..7, PIDR0..3, CIDR0..3 of a GICv2. */
const ID = [0x04, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1];
/** The only CPU, as a mask of targets or sources. */
const CPU_0 = 1;

export class Distributor {
  /** GICD_CTLR: bit 0 forwards group 0, bit 1 group 1. */
  control = 0;
  private readonly interrupts: Interrupts;

  constructor(interrupts: Interrupts) {
    this.interrupts = interrupts;
  }

  reset(): void {
    this.control = 0;
  }

  readByte(offset: number): number {
    const { interrupts } = this;
    if (offset < 0x80) {
      const word = [this.control, TYPER, IIDR][offset >> 2] ?? 0;
      return (word >>> (8 * (offset & 3))) & 0xff;
    }
    if (offset < 0x100) return gather(interrupts.group, (offset - 0x80) * 8);
    if (offset < 0x200) return gather(interrupts.enabled, (offset & 0x7f) * 8);
    if (offset < 0x300) return this.pendingByte((offset & 0x7f) * 8);
    if (offset < 0x400) return gather(interrupts.active, (offset & 0x7f) * 8);
    if (offset < 0x800) return interrupts.priority[offset - 0x400] ?? 0;
    // GICD_ITARGETSR reads as zero where there is one CPU (section 4.3.12).
    if (offset < 0xc00) return 0;
    if (offset < 0xd00) return this.configurationByte((offset - 0xc00) * 4);
    if (offset >= 0xf10 && offset < 0xf30) return interrupts.sgiSources[offset & 0xf];
    if (offset >= 0xfd0 && !(offset & 3)) return ID[(offset - 0xfd0) >> 2] ?? 0;
    return 0;
  }

  writeByte(offset: number, value: number): void {
    const { interrupts } = this;
    if (offset === 0) this.control = value & 3;
    else if (offset < 0x80) return;
    else if (offset < 0x100) eachBit((offset - 0x80) * 8, 0xff, (intid, bit) => void (interrupts.group[intid] = (value >> bit) & 1));
    // SGIs are always enabled here, and their pending state has registers of its own.
    else if (offset < 0x180) eachBit((offset - 0x100) * 8, value, (intid) => void (interrupts.enabled[intid] = 1));
    else if (offset < 0x200) eachBit((offset - 0x180) * 8, value, (intid) => void (intid >= SGIS && (interrupts.enabled[intid] = 0)));
    else if (offset < 0x280) eachBit((offset - 0x200) * 8, value, (intid) => void (intid >= SGIS && (interrupts.latched[intid] = 1)));
    else if (offset < 0x300) eachBit((offset - 0x280) * 8, value, (intid) => void (intid >= SGIS && (interrupts.latched[intid] = 0)));
    else if (offset < 0x380) eachBit((offset - 0x300) * 8, value, (intid) => void (interrupts.active[intid] = 1));
    else if (offset < 0x400) eachBit((offset - 0x380) * 8, value, (intid) => void (interrupts.active[intid] = 0));
    else if (offset < 0x800) {
      if (offset - 0x400 < INTIDS) interrupts.priority[offset - 0x400] = value;
    } else if (offset < 0xc00) return;
    else if (offset < 0xd00) this.configure((offset - 0xc00) * 4, value);
    else if (offset >= 0xf10 && offset < 0xf20) interrupts.removeSgi(offset & 0xf, value);
    else if (offset >= 0xf20 && offset < 0xf30) interrupts.addSgi(offset & 0xf, value);
  }

  /** A write of GICD_SGIR: an SGI to the CPUs that it names. */
  softwareInterrupt(value: number): void {
    const filter = (value >>> 24) & 3;
    const targets = filter === 0 ? (value >>> 16) & 0xff : filter === 1 ? ~CPU_0 : CPU_0;
    if (targets & CPU_0) this.interrupts.addSgi(value & 0xf, CPU_0);
  }

  private pendingByte(first: number): number {
    let bits = 0;
    for (let i = 0; i < 8 && first + i < INTIDS; i++) if (this.interrupts.isPending(first + i)) bits |= 1 << i;
    return bits;
  }

  /** GICD_ICFGR has two bits for each interrupt; the upper one says "edge". */
  private configurationByte(first: number): number {
    let bits = 0;
    for (let i = 0; i < 4 && first + i < INTIDS; i++) if (this.interrupts.edgeTriggered[first + i]) bits |= 2 << (2 * i);
    return bits;
  }
  private configure(first: number, value: number): void {
    for (let i = 0; i < 4; i++) {
      const intid = first + i;
      if (intid >= SGIS && intid < INTIDS) this.interrupts.edgeTriggered[intid] = (value >> (2 * i + 1)) & 1;
    }
  }

  save(writer: ByteWriter): void {
    writer.u8(this.control);
  }
  load(reader: ByteReader): void {
    this.control = reader.u8();
  }
}

/** Eight one-bit states from `first` on, as a byte. */
function gather(states: Uint8Array, first: number): number {
  let bits = 0;
  for (let i = 0; i < 8; i++) bits |= (states[first + i] ?? 0) << i;
  return bits;
}

/** Calls for each bit that is set in `mask`, where its interrupt exists. */
function eachBit(first: number, mask: number, call: (intid: number, bit: number) => void): void {
  for (let bit = 0; bit < 8; bit++) if (mask & (1 << bit) && first + bit < INTIDS) call(first + bit, bit);
}
