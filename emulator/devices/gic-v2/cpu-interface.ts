/**
 * A CPU interface (IHI 0048B section 4.4): what its registers do, and how the CPU acknowledges and ends an interrupt. The physical one
 * (GICC) and the virtual one (GICV, section 5.5) are the same machine with different sources of interrupts, and with 8 or 5 bits of priority.
 */
import { bit, field } from '../fields.ts';
import { ActivePriorities, IDLE } from '../gic/active-priorities.ts';
import { CpuInterface as AnyCpuInterface, type InterfaceNames } from '../gic/cpu-interface.ts';
import { SPURIOUS, type Group, type InterruptSource, type PendingInterrupt } from '../gic/pending.ts';
import { registersOf, type StateOf } from '../registers.ts';

/** Read from IAR or HPPIR where what is pending is of group 1 and CTLR.AckCtl = 0. */
const OTHER_GROUP = 1022;

/** Of the upper bits of a priority the virtual interface has five; GICV_BPR is 2 at least. */
export const VIRTUAL_PRIORITY_BITS = 5;
const VIRTUAL_MINIMUM_BPR = 2;

const intid = (meaning: string) => [
  field('CPUID', 12, 10, 'for an SGI, the CPU that sent it'),
  field('InterruptID', 9, 0, meaning, { [OTHER_GROUP]: 'one of group 1, and AckCtl = 0', [SPURIOUS]: 'none (spurious)' }),
];
const activePriorities = (offset: number, count: number, group: string, priorities: string) => ({
  offset,
  width: 32 as const,
  access: 'rw' as const,
  count,
  title: `Active priorities${group}`,
  fields: [field('Priorities', 31, 0, `a bit each: ${priorities} is active`)],
});

/**
 * The registers of both (tables 4-2 and 5-7). `priorityBits`: how many of the upper bits of a priority are there; `minimumBpr`: the smallest
 * value of BPR.
 */
