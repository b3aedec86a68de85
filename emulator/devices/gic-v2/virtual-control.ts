/**
 * Virtual interface control (IHI 0048B section 5.3): the hypervisor puts virtual interrupts into list registers, from which the virtual
 * CPU interface serves the guest, and is told by the maintenance interrupt when they need its attention.
 */
import type { ByteReader, ByteWriter } from '../../base/bytes.ts';
import { truncate, type AccessBytes, type Device } from '../device.ts';
import type { CpuInterface } from './cpu-interface.ts';
import { NO_INTERRUPT, SPURIOUS, type Group, type InterruptSource, type PendingInterrupt } from './pending.ts';
import { virtualControlRegisters } from './virtual-control-registers.ts';

const LIST_REGISTERS = 4;
/** Of the upper bits of a priority the virtual interface has five; GICV_BPR is 2 at least. */
export const VIRTUAL_PRIORITY_BITS = 5;
export const VIRTUAL_MINIMUM_BPR = 2;
/** PRIbits and PREbits, each one less than the number of bits, and ListRegs, too. */
const VTR = ((VIRTUAL_PRIORITY_BITS - 1) << 29) | ((VIRTUAL_PRIORITY_BITS - 1) << 26) | (LIST_REGISTERS - 1);

const HCR = { En: 1, UIE: 1 << 1, LRENPIE: 1 << 2, NPIE: 1 << 3, VGrp0EIE: 1 << 4, VGrp0DIE: 1 << 5, VGrp1EIE: 1 << 6, VGrp1DIE: 1 << 7 };
const HCR_WRITABLE = 0xf800_00ff;
const EOI_COUNT_SHIFT = 27;
const MISR = { EOI: 1, U: 1 << 1, LRENP: 1 << 2, NP: 1 << 3, VGrp0E: 1 << 4, VGrp0D: 1 << 5, VGrp1E: 1 << 6, VGrp1D: 1 << 7 };

const LR = { EOI: 1 << 19, pending: 1 << 28, active: 1 << 29, group1: 1 << 30, HW: 1 << 31 };
const LR_STATE = LR.pending | LR.active;
const LR_WRITABLE = 0xff8f_ffff;

const offsets = { HCR: 0x00, VTR: 0x04, VMCR: 0x08, MISR: 0x10, EISR0: 0x20, ELRSR0: 0x30, APR: 0xf0, LR: 0x100 } as const;

export class VirtualControl implements Device, InterruptSource {
  readonly name = 'gich';
  readonly registers = virtualControlRegisters;
  /** The virtual CPU interface, whose state GICH_VMCR and GICH_APR show. Set when both are made. */
  cpuInterface!: CpuInterface;
  private readonly list = new Uint32Array(LIST_REGISTERS);
  private readonly deactivatePhysical: (intid: number) => void;
  private readonly onChange: () => void;
  private hcr = 0;

  /** `deactivatePhysical`: the guest has ended a virtual interrupt with HW = 1 and this physical INTID. */
  constructor(deactivatePhysical: (intid: number) => void, onChange: () => void) {
    this.deactivatePhysical = deactivatePhysical;
    this.onChange = onChange;
  }

  reset(): void {
    this.hcr = 0;
    this.list.fill(0);
    this.onChange();
  }

  // ---- InterruptSource of the virtual CPU interface

