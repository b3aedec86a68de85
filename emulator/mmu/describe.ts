/**
 * How a regime translates at this instant, for whoever describes it: which stages are on and by which bit, whose addresses they are, and from
 * where a walk starts. It is what the walker and the TLB themselves go by (RegimeContext), so HCR_EL2.DC, HCR_EL2.TGE and TCR_EL1.AS count.
 */
import type { OA } from '../base/addresses.ts';
import type { Rule } from '../cpu/events.ts';
import { rule } from '../cpu/rules.ts';
import { rootDecidedBy, rootNotes } from './decided-by.ts';
import { lookupShift, type Regime, type RegimeContext, type RootRefusal, type TableRoot } from './regime.ts';
import type { DecidedBy } from './walk-types.ts';

export interface RegimeDescription {
  readonly regime: Regime;
  readonly stage1: StageDescription;
  /** Null in EL2, which has one stage. */
  readonly stage2: StageDescription | null;
  /** The ASID of translations that are not global; null where there are none: in EL2, and with stage 1 off. */
  readonly asid: AsidDescription | null;
  /** VTTBR_EL2.VMID, which tags the TLB entries of EL1&0 whether stage 2 is on or not; null in EL2. */
  readonly vmid: number | null;
}

export interface StageDescription {
  readonly on: boolean;
  /** The bit that decided: HCR_EL2.DC = 1. */
  readonly rule: Rule;
  /** Of TTBR0 and, in stage 1 of EL1&0, TTBR1; of VTTBR_EL2. Also while the stage is off. */
  readonly roots: readonly RootDescription[];
}

export interface RootDescription {
  readonly register: TableRoot['register'];
  /** Bits of an input address: VA, or IPA in stage 2. */
  readonly inputBits: number;
  /** Bits of an output address. */
  readonly outputBits: number;
  /** Bytes. */
  readonly granule: number;
  /** Level of the first table, its address, and how many entries it has; of no meaning where the sizes are refused. */
  readonly level: number;
  readonly table: OA;
  readonly entries: number;
  readonly refusal: RootRefusal;
  /** What leaves it without a walk; absent where nothing does. */
  readonly refusedBy?: DecidedBy;
  /** What is not used as it is written: reserved encodings, bits that are ignored. */
  readonly notes: readonly string[];
}

export interface AsidDescription {
  readonly value: number;
  readonly bits: 8 | 16;
  /** The register that it is taken from. */
  readonly register: 'TTBR0_EL1' | 'TTBR1_EL1';
  /** TCR_EL1.AS and TCR_EL1.A1. */
  readonly rule: Rule;
}

export function describeRegime(context: RegimeContext): RegimeDescription {
  const { regime, lower, upper, stage2Root } = context;
  const isEl1 = regime === 'el1';
  const roots = [lower, ...(upper ? [upper] : [])].map((root) => describeRoot(context, root));
  return {
    regime,
    stage1: { on: context.stage1, rule: context.stage1Rule, roots },
    stage2: isEl1 ? { on: context.stage2, rule: context.stage2Rule, roots: [describeRoot(context, stage2Root)] } : null,
    asid: isEl1 && context.stage1 ? describeAsid(context) : null,
    vmid: isEl1 ? context.vmid : null,
  };
}

export function describeRoot(context: RegimeContext, root: TableRoot): RootDescription {
  const { register, inputBits, granuleBits, startLevel, refusal } = root;
  const refusedBy = rootDecidedBy(context, root);
  return {
    register,
    inputBits,
    outputBits: root === context.stage2Root ? context.stage2OutputBits : context.outputBits,
    granule: 2 ** granuleBits,
    level: startLevel,
    table: root.base,
    entries: 2 ** (inputBits - lookupShift(startLevel, granuleBits)),
    refusal,
    ...(refusedBy ? { refusedBy } : {}),
    notes: rootNotes(root),
  };
}

function describeAsid({ asid, isWideAsid, isUpperAsid }: RegimeContext): AsidDescription {
  const bits = isWideAsid ? 16 : 8;
  const [AS, A1] = [isWideAsid ? 1 : 0, isUpperAsid ? 1 : 0];
  const register = isUpperAsid ? 'TTBR1_EL1' : 'TTBR0_EL1';
  const text = `The ASID is the low ${bits} bits of ${register}.ASID, because TCR_EL1.AS = ${AS} and TCR_EL1.A1 = ${A1}.`;
  return { value: asid, bits, register, rule: rule(text, `TCR_EL1.AS = ${AS}`, `TCR_EL1.A1 = ${A1}`) };
}
