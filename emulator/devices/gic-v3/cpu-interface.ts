/**
 * A CPU interface of a GICv3 (IHI 0069H sections 4.8 and 12.2): the physical one (ICC_ registers) and the virtual one (ICV_, section 12.3)
 * are the same machine with different sources of interrupts. The CPU reaches its registers by MRS and MSR, so there are none on the bus.
 */
import { ICC_CTLR_EL1 as CTLR, valueAt } from '../../cpu/registers/bits.ts';
import { ActivePriorities, IDLE } from '../gic/active-priorities.ts';
import { CpuInterface as AnyCpuInterface, type InterfaceNames } from '../gic/cpu-interface.ts';
import { SPURIOUS, type Group, type InterruptSource, type PendingInterrupt } from '../gic/pending.ts';
import { registersOf } from '../registers.ts';
import { number, words } from '../state.ts';

/** Of the upper bits of a priority there are so many; BPR0 is at least so much, BPR1 one more. */
export const PRIORITY_BITS = 5;
const PRIORITY_MASK = 0xff & (-1 << (8 - PRIORITY_BITS));
const MINIMUM_BPR = 7 - PRIORITY_BITS;
const minimumBpr = (group: Group): number => MINIMUM_BPR + group;
const INTID = 0xff_ffff;
/** INTIDs from here to 1023 have meanings of their own (section 2.2.1). */
export const FIRST_SPECIAL = 1020;

/** Of ICC_CTLR_EL1: affinity level 3 may be any, INTIDs have 24 bits. */
const FIXED_CONTROL = CTLR.A3V | valueAt(CTLR.IDbits, 1) | valueAt(CTLR.PRIbits, PRIORITY_BITS - 1);

/** What it keeps. Of arrays of two the second is for group 1. */
const kept = registersOf()(
  {},
  {
    mask: number({ max: 0xff }),
    control: number({ max: 3 }),
    enabled: number({ max: 3 }),
    binaryPoints: words(2, { max: 7, reset: [minimumBpr(0), minimumBpr(1)] }),
    active0: words(1),
    active1: words(1),
  },
);

/** An interrupt that software has ended by EOIR. */
export interface Ended {
  readonly intid: number;
  /** Of the register. */
  readonly group: Group;
  /** The group priority that was dropped. */
  readonly priority: number;
  /** It is not deactivated yet: a write of DIR does that. */
  readonly isSplit: boolean;
}
/** How a source learns of the end of its interrupts. */
export interface EndedSource extends InterruptSource {
  /** A number that interrupts of this source can have: the end of others is ignored. */
  has(intid: number): boolean;
  end(ended: Ended, groupPriority: (interrupt: PendingInterrupt) => number): void;
  /** A write of DIR, where EOImode = 1. */
  deactivate(intid: number): void;
}

/** A register, whose name is that of ICC_ and ICV_ without this and _EL1. */
interface InterfaceRegister {
  /** Its value, changing nothing; absent where it is write-only. */
  peek?(this: void, cpu: CpuInterface): number;
  /** Where reading has an effect: its value, with that effect. */
  read?(this: void, cpu: CpuInterface): number;
  write?(this: void, cpu: CpuInterface, value: number): void;
}
const ofGroup = (group: Group): Readonly<Record<string, InterfaceRegister>> => ({
  [`IAR${group}`]: { peek: (cpu) => cpu.nextAcknowledged(group), read: (cpu) => cpu.acknowledge(group) },
  [`EOIR${group}`]: { write: (cpu, value) => cpu.end(value & INTID, group) },
  [`HPPIR${group}`]: { peek: (cpu) => cpu.highestPending(group) },
  [`BPR${group}`]: { peek: (cpu) => cpu.binaryPoint(group), write: (cpu, value) => cpu.setBinaryPoint(value, group) },
  [`AP${group}R0`]: {
    peek: (cpu) => cpu.activeWords(group)[0],
    write: (cpu, value) => void (cpu.activeWords(group)[0] = value),
  },
  [`IGRPEN${group}`]: { peek: (cpu) => Number(cpu.isEnabled(group)), write: (cpu, value) => cpu.enable((value & 1) !== 0, group) },
});
export const interfaceRegisters: Readonly<Record<string, InterfaceRegister>> = {
  PMR: { peek: (cpu) => cpu.mask, write: (cpu, value) => cpu.setMask(value) },
  CTLR: { peek: (cpu) => cpu.control | FIXED_CONTROL, write: (cpu, value) => void (cpu.control = value) },
  RPR: { peek: (cpu) => Math.min(cpu.activePriorities.running, 0xff) },
  DIR: { write: (cpu, value) => cpu.deactivate(value & INTID) },
  ...ofGroup(0),
  ...ofGroup(1),
};

const namesOf = (at: InterfaceNames['at'], prefix: 'ICC' | 'ICV'): InterfaceNames => ({
  at,
  enable: (group) => `${prefix}_IGRPEN${group}_EL1`,
  mask: `${prefix}_PMR_EL1`,
  running: `${prefix}_RPR_EL1`,
  highest: (group) => `${prefix}_HPPIR${group}_EL1`,
  eoiMode: `${prefix}_CTLR_EL1.EOImode`,
  acknowledge: (group) => `${prefix}_IAR${group}_EL1`,
  end: (group) => `${prefix}_EOIR${group}_EL1`,
  deactivate: `${prefix}_DIR_EL1`,
});

export interface CpuInterfaceOptions {
  readonly kind: 'physical' | 'virtual';
  readonly source: EndedSource;
  /** Called after anything that may have changed the outputs. */
  readonly onChange: () => void;
}