  first(): PendingInterrupt {
    const { list } = this;
    let index = -1;
    for (let i = 0; i < LIST_REGISTERS; i++)
      if ((list[i] & LR_STATE) === LR.pending && (index < 0 || priorityOf(list[i]) < priorityOf(list[index]))) index = i;
    if (index < 0) return NO_INTERRUPT;
    const lr = list[index];
    return { intid: intidOf(lr), priority: priorityOf(lr), group: groupOf(lr), source: sourceOf(lr), listRegister: index };
  }
  forwards(): boolean {
    return (this.hcr & HCR.En) !== 0;
  }
  acknowledge(interrupt: PendingInterrupt): void {
    const { intid, source } = interrupt;
    const index = this.list.findIndex(
      (lr) => (lr & LR_STATE) === LR.pending && intidOf(lr) === intid && priorityOf(lr) === interrupt.priority && sourceOf(lr) === source,
    );
    this.list[index] = (this.list[index] & ~LR_STATE) | LR.active;
  }
  /** The virtual interface drops priorities without regard to groups. */
  groupOf(intid: number): Group | undefined {
    if (intid > SPURIOUS - 4) return undefined;
    const lr = this.list.find((candidate) => intidOf(candidate) === intid && (candidate & LR_STATE) !== 0);
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
      if (lr & LR.HW) this.deactivatePhysical((lr >>> 10) & 0x3ff);
    } else if (dropped) this.hcr = (this.hcr + (1 << EOI_COUNT_SHIFT)) >>> 0;
  }

  // ---- the maintenance interrupt

  get maintenance(): boolean {
    return (this.hcr & HCR.En) !== 0 && this.misr !== 0;
  }

  /** GICH_MISR: why (section 5.3.5). */
  private get misr(): number {
    const { hcr, cpuInterface } = this;
    const used = this.which((lr) => (lr & LR_STATE) !== 0);
    const [group0, group1] = [cpuInterface.isEnabled(0), cpuInterface.isEnabled(1)];
    let misr = this.eisr !== 0 ? MISR.EOI : 0;
    if (hcr & HCR.UIE && (used & (used - 1)) === 0) misr |= MISR.U;
    if (hcr & HCR.LRENPIE && hcr >>> EOI_COUNT_SHIFT !== 0) misr |= MISR.LRENP;
    if (hcr & HCR.NPIE && this.which((lr) => (lr & LR_STATE) === LR.pending) === 0) misr |= MISR.NP;
    if (hcr & HCR.VGrp0EIE && group0) misr |= MISR.VGrp0E;
    if (hcr & HCR.VGrp0DIE && !group0) misr |= MISR.VGrp0D;
    if (hcr & HCR.VGrp1EIE && group1) misr |= MISR.VGrp1E;
    if (hcr & HCR.VGrp1DIE && !group1) misr |= MISR.VGrp1D;
    return misr;
  }
  /** GICH_EISR0: list registers whose interrupt has ended, and which ask to tell. */
  private get eisr(): number {
    return this.which((lr) => (lr & (LR_STATE | LR.HW | LR.EOI)) === LR.EOI);
  }
  /** GICH_ELRSR0: list registers that are free. */
  private get elrsr(): number {
    return this.which((lr) => (lr & LR_STATE) === 0 && (lr & (LR.HW | LR.EOI)) !== LR.EOI);
  }

  // ---- registers

  read(offset: number, bytes: AccessBytes): number {
    return this.peek(offset, bytes);
  }
  peek(offset: number, bytes: AccessBytes): number {
    return offset & 3 ? 0 : truncate(this.value(offset), bytes);
  }

  private value(offset: number): number {
    switch (offset) {
      case offsets.HCR:
        return this.hcr;
      case offsets.VTR:
        return VTR;
      case offsets.VMCR: {
        const { control, mask, binaryPoint, aliasedBinaryPoint } = this.cpuInterface;
        return control | (aliasedBinaryPoint << 18) | (binaryPoint << 21) | ((mask >> 3) << 27);
      }
      case offsets.MISR:
        return this.misr;
      case offsets.EISR0:
        return this.eisr;
      case offsets.ELRSR0:
        return this.elrsr;
      case offsets.APR:
        return this.cpuInterface.activePriorities.get(0, 0);
      default:
        return this.list[(offset - offsets.LR) >> 2] ?? 0;
    }
  }

  write(offset: number, _bytes: AccessBytes, value: number): void {
    if (offset === offsets.HCR) this.hcr = (value & HCR_WRITABLE) >>> 0;
    else if (offset === offsets.APR) this.cpuInterface.activePriorities.set(0, 0, value);
    else if (offset === offsets.VMCR) {
      this.cpuInterface.control = value & 0x3ff;
      this.cpuInterface.aliasedBinaryPoint = value >>> 18;
      this.cpuInterface.binaryPoint = value >>> 21;
      this.cpuInterface.mask = (value >>> 27) << 3;
    } else if (!(offset & 3) && offset >= offsets.LR && offset < offsets.LR + 4 * LIST_REGISTERS)
      this.list[(offset - offsets.LR) >> 2] = value & LR_WRITABLE;
    this.onChange();
  }

  save(writer: ByteWriter): void {
    writer.u32(this.hcr);
    for (const lr of this.list) writer.u32(lr);
  }
  /** The outputs follow with the next `onChange`. */
  load(reader: ByteReader): void {
    this.hcr = (reader.u32() & HCR_WRITABLE) >>> 0;
    for (let i = 0; i < LIST_REGISTERS; i++) this.list[i] = reader.u32() & LR_WRITABLE;
  }

  /** Bit i: list register i passes the test. */
  private which(test: (lr: number) => boolean): number {
    let bits = 0;
    for (let i = 0; i < LIST_REGISTERS; i++) if (test(this.list[i])) bits |= 1 << i;
    return bits;
  }
}

const intidOf = (lr: number): number => lr & 0x3ff;
const groupOf = (lr: number): Group => (lr & LR.group1 ? 1 : 0);
/** Bits 27..23 are the upper five of the priority. */
const priorityOf = (lr: number): number => ((lr >>> 23) & 0x1f) << 3;
/** Bits 12..10 of an SGI without a physical interrupt name the CPU that it comes from. */
const sourceOf = (lr: number): number => (intidOf(lr) < 16 && !(lr & LR.HW) ? (lr >>> 10) & 7 : 0);
