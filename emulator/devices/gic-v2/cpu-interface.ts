/**
 * The registers through which a CPU takes interrupts and ends them (Arm IHI 0048B, section 4.4): once for the CPU (GICC) and once for its
 * virtual machine (GICV, section 5.5). They differ in where interrupts come from, and in how many bits of priority there are.
 */
import type { ByteReader, ByteWriter } from '../../base/bytes.ts';
import { IDLE_PRIORITY, SPECIAL, SPURIOUS } from './interrupts.ts';

/** Where the interrupts of an interface come from: the distributor, or the list registers. */
export interface InterruptSource {
  /** INTID of the highest pending interrupt, `SPURIOUS` where nothing is pending or forwarded. */
  best(): number;
  priority(intid: number): number;
  /** 0 or 1. */
  group(intid: number): number;
  /** Pending becomes active. Returns what the acknowledge register reads: the INTID, with the asking CPU of an SGI. */
  acknowledge(intid: number): number;
  /** Whether the INTID may be ended here. A list register that is missing is counted by the source. */
  canEnd(intid: number): boolean;
  deactivate(intid: number): void;
}

/** GICC_CTLR; GICV_CTLR has the same bits. */
const control = { EnableGrp0: 1, EnableGrp1: 2, AckCtl: 4, FIQEn: 8, CBPR: 16, EOImode: 1 << 9 } as const;
const CONTROL_MASK = 0x21f;
/** Returned instead of a group 1 interrupt to a reader that may only take group 0. */
const GROUP_1_PENDING = 1022;
/** The implementer (Arm), architecture version 2. */
const IIDR = 0x0002_043b;

export class CpuInterface {
  control = 0;
  priorityMask = 0;
  binaryPoint = 0;
  aliasedBinaryPoint = 0;
  /** Priorities of active interrupts, one bit each: of group 0 and of group 1. The virtual interface keeps one set for both. */
  readonly active: Uint32Array;
  readonly activeGroup1: Uint32Array;
  /** Of the active interrupts the highest; `IDLE_PRIORITY` where none is active. */
  running = IDLE_PRIORITY;
  /** What would be acknowledged now. */
  pending = SPURIOUS;
  irq = false;
  fiq = false;

  private readonly source: InterruptSource;
  /** Bits of priority that are left out at the low end: GICC_BPR's smallest value. */
  private readonly minimum: number;
  private readonly onChange: () => void;

  /** `onChange` is called when an access changed what is pending or active. */
  constructor(
    source: InterruptSource,
    minimumBinaryPoint: number,
    activePriorities: number,
    separateGroups: boolean,
    onChange: () => void,
  ) {
    this.source = source;
    this.minimum = minimumBinaryPoint;
    this.active = new Uint32Array(activePriorities);
    this.activeGroup1 = separateGroups ? new Uint32Array(activePriorities) : this.active;
    this.onChange = onChange;
    this.reset();
  }

  reset(): void {
    this.control = this.priorityMask = 0;
    this.binaryPoint = this.minimum;
    this.aliasedBinaryPoint = this.minimum + 1;
    this.active.fill(0);
    this.activeGroup1.fill(0);
    this.running = IDLE_PRIORITY;
    this.update();
  }

  /** Decides anew what is pending, and the levels of the two lines to the CPU. */
  update(): void {
    this.pending = SPURIOUS;
    this.irq = this.fiq = false;
    const intid = this.source.best();
    if (intid === SPURIOUS || this.source.priority(intid) >= this.priorityMask) return;
    const group = this.source.group(intid);
    if (!(this.control & (group === 0 ? control.EnableGrp0 : control.EnableGrp1))) return;
    this.pending = intid;
    if (this.source.priority(intid) >= this.running) return;
    if (group === 0 && this.control & control.FIQEn) this.fiq = true;
    else this.irq = true;
  }

  // ---- registers

  setControl(value: number): void {
    this.control = value & CONTROL_MASK;
  }
  setPriorityMask(value: number): void {
    this.priorityMask = value & 0xff & (((~0 << this.minimum) << 1) >> 1);
  }
  setBinaryPoint(value: number): void {
    this.binaryPoint = Math.max(value & 7, this.minimum);
  }
  setAliasedBinaryPoint(value: number): void {
    this.aliasedBinaryPoint = Math.max(value & 7, this.minimum + 1);
  }

  /** What a read of GICC_HPPIR (group 0) or GICC_AHPPIR (group 1) returns. */
  highestPending(group: 0 | 1): number {
    const { pending } = this;
    if (pending >= SPECIAL) return pending;
    if (group === 1) return this.source.group(pending) === 1 ? pending : SPURIOUS;
    return this.source.group(pending) === 1 && !(this.control & control.AckCtl) ? GROUP_1_PENDING : pending;
  }

  /** A read of GICC_IAR or GICC_AIAR. */
  acknowledge(group: 0 | 1): number {
    const intid = this.highestPending(group);
    if (intid >= SPECIAL) return intid;
    if (this.source.priority(intid) >= this.running) return SPURIOUS;
    this.activate(intid);
    const value = this.source.acknowledge(intid);
    this.onChange();
    return value;
  }