export class CpuInterface extends AnyCpuInterface<typeof kept> {
  readonly activePriorities: ActivePriorities;
  readonly names: InterfaceNames;
  protected readonly source: EndedSource;
  private readonly isVirtual: boolean;
  private readonly onChange: () => void;

  constructor({ kind, source, onChange }: CpuInterfaceOptions) {
    super(kind === 'physical' ? 'icc' : 'icv', kept);
    this.activePriorities = new ActivePriorities(this.state.active0, this.state.active1);
    this.source = source;
    this.isVirtual = kind === 'virtual';
    this.onChange = onChange;
    this.names = this.isVirtual ? namesOf('virtualInterface', 'ICV') : namesOf('cpuInterface', 'ICC');
  }

  // ---- what is signalled

  isEnabled(group: Group): boolean {
    return ((this.state.enabled >> group) & 1) === 1;
  }
  /** With one Security state group 0 is always an FIQ (section 4.6.2). */
  outputOf(group: Group): 'irq' | 'fiq' {
    return group === 0 ? 'fiq' : 'irq';
  }
  get mask(): number {
    return this.state.mask;
  }
  get splitsEnd(): boolean {
    return (this.state.control & CTLR.EOImode) !== 0;
  }
  get highest(): number {
    return Math.min(this.highestPending(0), this.highestPending(1));
  }
  groupPriority({ priority, group }: PendingInterrupt): number {
    return priority & this.groupMask(group);
  }
  /** The bits that decide preemption, by the binary point (section 4.8.2, table 4-11). */
  private groupMask(group: Group): number {
    const { control, binaryPoints } = this.state;
    return -2 << (group === 1 && !(control & CTLR.CBPR) ? binaryPoints[1] - 1 : binaryPoints[0]);
  }
  /** Both priorities are compared by their group priorities (`CanSignalInterrupt`). */
  protected canPreempt({ priority, group }: PendingInterrupt): boolean {
    const { running } = this.activePriorities;
    const mask = this.groupMask(group);
    return running === IDLE || (priority & mask) < (running & mask);
  }

  /** HPPIR of a group. */
  highestPending(group: Group): number {
    const first = this.source.first();
    return first.group === group && this.isEnabled(group) ? first.intid : SPURIOUS;
  }
  /** What IAR of a group would return. */
  nextAcknowledged(group: Group): number {
    const first = this.signalled();
    return first?.group === group ? first.intid : SPURIOUS;
  }

  // ---- the CPU's side

  acknowledge(group: Group): number {
    const first = this.signalled();
    if (first?.group !== group) return SPURIOUS;
    if (first.intid < FIRST_SPECIAL || first.intid > SPURIOUS) this.activePriorities.activate(this.groupPriority(first), group);
    this.source.acknowledge(first);
    return first.intid;
  }

  /**
   * EOIR of a group. Which active priority it drops where it does not match the last acknowledgement is UNPREDICTABLE. Here: the physical
   * interface only drops the highest one, if it is of the group; the virtual one drops the highest of either group.
   */
  end(intid: number, group: Group): void {
    if (!this.source.has(intid)) return;
    const { running, runningGroup } = this.activePriorities;
    if (runningGroup === undefined || (!this.isVirtual && runningGroup !== group)) return;
    this.activePriorities.drop(runningGroup);
    const ended = { intid, group, priority: running, isSplit: this.splitsEnd };
    this.source.end(ended, (interrupt) => this.groupPriority({ ...interrupt, group }));
  }
  /** DIR. With EOImode = 0 it is UNPREDICTABLE: ignored. */
  deactivate(intid: number): void {
    if (this.splitsEnd && this.source.has(intid)) this.source.deactivate(intid);
  }

  // ---- registers

  get control(): number {
    return this.state.control;
  }
  set control(value: number) {
    this.state.control = value & (CTLR.EOImode | CTLR.CBPR);
  }
  setMask(value: number): void {
    this.state.mask = value & PRIORITY_MASK;
  }
  /** All of it, as QEMU keeps what is written to ICH_VMCR_EL2. */
  storeMask(value: number): void {
    this.state.mask = value;
  }
  enable(isEnabled: boolean, group: Group): void {
    this.state.enabled = (this.state.enabled & ~(1 << group)) | (Number(isEnabled) << group);
  }
  activeWords(group: Group): Uint32Array {
    return group === 0 ? this.state.active0 : this.state.active1;
  }
  /** With CBPR = 1, BPR1 shows the split that BPR0 makes and cannot be written. */
  binaryPoint(group: Group): number {
    const { control, binaryPoints } = this.state;
    return group === 1 && control & CTLR.CBPR ? Math.min(binaryPoints[0] + 1, 7) : binaryPoints[group];
  }
  setBinaryPoint(value: number, group: Group): void {
    if (group === 0 || !(this.state.control & CTLR.CBPR)) this.storeBinaryPoint(value, group);
  }
  /** The register itself, whatever CBPR says: ICH_VMCR_EL2 has it. */
  storeBinaryPoint(value: number, group: Group): void {
    this.state.binaryPoints[group] = Math.max(value & 7, minimumBpr(group));
  }
  storedBinaryPoint(group: Group): number {
    return this.state.binaryPoints[group];
  }

  protected override changed(): void {
    this.onChange();
  }
  /** A point below its minimum has no meaning. */
  protected override loaded(): void {
    for (const group of [0, 1] as const) this.storeBinaryPoint(this.state.binaryPoints[group], group);
  }
}
