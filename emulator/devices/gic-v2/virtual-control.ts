/**
 * Virtual interface control (IHI 0048B section 5.3): the hypervisor puts virtual interrupts into list registers, from which the virtual
 * CPU interface serves the guest, and learns by the maintenance interrupt when they need its attention.
 */
import { bit, extract, field, insert } from '../fields.ts';
import type { AnyVirtualControl } from '../gic/gic.ts';
import { maintenanceStatus } from '../gic/maintenance.ts';
import {
  LIST_REGISTERS,
  NO_INTERRUPT,
  SPURIOUS,
  type Group,
  type ListedInterrupt,
  type Obstacle,
  type PendingInterrupt,
} from '../gic/pending.ts';
import { RegisterDevice, registersOf } from '../registers.ts';
import { VIRTUAL_PRIORITY_BITS, type CpuInterface, type EndedSource } from './cpu-interface.ts';

const listed = (meaning: string) => [field('LRs', 31, 0, `a bit each: GICH_LRi ${meaning}`)];

const gich = registersOf<VirtualControl>({ prefix: 'GICH_' })({
  HCR: {
    offset: 0x00,
    width: 32,
    access: 'rw',
    title: 'Control: enables virtual interrupts and selects what raises a maintenance interrupt',
    fields: [
      field('EOICount', 31, 27, 'ends of interrupts that were in no list register'),
      bit('VGrp1DIE', 7, 'maintenance interrupt when the guest has group 1 disabled'),
      bit('VGrp1EIE', 6, 'maintenance interrupt when the guest has group 1 enabled'),
      bit('VGrp0DIE', 5, 'maintenance interrupt when the guest has group 0 disabled'),
      bit('VGrp0EIE', 4, 'maintenance interrupt when the guest has group 0 enabled'),
      bit('NPIE', 3, 'maintenance interrupt when no list register is pending'),
      bit('LRENPIE', 2, 'maintenance interrupt when EOICount is not 0'),
      bit('UIE', 1, 'maintenance interrupt when at most one list register is in use'),
      bit('En', 0, 'virtual CPU interface', { 0: 'off', 1: 'on' }),
    ],
  },
  VTR: {
    offset: 0x04,
    width: 32,
    access: 'r',
    title: 'What the virtual interface has',
    fields: [
      field('PRIbits', 31, 29, 'bits of priority, less one'),
      field('PREbits', 28, 26, 'bits of priority that decide preemption, less one'),
      field('ListRegs', 5, 0, 'list registers, less one'),
    ],
    value: (((VIRTUAL_PRIORITY_BITS - 1) << 29) | ((VIRTUAL_PRIORITY_BITS - 1) << 26) | (LIST_REGISTERS - 1)) >>> 0,
  },
  VMCR: {
    offset: 0x08,
    width: 32,
    access: 'rw',
    title: "The guest's settings, for saving and restoring: GICV_PMR, BPR, ABPR, CTLR in one",
    fields: [
      field('VMPriMask', 31, 27, 'GICV_PMR, bits 7..3'),
      field('VMBP', 23, 21, 'GICV_BPR'),
      field('VMABP', 20, 18, 'GICV_ABPR'),
      bit('VEM', 9, 'GICV_CTLR.EOImode', { 0: 'EOIR deactivates too', 1: 'EOIR only drops priority' }),
      bit('VMCBPR', 4, 'GICV_CTLR.CBPR: group 1 uses BPR too'),
      bit('VMFIQEn', 3, 'GICV_CTLR.FIQEn: group 0 is signalled as virtual FIQ'),
      bit('VMAckCtl', 2, 'GICV_CTLR.AckCtl: IAR acknowledges group 1 too'),
      bit('VMGrp1En', 1, 'GICV_CTLR.EnableGrp1'),
      bit('VMGrp0En', 0, 'GICV_CTLR.EnableGrp0'),
    ],
    peek: (gic): number => gic.guestSettings,
    write: (gic, value): void => gic.setGuestSettings(value),
    adopt: (gic, value): void => gic.setGuestSettings(value),
  },
  MISR: {
    offset: 0x10,
    width: 32,
    access: 'r',
    title: 'Why there is a maintenance interrupt',
    fields: [
      bit('VGrp1D', 7, 'the guest has group 1 disabled'),
      bit('VGrp1E', 6, 'the guest has group 1 enabled'),
      bit('VGrp0D', 5, 'the guest has group 0 disabled'),
      bit('VGrp0E', 4, 'the guest has group 0 enabled'),
      bit('NP', 3, 'no list register is pending'),
      bit('LRENP', 2, 'an interrupt that is in no list register was ended'),
      bit('U', 1, 'underflow: at most one list register is in use'),
      bit('EOI', 0, 'an interrupt that requests an EOI maintenance interrupt has ended: see GICH_EISR0'),
    ],
    peek: (gic): number => gic.maintenanceStatus,
  },
  EISR0: {
    offset: 0x20,
    width: 32,
    access: 'r',
    title: 'List registers whose interrupt has ended with an EOI maintenance interrupt requested',
    fields: listed('is one'),
    peek: (gic): number => gic.ended,
  },
  ELRSR0: {
    offset: 0x30,
    width: 32,
    access: 'r',
    title: 'List registers that are free',
    fields: listed('is free'),
    peek: (gic): number => gic.free,
  },
  APR: {
    offset: 0xf0,
    width: 32,
    access: 'rw',
    title: 'Active priorities of the guest',
    fields: [field('Priorities', 31, 0, 'a bit each: bit i: priority 8i is active')],
    peek: (gic): number => gic.cpuInterface.state.APR[0],
    write: (gic, value): void => void (gic.cpuInterface.state.APR[0] = value),
    adopt: (gic, value): void => void (gic.cpuInterface.state.APR[0] = value),
  },
  LR: {
    offset: 0x100,
    width: 32,
    access: 'rw',
    count: LIST_REGISTERS,
    title: 'List register: one virtual interrupt',
    fields: [
      bit('HW', 31, 'corresponds to a physical interrupt, which is deactivated when it ends'),
      bit('Grp1', 30, 'group', { 0: 'group 0', 1: 'group 1' }),
      field('State', 29, 28, 'state', { 0: 'invalid: free', 1: 'pending', 2: 'active', 3: 'active and pending' }),
      field('Priority', 27, 23, 'bits 7..3 of its priority'),
      field(
        'PhysicalID',
        19,
        10,
        'with HW = 1 the physical INTID; otherwise bit 19 requests an EOI maintenance interrupt, bits 12..10 are the CPU that sent an SGI',
      ),
      field('VirtualID', 9, 0, 'INTID that the guest sees'),
    ],
  },
});
const { HCR, VMCR } = gich.bits;
const LR = {
  ...gich.bits.LR,
  /** The two bits of the state. */
  pending: 1 << 28,
  active: 1 << 29,
  /** Bits of PhysicalID where HW = 0. */
  EOI: 1 << 19,
  CPUID: 7 << 10,
} as const;

