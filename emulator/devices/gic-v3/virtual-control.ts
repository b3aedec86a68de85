/**
 * Virtual interface control of a GICv3 (IHI 0069H sections 4.6 and 12.4): the hypervisor puts virtual interrupts into list registers
 * (ICH_LR<n>_EL2), from which the virtual CPU interface serves the guest, and learns by the maintenance interrupt when they need its
 * attention. ICH_HCR_EL2 is kept by the CPU, whose traps look at it; here it is read, and counted in.
 */
import {
  ICC_CTLR_EL1 as CTLR,
  ICH_HCR_EL2 as HCR,
  ICH_LR_EL2_HIGH as LR,
  ICH_VMCR_EL2 as VMCR,
  valueAt,
  valueIn,
} from '../../cpu/registers/bits.ts';
import type { AnyVirtualControl } from '../gic/gic.ts';
import { maintenanceStatus } from '../gic/maintenance.ts';
import { LIST_REGISTERS, NO_INTERRUPT, type Group, type ListedInterrupt, type Obstacle, type PendingInterrupt } from '../gic/pending.ts';
import { RegisterDevice, registersOf } from '../registers.ts';
import { words } from '../state.ts';
import { FIRST_SPECIAL, PRIORITY_BITS, type CpuInterface, type Ended, type EndedSource } from './cpu-interface.ts';

/** ICH_VTR_EL2: priority bits, INTIDs of 24 bits, A3V, no direct injection, TDIR, list registers. */
export const VIRTUAL_TYPE = (((PRIORITY_BITS - 1) << 29) | ((PRIORITY_BITS - 1) << 26) | 0x00b8_0000 | (LIST_REGISTERS - 1)) >>> 0;
/** Bits of the upper half of a list register that it keeps: all but the priority bits that are not there. */
const KEPT = ~valueAt(LR.Priority, 2 ** (8 - PRIORITY_BITS) - 1);
const PENDING = valueAt(LR.State, 1);
const ACTIVE = valueAt(LR.State, 2);
const FIRST_LPI = 8192;

/** Where the CPU keeps ICH_HCR_EL2. */
export interface VirtualControlRegister {
  read(): number;
  write(value: number): void;
}

/** Two words for each list register: the virtual INTID, and all the rest. */
const ich = registersOf()({}, { lists: words(2 * LIST_REGISTERS) });

export class VirtualControl extends RegisterDevice<typeof ich> implements AnyVirtualControl, EndedSource {
  /** The virtual CPU interface, whose state ICH_VMCR_EL2 and ICH_AP<n>R0_EL2 show. Set when both are made. */
  cpuInterface!: CpuInterface;
  private readonly lists: Uint32Array;
  private readonly hcr: VirtualControlRegister;
  private readonly deactivatePhysical: (intid: number) => void;
  private readonly onChange: () => void;

  /** `deactivatePhysical`: the guest has ended a virtual interrupt with HW = 1 and this physical INTID. */
  constructor(hcr: VirtualControlRegister, deactivatePhysical: (intid: number) => void, onChange: () => void) {
    super('ich', ich);
    this.lists = this.state.lists;
    this.hcr = hcr;
    this.deactivatePhysical = deactivatePhysical;
    this.onChange = onChange;
  }

  // ---- source of the virtual CPU interface

  /** Of those in groups that the guest has enabled (`HighestPriorityVirtualInterrupt`). */
  first(): PendingInterrupt {
    let index = -1;
    for (let i = 0; i < LIST_REGISTERS; i++) {
      const upper = this.upper(i);
      if ((upper & LR.State) !== PENDING || !this.cpuInterface.isEnabled(groupOf(upper))) continue;
      if (index < 0 || priorityOf(upper) < priorityOf(this.upper(index))) index = i;
    }
    return index < 0 ? NO_INTERRUPT : this.listed(index);
  }
  /** The interrupt in a list register, as `first` offers one that is pending. */
  private listed(index: number): PendingInterrupt {
    const upper = this.upper(index);
    return { intid: this.intid(index), priority: priorityOf(upper), group: groupOf(upper), source: 0, listRegister: index };
  }
  inUse(): readonly ListedInterrupt[] {
    return Array.from({ length: LIST_REGISTERS }, (_, i) => i)
      .filter((i) => (this.upper(i) & LR.State) !== 0)
      .map((i) => {
        const upper = this.upper(i);
        const [pending, active] = [(upper & PENDING) !== 0, (upper & ACTIVE) !== 0];
        return { ...this.listed(i), listRegister: i, pending, active, physical: upper & LR.HW ? valueIn(upper, LR.pINTID) : undefined };
      });
  }
  pendingIn(intid: number): readonly number[] {
    return Array.from({ length: LIST_REGISTERS }, (_, i) => i).filter((i) => (this.upper(i) & PENDING) !== 0 && this.intid(i) === intid);
  }
  forwards(): boolean {
    return (this.hcr.read() & HCR.En) !== 0;
  }
  barrier(): Obstacle | undefined {
    return this.forwards() ? undefined : { kind: 'off', at: 'virtualInterface', field: 'ICH_HCR_EL2.En' };
  }
  /** One with a special INTID only leaves the list register. */
  acknowledge({ intid, listRegister }: PendingInterrupt): void {
    const state = intid >= FIRST_SPECIAL && intid < 1024 ? 0 : ACTIVE;
    this.setUpper(listRegister!, (this.upper(listRegister!) & ~LR.State) | state);
  }
  has(intid: number): boolean {
    return intid < FIRST_SPECIAL || intid >= 1024;
  }
  /**
   * `VirtualWriteEOIR0` and `1`: an interrupt that is in no list register is counted for the hypervisor, which had to leave it out; one whose
   * group or priority is not that of what was dropped stays active.
   */
  end({ intid, group, priority, isSplit }: Ended, groupPriority: (interrupt: PendingInterrupt) => number): void {
    const index = this.activeIn(intid);
    if (index < 0) {
      if (intid < FIRST_LPI) this.countEnd();
      return;
    }
    const listed = this.listed(index);
    if (listed.group === group && groupPriority(listed) === priority && (!isSplit || intid >= FIRST_LPI)) this.makeInactive(index);
  }
  deactivate(intid: number): void {
    if (intid >= FIRST_SPECIAL) return;
    const index = this.activeIn(intid);
    if (index < 0) this.countEnd();
    else this.makeInactive(index);
  }
  private activeIn(intid: number): number {
    for (let i = 0; i < LIST_REGISTERS; i++) if (this.upper(i) & ACTIVE && this.intid(i) === intid) return i;
    return -1;
  }
  private makeInactive(index: number): void {
    const upper = this.upper(index);
    this.setUpper(index, upper & ~ACTIVE);
    if (upper & LR.HW) this.deactivatePhysical(valueIn(upper, LR.pINTID));
  }
  private countEnd(): void {
    this.hcr.write((this.hcr.read() + valueAt(HCR.EOIcount, 1)) >>> 0);
  }

