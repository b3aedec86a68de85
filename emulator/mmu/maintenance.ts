/** The TLB maintenance instructions of ARMv8.0 (Arm ARM D8.14, C5.5). With one CPU the Inner Shareable forms do the same as the others. */
import type { Regime } from './regime.ts';
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

/** What a TLBI instruction names: the entries that agree with all of it. */
export interface Invalidation {
  readonly regime: Regime;
  /** The stage whose translations are meant; null: both. */
  readonly stage: 1 | 2 | null;
  /** Null: of any VMID, or of EL2, which has none. */
  readonly vmid: number | null;
  /** Null: of any ASID. */
  readonly asid: number | null;
  /** Of a VA, or in stage 2 an IPA: bits 43:12 and 63:44. Null: all pages. */
  readonly page: { readonly low: number; readonly high: number } | null;
  readonly isLastLevel: boolean;
  /** Also in the other processors of the Inner Shareable domain. */
  readonly isInnerShareable: boolean;
}

/** What an operation means, and which parts of the operand it reads. */
interface Form {
  readonly regime: Regime;
  readonly stage: Invalidation['stage'];
  readonly ofVmid?: true;
  readonly byAsid?: true;
  readonly by?: 'VA' | 'IPA';
  readonly isLastLevel?: true;
}

const forms: Record<LocalOperation, Form> = {
  VMALLE1: { regime: 'el1', stage: 1, ofVmid: true },
  VMALLS12E1: { regime: 'el1', stage: null, ofVmid: true },
  ALLE1: { regime: 'el1', stage: null },
  ALLE2: { regime: 'el2', stage: 1 },
  ASIDE1: { regime: 'el1', stage: 1, ofVmid: true, byAsid: true },
  VAE1: { regime: 'el1', stage: 1, ofVmid: true, byAsid: true, by: 'VA' },
  VALE1: { regime: 'el1', stage: 1, ofVmid: true, byAsid: true, by: 'VA', isLastLevel: true },
  VAAE1: { regime: 'el1', stage: 1, ofVmid: true, by: 'VA' },
  VAALE1: { regime: 'el1', stage: 1, ofVmid: true, by: 'VA', isLastLevel: true },
  VAE2: { regime: 'el2', stage: 1, by: 'VA' },
  VALE2: { regime: 'el2', stage: 1, by: 'VA', isLastLevel: true },
  IPAS2E1: { regime: 'el1', stage: 2, ofVmid: true, by: 'IPA' },
  IPAS2LE1: { regime: 'el1', stage: 2, ofVmid: true, by: 'IPA', isLastLevel: true },
};

interface SharedForm extends Form {
  readonly isInnerShareable: boolean;
}
const allForms = new Map<string, SharedForm>(
  Object.entries(forms).flatMap(([name, form]) => [
    [`TLBI ${name}`, { ...form, isInnerShareable: false }],
    [`TLBI ${name}IS`, { ...form, isInnerShareable: true }],
  ]),
);

/**
 * What an instruction names by its operand: VA[55:12] in bits 43:0 and the ASID in 63:48, or IPA[47:12] in 35:0. `currentVmid` is
 * VTTBR_EL2.VMID.
 */
export function invalidationOf(operation: TlbiOperation, low: number, high: number, currentVmid: number): Invalidation {
  const { regime, stage, ofVmid, byAsid, by, isLastLevel, isInnerShareable } = allForms.get(operation)!;
  // VA bits 63:56 are copies of bit 55.
  const pageHigh = by === 'IPA' ? high & 0xf : ((high << 20) >> 20) & 0xf_ffff;
  return {
    regime,
    stage,
    vmid: ofVmid ? currentVmid : null,
    asid: byAsid ? high >>> 16 : null,
    page: by ? { low: low >>> 0, high: pageHigh } : null,
    isLastLevel: isLastLevel === true,
    isInnerShareable,
  };
}

/**
 * Drops them. Where no table descriptors are kept, the last-level forms do what the others do; where no stage-1-only translations are kept
 * beside combined ones, VMALLE1 does what VMALLS12E1 does. Stage 2 alone is kept only where stage 1 is off, and there the VA is the IPA.
 */
export function drop(tlb: Tlb, { regime, stage, vmid, asid, page }: Invalidation): void {
  const mask = tagField.el2 | (vmid === null ? 0 : tagField.vmid) | (stage === 2 ? tagField.stage1 | tagField.stage2 : 0);
  const value = (regime === 'el2' ? tagField.el2 : 0) | ((vmid ?? 0) << 16) | (stage === 2 ? tagField.stage2 : 0);
  if (page) tlb.dropPage(mask, value, asid ?? -1, page.low, page.high);
  else if (asid === null) tlb.dropTags(mask, value);
  else tlb.dropTags(mask | tagField.global | tagField.asid, value | asid);
}
