/**
 * A CPU interface (IHI 0048B section 4.4): decides which pending interrupt is signalled, and takes the CPU's acknowledgement and end of it.
 * The physical one (GICC) and the virtual one (GICV, section 5.5) are the same machine with different sources of interrupts, and with
 * 8 or 5 bits of priority.
 */
import type { ByteReader, ByteWriter } from '../../base/bytes.ts';
import { truncate, type AccessBytes, type Device, type RegisterDescription } from '../device.ts';
import { ActivePriorities, IDLE } from './active-priorities.ts';
import { OTHER_GROUP, SPURIOUS, type Group, type InterruptSource, type PendingInterrupt } from './pending.ts';

/** Bits of GICC_CTLR; bits 0 and 1 enable the groups. The bypass of legacy interrupts is not there: its bits are RAZ/WI. */
const CTLR = { AckCtl: 1 << 2, FIQEn: 1 << 3, CBPR: 1 << 4, EOImode: 1 << 9 } as const;
const CTLR_WRITABLE = 0x21f;

/** ProductID 0, architecture version 2, revision 0, implementer Arm. */
const IIDR = 0x0002_043b;

const offsets = {
  CTLR: 0x00,
  PMR: 0x04,
  BPR: 0x08,
  IAR: 0x0c,
  EOIR: 0x10,
  RPR: 0x14,
  HPPIR: 0x18,
  ABPR: 0x1c,
  AIAR: 0x20,
  AEOIR: 0x24,
  AHPPIR: 0x28,
  APR: 0xd0,
  NSAPR: 0xe0,
  IIDR: 0xfc,
  DIR: 0x1000,
} as const;

export interface CpuInterfaceOptions {
  readonly name: string;
  readonly registers: readonly RegisterDescription[];
  readonly source: InterruptSource;
  /** How many of the upper bits of a priority are there. */
  readonly priorityBits: number;
  /** The smallest value of BPR. */
  readonly minimumBpr: number;
  readonly activePriorities: 'separate' | 'together';
  /** Called after anything that may have changed the outputs. */
  readonly onChange: () => void;
}

export class CpuInterface implements Device {
  readonly name: string;
  readonly registers: readonly RegisterDescription[];
  readonly activePriorities: ActivePriorities;
  private readonly source: InterruptSource;
  private readonly priorityMask: number;
  private readonly minimumBpr: number;
  private readonly onChange: () => void;
  private ctlr = 0;
  private pmr = 0;
  private bpr = 0;
  private abpr = 0;

  constructor({ name, registers, source, priorityBits, minimumBpr, activePriorities, onChange }: CpuInterfaceOptions) {
    this.name = name;
    this.registers = registers;
    this.source = source;
    this.priorityMask = (0xff << (8 - priorityBits)) & 0xff;
    this.minimumBpr = minimumBpr;
    this.activePriorities = new ActivePriorities(minimumBpr, activePriorities);
    this.onChange = onChange;
    this.clear();
  }

  reset(): void {
    this.clear();
    this.onChange();
  }
  private clear(): void {
    this.ctlr = this.pmr = 0;
    this.bpr = this.minimumBpr;
    this.abpr = this.minimumBpr + 1;
    this.activePriorities.reset();
  }

  // ---- its settings, which GICH_VMCR shows too

  get control(): number {
    return this.ctlr;
  }
  set control(value: number) {
    this.ctlr = value & CTLR_WRITABLE;
  }
  /** Only more urgent interrupts are signalled. */
  get mask(): number {
    return this.pmr;
  }
  set mask(value: number) {
    this.pmr = value & this.priorityMask;
  }
  get binaryPoint(): number {
    return this.bpr;
  }
  set binaryPoint(value: number) {
    this.bpr = Math.max(value & 7, this.minimumBpr);
  }
  /** Of group 1: one more than BPR would need for the same split. */
  get aliasedBinaryPoint(): number {
    return this.abpr;
  }
  set aliasedBinaryPoint(value: number) {
    this.abpr = Math.max(value & 7, this.minimumBpr + 1);
  }
  isEnabled(group: Group): boolean {
    return (this.ctlr & (1 << group)) !== 0;
  }

  // ---- what is signalled

  /** The output that is asserted now. */
  signal(): 'irq' | 'fiq' | undefined {
    const first = this.signalled();
    if (!first) return undefined;
    return first.group === 0 && this.ctlr & CTLR.FIQEn ? 'fiq' : 'irq';
  }
  /** The interrupt for which it is. */
  signalled(): PendingInterrupt | undefined {
    const first = this.source.first();
    return this.isPassed(first) && this.canPreempt(first) ? first : undefined;
  }

  /** Its group is enabled on the way here and here, and PMR lets it through. */
  private isPassed({ group, priority }: PendingInterrupt): boolean {
    return priority < this.pmr && this.isEnabled(group) && this.source.forwards(group);
  }
  /** It is more urgent than the group priority that is running (section 3.3.3). */
  private canPreempt({ priority }: PendingInterrupt): boolean {
    return priority < this.activePriorities.running;
  }
  /** The bits of a priority that make up the group priority (section 3.3.3, table 3-2). */
  private groupPriorityMask(group: Group): number {
    return -2 << (group === 1 && !(this.ctlr & CTLR.CBPR) ? this.abpr - 1 : this.bpr);
  }

