/**
 * The hypervisor's side of virtual interrupts (Arm IHI 0048B, section 5.3): list registers that say which interrupts the virtual machine
 * has pending and active, and the maintenance interrupt that asks the hypervisor for more.
 */
import type { ByteReader, ByteWriter } from '../../base/bytes.ts';
import type { CpuInterface, InterruptSource } from './cpu-interface.ts';
import { INTIDS, SGIS, SPURIOUS, type Interrupts } from './interrupts.ts';

export const LIST_REGISTERS = 4;
/** GICH_VTR: 4 list registers, 5 bits of priority and of preemption. */
const VTR = 0x9000_0003;
const LR_MASK = 0xff8f_ffff;
const HCR_MASK = 0xf800_00ff;
const EOI_COUNT = 1 << 27;

const hcr = { En: 1, UIE: 2, LRENPIE: 4, NPIE: 8, VGrp0EIE: 16, VGrp0DIE: 32, VGrp1EIE: 64, VGrp1DIE: 128 } as const;
const misr = { EOI: 1, U: 2, LRENP: 4, NP: 8, VGrp0E: 16, VGrp0D: 32, VGrp1E: 64, VGrp1D: 128 } as const;

/** Fields of a list register (section 5.3.8). */
const PENDING = 1 << 28;
const ACTIVE = 1 << 29;
const STATE = PENDING | ACTIVE;
const HW = 1 << 31;
const EOI = 1 << 19;
const virtualId = (lr: number): number => lr & 0x3ff;
const physicalId = (lr: number): number => (lr >>> 10) & 0x3ff;
const askingCpu = (lr: number): number => (lr >>> 10) & 7;
const lrPriority = (lr: number): number => ((lr >>> 23) & 0x1f) << 3;
const lrGroup = (lr: number): number => (lr >>> 30) & 1;
const isFree = (lr: number): boolean => (lr & STATE) === 0;
const isEndedWithEoi = (lr: number): boolean => isFree(lr) && !(lr & HW) && (lr & EOI) !== 0;

export class ListRegisters implements InterruptSource {
  control = 0;
  readonly registers = new Uint32Array(LIST_REGISTERS);
  /** GICV: set once it exists, since it takes its interrupts from here. */
  interface!: CpuInterface;
  private readonly physical: Interrupts;

  constructor(physical: Interrupts) {
    this.physical = physical;
  }

  reset(): void {
    this.control = 0;
    this.registers.fill(0);
  }

  // ---- as the source of the virtual CPU interface

  best(): number {
    if (!(this.control & hcr.En)) return SPURIOUS;
    let best: number | undefined;
    for (const lr of this.registers) if ((lr & STATE) === PENDING && (best === undefined || lrPriority(lr) < lrPriority(best))) best = lr;
    return best === undefined ? SPURIOUS : virtualId(best);
  }
  priority(intid: number): number {
    return lrPriority(this.registers[this.find(intid)] ?? 0);
  }
  group(intid: number): number {
    return lrGroup(this.registers[this.find(intid)] ?? 0);
  }
  acknowledge(intid: number): number {
    const index = this.find(intid);
    const lr = this.registers[index];
    this.registers[index] = (lr & ~PENDING) | ACTIVE;
    return intid < SGIS && !(lr & HW) ? intid | (askingCpu(lr) << 10) : intid;
  }
  canEnd(intid: number): boolean {
    const index = this.find(intid);
    if (index >= 0 && this.registers[index] & ACTIVE) return true;
    this.control = (this.control + EOI_COUNT) >>> 0;
    return false;
  }
  deactivate(intid: number): void {
    const index = this.find(intid);
    const lr = this.registers[index];
    this.registers[index] = lr & ~ACTIVE;
    if (!(lr & HW)) return;
    // The interrupt came from a device: its physical counterpart ends with it.
    const id = physicalId(lr);
    if (id >= SGIS && id < INTIDS) this.physical.active[id] = 0;
  }

  /** Index of the list register that holds an INTID; -1 where none does. */
  private find(intid: number): number {
    return this.registers.findIndex((lr) => virtualId(lr) === intid && !isFree(lr));
  }

  // ---- GICH

  /** Level of the maintenance interrupt. */
  get maintenance(): boolean {
    return (this.control & hcr.En) !== 0 && this.maintenanceStatus !== 0;
  }

  private get maintenanceStatus(): number {
    const { control, registers } = this;
    const virtual = this.interface.control;
    const used = registers.filter((lr) => !isFree(lr)).length;
    const isOn = (condition: boolean, enable: number, bit: number): number => (condition && (enable === 0 || control & enable) ? bit : 0);
    return (
      isOn(registers.some(isEndedWithEoi), 0, misr.EOI) |
      isOn(used < 2, hcr.UIE, misr.U) |
      isOn(control >>> 27 !== 0, hcr.LRENPIE, misr.LRENP) |
      isOn(!registers.some((lr) => (lr & STATE) === PENDING), hcr.NPIE, misr.NP) |
      isOn((virtual & 1) !== 0, hcr.VGrp0EIE, misr.VGrp0E) |
      isOn((virtual & 1) === 0, hcr.VGrp0DIE, misr.VGrp0D) |
      isOn((virtual & 2) !== 0, hcr.VGrp1EIE, misr.VGrp1E) |
      isOn((virtual & 2) === 0, hcr.VGrp1DIE, misr.VGrp1D)
    );
  }

  private maskOf(predicate: (lr: number) => boolean): number {
    return this.registers.reduce((mask, lr, i) => (predicate(lr) ? mask | (1 << i) : mask), 0);
  }

  read(offset: number): number {
    const virtual = this.interface;
    switch (offset) {
      case 0x00:
        return this.control;
      case 0x04:
        return VTR;
      case 0x08:
        return (
          (virtual.control | (virtual.aliasedBinaryPoint << 18) | (virtual.binaryPoint << 21) | ((virtual.priorityMask >> 3) << 27)) >>> 0
        );
      case 0x10:
        return this.maintenanceStatus;
      case 0x20:
        return this.maskOf(isEndedWithEoi);
      case 0x30:
        return this.maskOf((lr) => isFree(lr) && !isEndedWithEoi(lr));
      case 0xf0:
        return virtual.active[0];
      default:
        return offset >= 0x100 ? (this.registers[(offset - 0x100) >> 2] ?? 0) : 0;
    }
  }

  write(offset: number, value: number): void {
    const virtual = this.interface;
    switch (offset) {
      case 0x00:
        this.control = (value & HCR_MASK) >>> 0;
        break;
      case 0x08:
        virtual.setControl(value & 0x3ff);
        virtual.setAliasedBinaryPoint(value >>> 18);
        virtual.setBinaryPoint(value >>> 21);
        virtual.setPriorityMask((value >>> 27) << 3);
        break;
      case 0xf0:
        virtual.setActive(virtual.active, 0, value);
        break;
      default: {
        const index = (offset - 0x100) >> 2;
        if (index >= 0 && index < LIST_REGISTERS) this.registers[index] = value & LR_MASK;
      }
    }
  }

  save(writer: ByteWriter): void {
    writer.u32(this.control);
    for (const lr of this.registers) writer.u32(lr);
  }
  load(reader: ByteReader): void {
    this.control = reader.u32();
    for (let i = 0; i < LIST_REGISTERS; i++) this.registers[i] = reader.u32();
  }
}