function cpuInterface(virtual: '' | 'virtual ', priorityBits: number, minimumBpr: number) {
  const kind = `${virtual}interrupt`;
  const an = virtual ? 'a' : 'an';
  const lowestPriority = 8 - priorityBits;
  return {
    CTLR: {
      offset: 0x00,
      width: 32,
      access: 'rw',
      title: `Control of the ${virtual}CPU interface`,
      // The bypass of legacy interrupts is not there: its bits are RAZ/WI.
      fields: [
        bit('EOImode', 9, 'what the end of an interrupt does', {
          0: 'EOIR drops priority and deactivates',
          1: 'EOIR drops priority, DIR deactivates',
        }),
        bit('CBPR', 4, 'group 1 uses BPR too, instead of ABPR'),
        bit('FIQEn', 3, `group 0 is signalled as ${virtual}FIQ`),
        bit('AckCtl', 2, 'IAR acknowledges group 1 too'),
        bit('EnableGrp1', 1, 'signal group 1'),
        bit('EnableGrp0', 0, 'signal group 0'),
      ],
    },
    PMR: {
      offset: 0x04,
      width: 32,
      access: 'rw',
      title: 'Priority mask',
      fields: [field('Priority', 7, 0, `only ${an} ${kind} with a smaller priority value is signalled`)],
      stored: 0xff & (-1 << lowestPriority),
    },
    BPR: {
      offset: 0x08,
      width: 32,
      access: 'rw',
      title: 'Binary point: which bits of a priority decide preemption',
      fields: [field('Binary_point', 2, 0, 'a number N: bits 7 to N + 1 are the group priority')],
      reset: minimumBpr,
      stored: (value: number): number => Math.max(value & 7, minimumBpr),
    },
    IAR: {
      offset: 0x0c,
      width: 32,
      access: 'r',
      title: `Acknowledges the ${kind} that is signalled: reading it makes it active`,
      fields: intid('what was acknowledged'),
      peek: (cpu: CpuInterface): number => cpu.nextAcknowledged(false),
      read: (cpu: CpuInterface): number => cpu.acknowledge(false),
    },
    EOIR: {
      offset: 0x10,
      width: 32,
      access: 'w',
      title: `End of ${kind}: drops its priority and, with EOImode = 0, deactivates it`,
      fields: intid('what has ended'),
      write: (cpu: CpuInterface, value: number): void => cpu.end(value & INTID, false),
    },
    RPR: {
      offset: 0x14,
      width: 32,
      access: 'r',
      title: 'Running priority',
      fields: [field('Priority', 7, 0, 'highest active group priority', { 0xff: 'none is active' })],
      peek: (cpu: CpuInterface): number => Math.min(cpu.activePriorities.running, 0xff),
    },
    HPPIR: {
      offset: 0x18,
      width: 32,
      access: 'r',
      title: `The pending ${kind} with the highest priority`,
      fields: intid('what is pending'),
      peek: (cpu: CpuInterface): number => cpu.highestPending(false),
    },
    // One more than BPR would need for the same split.
    ABPR: {
      offset: 0x1c,
      width: 32,
      access: 'rw',
      title: 'Binary point of group 1, where CBPR = 0',
      fields: [field('Binary_point', 2, 0, 'a number N: bits 7 to N are the group priority')],
      reset: minimumBpr + 1,
      stored: (value: number): number => Math.max(value & 7, minimumBpr + 1),
    },
    AIAR: {
      offset: 0x20,
      width: 32,
      access: 'r',
      title: `Acknowledges ${an} ${kind} of group 1`,
      fields: intid('what was acknowledged'),
      peek: (cpu: CpuInterface): number => cpu.nextAcknowledged(true),
      read: (cpu: CpuInterface): number => cpu.acknowledge(true),
    },
    AEOIR: {
      offset: 0x24,
      width: 32,
      access: 'w',
      title: `End of ${an} ${kind} of group 1`,
      fields: intid('what has ended'),
      write: (cpu: CpuInterface, value: number): void => cpu.end(value & INTID, true),
    },
    AHPPIR: {
      offset: 0x28,
      width: 32,
      access: 'r',
      title: `The pending ${kind} with the highest priority, if of group 1`,
      fields: intid('what is pending'),
      peek: (cpu: CpuInterface): number => cpu.highestPending(true),
    },
    APR: virtual
      ? activePriorities(0xd0, 1, '', 'bit i: priority 8i')
      : activePriorities(0xd0, 4, ' of group 0', 'bit i of register n: priority 64n + 2i'),
    IIDR: {
      offset: 0xfc,
      width: 32,
      access: 'r',
      title: 'Identifies the CPU interface',
      fields: [
        field('ProductID', 31, 20, 'product'),
        field('Architecture_version', 19, 16, 'version of the GIC architecture', { 1: 'GICv1', 2: 'GICv2' }),
        field('Revision', 15, 12, 'revision'),
        field('Implementer', 11, 0, 'JEP106 code of the maker', { 0x43b: 'Arm' }),
      ],
      value: 0x0002_043b,
    },
    DIR: {
      offset: 0x1000,
      width: 32,
      access: 'w',
      title: `Deactivates ${an} ${kind}, where EOImode = 1`,
      fields: intid('what becomes inactive'),
      write: (cpu: CpuInterface, value: number): void => cpu.deactivate(value & INTID),
    },
  } as const;
}
const INTID = 0x3ff;

const gicc = registersOf<CpuInterface>({ prefix: 'GICC_' })({
  ...cpuInterface('', 8, 0),
  NSAPR: activePriorities(0xe0, 4, ' of group 1', 'bit i of register n: priority 64n + 2i'),
});
const gicv = registersOf<CpuInterface>({ prefix: 'GICV_' })(cpuInterface('virtual ', VIRTUAL_PRIORITY_BITS, VIRTUAL_MINIMUM_BPR));
const { CTLR } = gicc.bits;

/** How a source learns of the end of its interrupts. */
export interface EndedSource extends InterruptSource {
  /** Group of an interrupt that software names at its end; undefined for one that is not there. */
  groupOf(intid: number): Group | undefined;
  /**
   * Software ended an interrupt: it becomes inactive. `dropped`: this is a write of EOIR with EOImode = 0 that dropped a priority;
   * undefined: a write of DIR.
   */
  deactivate(intid: number, dropped?: boolean): void;
}

export interface CpuInterfaceOptions {
  readonly kind: 'physical' | 'virtual';
  readonly source: EndedSource;
  /** Called after anything that may have changed the outputs. */
  readonly onChange: () => void;
}

