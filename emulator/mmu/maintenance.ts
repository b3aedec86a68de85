/** The TLB maintenance instructions of ARMv8.0 (Arm ARM D8.14, C5.5). With one CPU the Inner Shareable forms do the same as the others. */
import { tagField, type Tlb } from './tlb.ts';

type LocalOperation =
  | 'VMALLE1'
  | 'VMALLS12E1'
  | 'ALLE1'
  | 'ALLE2'
  | 'ASIDE1'
  | 'VAE1'
  | 'VALE1'
  | 'VAAE1'
  | 'VAALE1'
  | 'VAE2'
  | 'VALE2'
  | 'IPAS2E1'
  | 'IPAS2LE1';

export type TlbiOperation = `TLBI ${LocalOperation}` | `TLBI ${LocalOperation}IS`;

/** Drops what the instruction names; `vmid` is the current one. */
type DropPlan = (tlb: Tlb, low: number, high: number, vmid: number) => void;

const el1Mask = tagField.el2 | tagField.vmid;
const vmidTag = (vmid: number): number => vmid << 16;
/** Bits 63:48 of the operand. */
const asidOf = (high: number): number => high >>> 16;
/** VA bits 63:44, bits 63:56 being copies of bit 55, from bits 43:32 of the operand. */
const pageHighOf = (high: number): number => ((high << 20) >> 20) & 0xf_ffff;

const byAsid: DropPlan = (tlb, _low, high, vmid) => tlb.dropTags(el1Mask | tagField.global | tagField.asid, vmidTag(vmid) | asidOf(high));
const byVa: DropPlan = (tlb, low, high, vmid) => tlb.dropPage(el1Mask, vmidTag(vmid), asidOf(high), low, pageHighOf(high));
const byVaAnyAsid: DropPlan = (tlb, low, high, vmid) => tlb.dropPage(el1Mask, vmidTag(vmid), -1, low, pageHighOf(high));
const byVaEl2: DropPlan = (tlb, low, high) => tlb.dropPage(tagField.el2, tagField.el2, -1, low, pageHighOf(high));
/** Stage 2 alone is kept only where stage 1 is off, and there the VA is the IPA. */
const byIpa: DropPlan = (tlb, low, high, vmid) =>
  tlb.dropPage(el1Mask | tagField.stage1 | tagField.stage2, vmidTag(vmid) | tagField.stage2, -1, low, high & 0xf);
const ofVmid: DropPlan = (tlb, _low, _high, vmid) => tlb.dropTags(el1Mask, vmidTag(vmid));

/**
 * Where no table descriptors are kept, the last-level forms do what the others do; where no stage-1-only translations are kept beside
 * combined ones, VMALLE1 does what VMALLS12E1 does.
 */
const plans: Record<LocalOperation, DropPlan> = {
  VMALLE1: ofVmid,
  VMALLS12E1: ofVmid,
  ALLE1: (tlb) => tlb.dropTags(tagField.el2, 0),
  ALLE2: (tlb) => tlb.dropTags(tagField.el2, tagField.el2),
  ASIDE1: byAsid,
  VAE1: byVa,
  VALE1: byVa,
  VAAE1: byVaAnyAsid,
  VAALE1: byVaAnyAsid,
  VAE2: byVaEl2,
  VALE2: byVaEl2,
  IPAS2E1: byIpa,
  IPAS2LE1: byIpa,
};

const allPlans = new Map<string, DropPlan>(
  Object.entries(plans).flatMap(([name, plan]) => [
    [`TLBI ${name}`, plan],
    [`TLBI ${name}IS`, plan],
  ]),
);

export const dropPlan = (operation: TlbiOperation): DropPlan => allPlans.get(operation)!;