export class VirtualControl extends RegisterDevice<typeof gich> implements AnyVirtualControl, EndedSource {
  /** The virtual CPU interface, whose state GICH_VMCR and GICH_APR show. Set when both are made. */
  cpuInterface!: CpuInterface;
  private readonly list: Uint32Array;
  private readonly deactivatePhysical: (intid: number) => void;
  private readonly onChange: () => void;

  /** `deactivatePhysical`: the guest has ended a virtual interrupt with HW = 1 and this physical INTID. */
  constructor(deactivatePhysical: (intid: number) => void, onChange: () => void) {
    super('gich', gich);
    this.list = this.state.LR;
    this.deactivatePhysical = deactivatePhysical;
    this.onChange = onChange;
  }

  // ---- source of the virtual CPU interface

  first(): PendingInterrupt {
    const { list } = this;
    let index = -1;
    for (let i = 0; i < LIST_REGISTERS; i++)
      if ((list[i] & LR.State) === LR.pending && (index < 0 || priorityOf(list[i]) < priorityOf(list[index]))) index = i;
    return index < 0 ? NO_INTERRUPT : this.listed(index);
  }
  /** The interrupt in a list register, as `first` offers one that is pending. */
  private listed(index: number): PendingInterrupt {
    const lr = this.list[index];
    return { intid: intidOf(lr), priority: priorityOf(lr), group: groupOf(lr), source: sourceOf(lr), listRegister: index };
  }
  inUse(): readonly ListedInterrupt[] {
    return Array.from({ length: LIST_REGISTERS }, (_, i) => i)
      .filter((i) => (this.list[i] & LR.State) !== 0)
      .map((i) => {
        const lr = this.list[i];
        const [pending, active] = [(lr & LR.pending) !== 0, (lr & LR.active) !== 0];
        return { ...this.listed(i), listRegister: i, pending, active, physical: lr & LR.HW ? extract(lr, LR.PhysicalID) : undefined };
      });
  }
  forwards(): boolean {
    return (this.state.HCR & HCR.En) !== 0;
  }
  barrier(): Obstacle | undefined {
    return this.forwards() ? undefined : { kind: 'off', at: 'virtualInterface', field: 'GICH_HCR.En' };
  }
  acknowledge(interrupt: PendingInterrupt): void {
    const { intid, source } = interrupt;
    const index = this.list.findIndex(
      (lr) => (lr & LR.State) === LR.pending && intidOf(lr) === intid && priorityOf(lr) === interrupt.priority && sourceOf(lr) === source,
    );
    this.list[index] = (this.list[index] & ~LR.State) | LR.active;
  }
  pendingIn(intid: number): readonly number[] {
    return [...this.list.keys()].filter((i) => (this.list[i] & LR.pending) !== 0 && intidOf(this.list[i]) === intid);
  }
  /** The virtual interface drops priorities without regard to groups. */
  groupOf(intid: number): Group | undefined {
    if (intid > SPURIOUS - 4) return undefined;
    const lr = this.list.find((candidate) => intidOf(candidate) === intid && (candidate & LR.State) !== 0);
    return lr === undefined ? 0 : groupOf(lr);
  }
  /**
   * The guest ended an interrupt. One that is in no list register is counted for the hypervisor, which had to leave it out
   * (GICH_HCR.EOICount; for EOIR only if that dropped a priority).
   */
  deactivate(intid: number, dropped = true): void {
    const index = this.list.findIndex((lr) => (lr & LR.active) !== 0 && intidOf(lr) === intid);
    if (index >= 0) {
      const lr = this.list[index];
      this.list[index] = lr & ~LR.active;
      if (lr & LR.HW) this.deactivatePhysical(extract(lr, LR.PhysicalID));
    } else if (dropped) this.state.HCR = (this.state.HCR + insert(1, HCR.EOICount)) >>> 0;
  }

