/**
 * The distributor (IHI 0048B section 4.3): keeps the states of all interrupts, and offers the most urgent one to the CPU interface.
 * One CPU, no Security Extensions.
 */
import type { ByteReader, ByteWriter } from '../../base/bytes.ts';
import { truncate, type AccessBytes, type Device } from '../device.ts';
import { distributorRegisters } from './distributor-registers.ts';
import { INTERRUPTS, Interrupts, SGIS } from './interrupts.ts';
import type { Group, InterruptSource, PendingInterrupt } from './pending.ts';

/** One CPU interface, ITLinesNumber = 8. */
const TYPER = INTERRUPTS / 32 - 1;
/** Implementer Arm. */
const IIDR = 0x43b;
/** GICD_PIDR4..7, PIDR0..3, CIDR0..3, from offset 0xfd0 on: version 2 of the architecture. */
const ID = [0x04, 0x00, 0x00, 0x00, 0x90, 0xb4, 0x2b, 0x00, 0x0d, 0xf0, 0x05, 0xb1];
const SGI_BITS = 2 ** SGIS - 1;
const GROUPS = 3;

export class Distributor implements Device, InterruptSource {
  readonly name = 'gicd';
  readonly registers = distributorRegisters;
  private readonly interrupts = new Interrupts();
  private readonly onChange: () => void;
  private ctlr = 0;

  /** `onChange`: called after anything that may have changed what `first` answers. */
  constructor(onChange: () => void) {
    this.onChange = onChange;
  }

  reset(): void {
    this.interrupts.reset();
    this.ctlr = 0;
    this.onChange();
  }

  /** The level of an input line: a PPI (INTID 16..31) or an SPI (32..287). */
  setLevel(intid: number, high: boolean): void {
    if (this.interrupts.setLevel(intid, high)) this.onChange();
  }

  // ---- InterruptSource

  first(): PendingInterrupt {
    return this.interrupts.first();
  }
  forwards(group: Group): boolean {
    return (this.ctlr & (1 << group)) !== 0;
  }
  acknowledge({ intid }: PendingInterrupt): void {
    this.interrupts.activate(intid);
  }
  groupOf(intid: number): Group | undefined {
    return intid < INTERRUPTS ? this.interrupts.group(intid) : undefined;
  }
  deactivate(intid: number, dropped?: boolean): void {
    // An end of interrupt while no priority is active does not match any acknowledgement: UNPREDICTABLE, ignored.
    if (dropped !== false) this.interrupts.deactivate(intid);
  }
  /** What the end of a virtual interrupt with HW = 1 does to its physical one (section 5.2.1). SGIs cannot be named there. */
  deactivatePhysical(intid: number): void {
    if (intid >= SGIS && intid < INTERRUPTS) this.interrupts.deactivate(intid);
  }

  // ---- registers: words, some made to be accessed by bytes; here all may be

  read(offset: number, bytes: AccessBytes): number {
    return this.peek(offset, bytes);
  }
  peek(offset: number, bytes: AccessBytes): number {
    return truncate(this.value(offset & ~3) >>> (8 * (offset & 3)), bytes);
  }

  private value(offset: number): number {
    const { interrupts } = this;
    if (offset < 0x80) return offset === 0 ? this.ctlr : offset === 4 ? TYPER : offset === 8 ? IIDR : 0;
    if (offset < 0x400) {
      const n = (offset & 0x7f) >> 2;
      if (n >= INTERRUPTS / 32) return 0;
      if (offset < 0x100) return interrupts.group1[n];
      if (offset < 0x200) return interrupts.enabled[n];
      return offset < 0x300 ? interrupts.pending(n) : interrupts.active[n];
    }
    if (offset < 0x800) return word(interrupts.priority, offset - 0x400);
    // GICD_ITARGETSR: RAZ/WI with a single CPU, which all interrupts target (section 4.3.12).
    if (offset < 0xc00) return 0;
    if (offset < 0xf00) return this.configuration((offset - 0xc00) >> 2);
    // GICD_CPENDSGIR, GICD_SPENDSGIR: a byte for each SGI, a bit for each CPU that may have asked for it.
    if (offset >= 0xf10 && offset < 0xf30) return spread((interrupts.latched[0] & SGI_BITS) >>> (offset & 15));
    return offset >= 0xfd0 ? ID[(offset - 0xfd0) >> 2] : 0;
  }

  write(offset: number, bytes: AccessBytes, value: number): void {
    const at = offset & ~3;
    const shift = 8 * (offset & 3);
    const mask = (bytes === 4 ? 0xffff_ffff : 2 ** (8 * bytes) - 1) << shift;
    if (at !== 0xf00) this.store(at, (value << shift) >>> 0, mask);
    else if (bytes === 4) this.softwareInterrupt(value);
    this.onChange();
  }