  // ---- the maintenance interrupt

  get control(): number {
    return this.hcr.read();
  }
  get maintenance(): boolean {
    return this.forwards() && this.maintenanceStatus !== 0;
  }
  /** ICH_MISR_EL2: why. */
  get maintenanceStatus(): number {
    const { cpuInterface, ended } = this;
    return maintenanceStatus({
      hcr: this.hcr.read(),
      used: this.which((upper) => (upper & LR.State) !== 0),
      pending: this.which((upper) => (upper & LR.State) === PENDING),
      ended,
      group0: cpuInterface.isEnabled(0),
      group1: cpuInterface.isEnabled(1),
    });
  }
  /** ICH_EISR_EL2: list registers whose interrupt has ended, and which ask to tell. */
  get ended(): number {
    return this.which((upper) => (upper & (LR.State | LR.HW | LR.EOI)) === LR.EOI);
  }
  /** ICH_ELRSR_EL2: list registers that are free. */
  get free(): number {
    return this.which((upper) => (upper & LR.State) === 0 && (upper & (LR.HW | LR.EOI)) !== LR.EOI);
  }

  // ---- registers

  /** The guest's settings, as ICH_VMCR_EL2 has them. */
  get guestSettings(): number {
    const { cpuInterface } = this;
    const { control } = cpuInterface;
    return (
      (valueAt(VMCR.VPMR, cpuInterface.mask) |
        valueAt(VMCR.VBPR0, cpuInterface.storedBinaryPoint(0)) |
        valueAt(VMCR.VBPR1, cpuInterface.storedBinaryPoint(1)) |
        (control & CTLR.EOImode ? VMCR.VEOIM : 0) |
        (control & CTLR.CBPR ? VMCR.VCBPR : 0) |
        VMCR.VFIQEn |
        (cpuInterface.isEnabled(1) ? VMCR.VENG1 : 0) |
        (cpuInterface.isEnabled(0) ? VMCR.VENG0 : 0)) >>>
      0
    );
  }
  setGuestSettings(value: number): void {
    const { cpuInterface } = this;
    cpuInterface.storeMask(valueIn(value, VMCR.VPMR));
    cpuInterface.storeBinaryPoint(valueIn(value, VMCR.VBPR0), 0);
    cpuInterface.storeBinaryPoint(valueIn(value, VMCR.VBPR1), 1);
    cpuInterface.control = (value & VMCR.VEOIM ? CTLR.EOImode : 0) | (value & VMCR.VCBPR ? CTLR.CBPR : 0);
    cpuInterface.enable((value & VMCR.VENG0) !== 0, 0);
    cpuInterface.enable((value & VMCR.VENG1) !== 0, 1);
  }
  /** A number where it is exact. */
  listRegister(index: number): number | bigint {
    const [lower, upper] = [this.intid(index), this.upper(index)];
    return upper < 2 ** 21 ? upper * 2 ** 32 + lower : (BigInt(upper) << 32n) | BigInt(lower);
  }
  setListRegister(index: number, low: number, high: number): void {
    this.lists[2 * index] = low;
    this.setUpper(index, high & KEPT);
  }

  private intid(index: number): number {
    return this.lists[2 * index];
  }
  private upper(index: number): number {
    return this.lists[2 * index + 1];
  }
  private setUpper(index: number, value: number): void {
    this.lists[2 * index + 1] = value;
  }
  /** Bit i: list register i passes the test. */
  private which(test: (upper: number) => boolean): number {
    let bits = 0;
    for (let i = 0; i < LIST_REGISTERS; i++) if (test(this.upper(i))) bits |= 1 << i;
    return bits;
  }

  protected override changed(): void {
    this.onChange();
  }
  protected override clear(): void {
    super.clear();
    this.hcr.write(0);
  }
  /** What the list registers do not keep is not in a file either. The outputs follow when all of the GIC is loaded. */
  protected override loaded(): void {
    for (let i = 0; i < LIST_REGISTERS; i++) this.setUpper(i, this.upper(i) & KEPT);
  }
}

const groupOf = (upper: number): Group => (upper & LR.Group ? 1 : 0);
const priorityOf = (upper: number): number => valueIn(upper, LR.Priority);