const namesOf = (at: InterfaceNames['at'], prefix: 'GICC' | 'GICV'): InterfaceNames => ({
  at,
  enable: (group) => `${prefix}_CTLR.EnableGrp${group}`,
  mask: `${prefix}_PMR`,
  running: `${prefix}_RPR`,
  highest: () => `${prefix}_HPPIR`,
  eoiMode: `${prefix}_CTLR.EOImode`,
  acknowledge: () => `${prefix}_IAR`,
  end: () => `${prefix}_EOIR`,
  deactivate: `${prefix}_DIR`,
});

export class CpuInterface extends AnyCpuInterface<typeof gicv> {
  readonly activePriorities: ActivePriorities;
  readonly names: InterfaceNames;
  protected readonly source: EndedSource;
  private readonly onChange: () => void;

  constructor({ kind, source, onChange }: CpuInterfaceOptions) {
    super(kind === 'physical' ? 'gicc' : 'gicv', kind === 'physical' ? gicc : gicv);
    this.activePriorities = new ActivePriorities(this.state.APR, (this.state as Partial<StateOf<typeof gicc>>).NSAPR);
    this.source = source;
    this.onChange = onChange;
    this.names = kind === 'physical' ? namesOf('cpuInterface', 'GICC') : namesOf('virtualInterface', 'GICV');
  }

  // ---- what is signalled

  isEnabled(group: Group): boolean {
    return (this.state.CTLR & (group === 0 ? CTLR.EnableGrp0 : CTLR.EnableGrp1)) !== 0;
  }
  outputOf(group: Group): 'irq' | 'fiq' {
    return group === 0 && this.state.CTLR & CTLR.FIQEn ? 'fiq' : 'irq';
  }
  get mask(): number {
    return this.state.PMR;
  }
  get splitsEnd(): boolean {
    return (this.state.CTLR & CTLR.EOImode) !== 0;
  }
  get highest(): number {
    return this.highestPending(false) & INTID;
  }
  /** Section 3.3.3. */
  protected canPreempt({ priority }: PendingInterrupt): boolean {
    return priority < this.activePriorities.running;
  }
  /** Section 3.3.3, table 3-2. */
  groupPriority({ priority, group }: PendingInterrupt): number {
    return priority & (-2 << (group === 1 && !(this.state.CTLR & CTLR.CBPR) ? this.state.ABPR - 1 : this.state.BPR));
  }

  /** PMR hides an interrupt from HPPIR, too. */
  private isPassed(interrupt: PendingInterrupt): boolean {
    return this.isUnmasked(interrupt) && this.isForwarded(interrupt);
  }
  /** HPPIR, or with `alias` AHPPIR, which is about group 1 alone. */
  highestPending(alias: boolean): number {
    const first = this.source.first();
    return this.isPassed(first) ? this.answer(first, alias) : SPURIOUS;
  }
  /** What IAR, or with `alias` AIAR, would return. */
  nextAcknowledged(alias: boolean): number {
    const first = this.source.first();
    return this.isPassed(first) && this.canPreempt(first) ? this.answer(first, alias) : SPURIOUS;
  }
  private answer({ intid, group, source }: PendingInterrupt, alias: boolean): number {
    if (alias && group === 0) return SPURIOUS;
    if (!alias && group === 1 && !(this.state.CTLR & CTLR.AckCtl)) return OTHER_GROUP;
    return (source << 10) | intid;
  }

  // ---- the CPU's side

  acknowledge(alias: boolean): number {
    const value = this.nextAcknowledged(alias);
    if (value === SPURIOUS || value === OTHER_GROUP) return value;
    const first = this.source.first();
    this.activePriorities.activate(this.groupPriority(first), first.group);
    this.source.acknowledge(first);
    this.onChange();
    return value;
  }

  /** EOIR, AEOIR. Ending what was not acknowledged last is UNPREDICTABLE: the highest active priority of its group is dropped. */
  end(intid: number, alias: boolean): void {
    const group = this.source.groupOf(intid);
    if (group === undefined || (alias && group === 0)) return;
    const dropped = this.activePriorities.running !== IDLE;
    this.activePriorities.drop(group);
    if (!this.splitsEnd) this.source.deactivate(intid, dropped);
  }

  /** DIR. With EOImode = 0 it is UNPREDICTABLE: ignored. */
  deactivate(intid: number): void {
    if (this.splitsEnd && this.source.groupOf(intid) !== undefined) this.source.deactivate(intid);
  }

  protected override changed(): void {
    this.onChange();
  }
}