  /** A write of GICC_EOIR or GICC_AEOIR: priority drop, and deactivation unless EOImode splits them. */
  end(value: number): void {
    const intid = value & 0x3ff;
    if (intid >= SPECIAL || !this.source.canEnd(intid) || this.running === IDLE_PRIORITY) return this.onChange();
    const active = this.source.group(intid) === 1 ? this.activeGroup1 : this.active;
    const word = active.findIndex((bits) => bits !== 0);
    if (word >= 0) active[word] &= active[word] - 1;
    this.computeRunning();
    if (!(this.control & control.EOImode)) this.source.deactivate(intid);
    this.onChange();
  }

  /** A write of GICC_DIR. */
  deactivate(value: number): void {
    const intid = value & 0x3ff;
    if (intid < SPECIAL && this.source.canEnd(intid) && this.control & control.EOImode) this.source.deactivate(intid);
    this.onChange();
  }

  setActive(active: Uint32Array, index: number, value: number): void {
    if (index >= active.length) return;
    active[index] = value;
    this.computeRunning();
  }

  private activate(intid: number): void {
    const isGroup1 = this.source.group(intid) === 1;
    // Group 1 has a binary point of its own, one less than it says, unless CBPR joins them (section 3.3.3).
    const point = isGroup1 && !(this.control & control.CBPR) ? this.aliasedBinaryPoint - 1 : this.binaryPoint;
    this.running = this.source.priority(intid) & (~0 << (point + 1));
    const bit = this.running >> (this.minimum + 1);
    (isGroup1 ? this.activeGroup1 : this.active)[bit >> 5] |= 1 << (bit & 31);
  }

  private computeRunning(): void {
    for (let word = 0; word < this.active.length; word++) {
      const bits = this.active[word] | this.activeGroup1[word];
      if (bits === 0) continue;
      const first = 31 - Math.clz32(bits & -bits);
      this.running = (word * 32 + first) << (this.minimum + 1);
      return;
    }
    this.running = IDLE_PRIORITY;
  }

  /** A register by its offset in the frame; `peek` keeps the interrupt pending that a read of the acknowledge registers would take. */
  read(offset: number, peek: boolean): number {
    switch (offset) {
      case 0x00:
        return this.control;
      case 0x04:
        return this.priorityMask;
      case 0x08:
        return this.binaryPoint;
      case 0x0c:
        return peek ? this.peekAcknowledge(0) : this.acknowledge(0);
      case 0x14:
        return Math.min(this.running, 0xff);
      case 0x18:
        return this.highestPending(0);
      case 0x1c:
        return this.aliasedBinaryPoint;
      case 0x20:
        return peek ? this.peekAcknowledge(1) : this.acknowledge(1);
      case 0x28:
        return this.highestPending(1);
      case 0xfc:
        return IIDR;
      default:
        if (offset >= 0xd0 && offset < 0xe0) return this.active[(offset - 0xd0) >> 2] ?? 0;
        if (offset >= 0xe0 && offset < 0xf0 && this.activeGroup1 !== this.active) return this.activeGroup1[(offset - 0xe0) >> 2] ?? 0;
        return 0;
    }
  }

  write(offset: number, value: number): void {
    switch (offset) {
      case 0x00:
        this.setControl(value);
        break;
      case 0x04:
        this.setPriorityMask(value);
        break;
      case 0x08:
        this.setBinaryPoint(value);
        break;
      case 0x10:
      case 0x24:
        return this.end(value);
      case 0x1c:
        this.setAliasedBinaryPoint(value);
        break;
      case 0x1000:
        return this.deactivate(value);
      default:
        if (offset >= 0xd0 && offset < 0xe0) this.setActive(this.active, (offset - 0xd0) >> 2, value);
        if (offset >= 0xe0 && offset < 0xf0 && this.activeGroup1 !== this.active)
          this.setActive(this.activeGroup1, (offset - 0xe0) >> 2, value);
    }
    this.onChange();
  }

  private peekAcknowledge(group: 0 | 1): number {
    const intid = this.highestPending(group);
    return intid < SPECIAL && this.source.priority(intid) >= this.running ? SPURIOUS : intid;
  }

  save(writer: ByteWriter): void {
    writer.u32(this.control).u32(this.priorityMask).u32(this.binaryPoint).u32(this.aliasedBinaryPoint).u32(this.running);
    for (const value of [...this.active, ...this.activeGroup1]) writer.u32(value);
  }
  /** What is pending follows from the source: `update` must come after it is loaded. */
  load(reader: ByteReader): void {
    this.control = reader.u32();
    this.priorityMask = reader.u32();
    this.binaryPoint = reader.u32();
    this.aliasedBinaryPoint = reader.u32();
    this.running = reader.u32();
    for (const active of [this.active, this.activeGroup1]) for (let i = 0; i < active.length; i++) active[i] = reader.u32();
  }
}