  /** Writes the bits of `mask`; of a register that sets or clears, `value` holds no other bits. */
  private store(offset: number, value: number, mask: number): void {
    const { interrupts } = this;
    if (offset < 0x80) {
      if (offset === 0) this.ctlr = merge(this.ctlr, value, mask & GROUPS);
    } else if (offset < 0x400) this.storeBits(offset, value, mask);
    else if (offset < 0x800) storeWord(interrupts.priority, offset - 0x400, value, mask);
    else if (offset >= 0xc00 && offset < 0xf00) this.configure((offset - 0xc00) >> 2, value, mask);
    else if (offset >= 0xf10 && offset < 0xf20) interrupts.latched[0] &= ~(gather(value) << (offset & 15));
    else if (offset >= 0xf20 && offset < 0xf30) interrupts.latched[0] |= gather(value) << (offset & 15);
  }

  /** GICD_IGROUPR to GICD_ICACTIVER, each 0x80 bytes: a bit for each interrupt. Beyond the last interrupt there is nothing to write. */
  private storeBits(offset: number, value: number, mask: number): void {
    const { group1, enabled, latched, active } = this.interrupts;
    const n = (offset & 0x7f) >> 2;
    // SGIs stay enabled, and GICD_CPENDSGIR and GICD_SPENDSGIR are for their pending states.
    const withoutSgis = n === 0 ? value & ~SGI_BITS : value;
    switch (offset >> 7) {
      case 1:
        group1[n] = merge(group1[n], value, mask);
        break;
      case 2:
        enabled[n] |= value;
        break;
      case 3:
        enabled[n] &= ~withoutSgis;
        break;
      case 4:
        latched[n] |= withoutSgis;
        break;
      case 5:
        latched[n] &= ~withoutSgis;
        break;
      case 6:
        active[n] |= value;
        break;
      case 7:
        active[n] &= ~value;
        break;
    }
  }

  /** GICD_SGIR: TargetListFilter 0 names the targets, 1 means all but oneself, 2 oneself; 3 is reserved and means everybody here. */
  private softwareInterrupt(value: number): void {
    const filter = (value >>> 24) & 3;
    if (filter === 1 || (filter === 0 && !(value & (1 << 16)))) return;
    this.interrupts.latched[0] |= 1 << (value & 15);
  }

  /** GICD_ICFGRn: two bits for each of 16 interrupts; the upper one says edge-triggered, the lower one is reserved. */
  private configuration(n: number): number {
    if (n >= INTERRUPTS / 16) return 0;
    const edge = this.interrupts.edge[n >> 1] >>> (16 * (n & 1));
    let value = 0;
    for (let i = 0; i < 16; i++) value |= ((edge >> i) & 1) << (2 * i + 1);
    return value >>> 0;
  }
  private configure(n: number, value: number, mask: number): void {
    // SGIs are always edge-triggered: GICD_ICFGR0 is read-only.
    if (n === 0 || n >= INTERRUPTS / 16) return;
    const { edge } = this.interrupts;
    for (let i = 0; i < 16; i++) {
      const bit = 1 << (16 * (n & 1) + i);
      if (mask & (2 << (2 * i))) edge[n >> 1] = value & (2 << (2 * i)) ? edge[n >> 1] | bit : edge[n >> 1] & ~bit;
    }
  }

  save(writer: ByteWriter): void {
    writer.u8(this.ctlr);
    this.interrupts.save(writer);
  }
  /** The outputs follow with the next `onChange`. */
  load(reader: ByteReader): void {
    this.ctlr = reader.u8() & GROUPS;
    this.interrupts.load(reader);
  }
}

const merge = (old: number, value: number, mask: number): number => ((old & ~mask) | (value & mask)) >>> 0;

/** Four bytes as a little-endian word; 0 beyond the end. */
const word = (bytes: Uint8Array, at: number): number =>
  at < bytes.length ? (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0 : 0;

function storeWord(bytes: Uint8Array, at: number, value: number, mask: number): void {
  for (let i = 0; i < 4; i++) if (at + i < bytes.length && (mask >>> (8 * i)) & 0xff) bytes[at + i] = value >>> (8 * i);
}

/** Bits 3..0 to bit 0 of the four bytes, and back. */
const spread = (bits: number): number => (bits & 1) | ((bits & 2) << 7) | ((bits & 4) << 14) | ((bits & 8) << 21);
const gather = (word: number): number => (word & 1) | ((word >>> 7) & 2) | ((word >>> 14) & 4) | ((word >>> 21) & 8);