  /** HPPIR, or with `alias` AHPPIR, which is about group 1 alone. */
  private highestPending(alias: boolean): number {
    const first = this.source.first();
    return this.isPassed(first) ? this.answer(first, alias) : SPURIOUS;
  }
  /** What IAR, or with `alias` AIAR, would return. */
  private nextAcknowledged(alias: boolean): number {
    const first = this.source.first();
    return this.isPassed(first) && this.canPreempt(first) ? this.answer(first, alias) : SPURIOUS;
  }
  private answer({ intid, group, source }: PendingInterrupt, alias: boolean): number {
    if (alias && group === 0) return SPURIOUS;
    if (!alias && group === 1 && !(this.ctlr & CTLR.AckCtl)) return OTHER_GROUP;
    return (source << 10) | intid;
  }

  // ---- the CPU's side

  private acknowledge(alias: boolean): number {
    const value = this.nextAcknowledged(alias);
    if (value === SPURIOUS || value === OTHER_GROUP) return value;
    const first = this.source.first();
    this.activePriorities.activate(first.priority & this.groupPriorityMask(first.group), first.group);
    this.source.acknowledge(first);
    this.onChange();
    return value;
  }

  /** EOIR, AEOIR. Ending what was not acknowledged last is UNPREDICTABLE: the highest active priority of its group is dropped. */
  private end(intid: number, alias: boolean): void {
    const group = this.source.groupOf(intid);
    if (group === undefined || (alias && group === 0)) return;
    const dropped = this.activePriorities.running !== IDLE;
    this.activePriorities.drop(group);
    if (!(this.ctlr & CTLR.EOImode)) this.source.deactivate(intid, dropped);
  }

  /** DIR. With EOImode = 0 it is UNPREDICTABLE: ignored. */
  private deactivate(intid: number): void {
    if (this.ctlr & CTLR.EOImode && this.source.groupOf(intid) !== undefined) this.source.deactivate(intid);
  }

  // ---- registers

  read(offset: number, bytes: AccessBytes): number {
    if (offset === offsets.IAR || offset === offsets.AIAR) return truncate(this.acknowledge(offset === offsets.AIAR), bytes);
    return this.peek(offset, bytes);
  }

  peek(offset: number, bytes: AccessBytes): number {
    return offset & 3 ? 0 : truncate(this.value(offset), bytes);
  }

  private value(offset: number): number {
    switch (offset) {
      case offsets.CTLR:
        return this.ctlr;
      case offsets.PMR:
        return this.pmr;
      case offsets.BPR:
        return this.bpr;
      case offsets.IAR:
        return this.nextAcknowledged(false);
      case offsets.RPR:
        return Math.min(this.activePriorities.running, 0xff);
      case offsets.HPPIR:
        return this.highestPending(false);
      case offsets.ABPR:
        return this.abpr;
      case offsets.AIAR:
        return this.nextAcknowledged(true);
      case offsets.AHPPIR:
        return this.highestPending(true);
      case offsets.IIDR:
        return IIDR;
    }
    const register = activePriorityRegister(offset);
    return register ? this.activePriorities.get(...register) : 0;
  }

  write(offset: number, _bytes: AccessBytes, value: number): void {
    const intid = value & 0x3ff;
    switch (offset) {
      case offsets.CTLR:
        this.control = value;
        break;
      case offsets.PMR:
        this.mask = value;
        break;
      case offsets.BPR:
        this.binaryPoint = value;
        break;
      case offsets.ABPR:
        this.aliasedBinaryPoint = value;
        break;
      case offsets.EOIR:
        this.end(intid, false);
        break;
      case offsets.AEOIR:
        this.end(intid, true);
        break;
      case offsets.DIR:
        this.deactivate(intid);
        break;
      default: {
        const register = activePriorityRegister(offset);
        if (register) this.activePriorities.set(...register, value);
      }
    }
    this.onChange();
  }

  save(writer: ByteWriter): void {
    writer.u32(this.ctlr).u8(this.pmr).u8(this.bpr).u8(this.abpr);
    this.activePriorities.save(writer);
  }
  /** The outputs follow with the next `onChange`. */
  load(reader: ByteReader): void {
    this.control = reader.u32();
    this.mask = reader.u8();
    this.binaryPoint = reader.u8();
    this.aliasedBinaryPoint = reader.u8();
    this.activePriorities.load(reader);
  }
}

/** Group and number of APRn (group 0) or NSAPRn (group 1). */
function activePriorityRegister(offset: number): [Group, number] | undefined {
  if (offset < offsets.APR || offset >= offsets.NSAPR + 16 || offset & 3) return undefined;
  return offset < offsets.NSAPR ? [0, (offset - offsets.APR) >> 2] : [1, (offset - offsets.NSAPR) >> 2];
}