  // ---- the maintenance interrupt

  get control(): number {
    return this.state.HCR;
  }
  get maintenance(): boolean {
    return (this.state.HCR & HCR.En) !== 0 && this.maintenanceStatus !== 0;
  }

  /** GICH_MISR: why (section 5.3.5). */
  get maintenanceStatus(): number {
    const { cpuInterface, ended } = this;
    return maintenanceStatus({
      hcr: this.state.HCR,
      used: this.which((lr) => (lr & LR.State) !== 0),
      pending: this.which((lr) => (lr & LR.State) === LR.pending),
      ended,
      group0: cpuInterface.isEnabled(0),
      group1: cpuInterface.isEnabled(1),
    });
  }
  /** GICH_EISR0: list registers whose interrupt has ended, and which ask to tell. */
  get ended(): number {
    return this.which((lr) => (lr & (LR.State | LR.HW | LR.EOI)) === LR.EOI);
  }
  /** GICH_ELRSR0: list registers that are free. */
  get free(): number {
    return this.which((lr) => (lr & LR.State) === 0 && (lr & (LR.HW | LR.EOI)) !== LR.EOI);
  }

  // ---- the guest's settings, as GICH_VMCR has them: the fields of GICV_CTLR are where they are there

  get guestSettings(): number {
    const { CTLR, PMR, BPR, ABPR } = this.cpuInterface.state;
    return CTLR | insert(ABPR, VMCR.VMABP) | insert(BPR, VMCR.VMBP) | insert(PMR >> 3, VMCR.VMPriMask);
  }
  setGuestSettings(value: number): void {
    const { cpuInterface } = this;
    cpuInterface.store('CTLR', value);
    cpuInterface.store('ABPR', extract(value, VMCR.VMABP));
    cpuInterface.store('BPR', extract(value, VMCR.VMBP));
    cpuInterface.store('PMR', extract(value, VMCR.VMPriMask) << 3);
  }

  protected override changed(): void {
    this.onChange();
  }
  /** The outputs follow when all of the GIC is loaded. */
  protected override loaded(): void {}

  /** Bit i: list register i passes the test. */
  private which(test: (lr: number) => boolean): number {
    let bits = 0;
    for (let i = 0; i < LIST_REGISTERS; i++) if (test(this.list[i])) bits |= 1 << i;
    return bits;
  }
}

const intidOf = (lr: number): number => lr & LR.VirtualID;
const groupOf = (lr: number): Group => (lr & LR.Grp1 ? 1 : 0);
const priorityOf = (lr: number): number => extract(lr, LR.Priority) << 3;
/** An SGI without a physical interrupt names the CPU that it comes from. */
const sourceOf = (lr: number): number => (intidOf(lr) < 16 && !(lr & LR.HW) ? extract(lr, LR.CPUID) : 0);
