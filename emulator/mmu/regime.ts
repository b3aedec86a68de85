/**
 * The translation regimes and what controls them, read from the system registers (Arm ARM D8.1 "Address translation", D8.2 "Translation
 * process"): EL1&0, with stage 1 and optionally stage 2, and EL2. A context is filled once after a register was written and then only
 * read, so that a walk does not decode registers.
 */
import { OA } from '../base/addresses.ts';
import type { Rule } from '../cpu/events.ts';
import { systemOffset } from '../cpu/layout.ts';
import {
  BADDR,
  HCR_EL2,
  HCR_EL2_HIGH,
  SCTLR_EL1,
  SCTLR_EL2,
  TCR_EL1,
  TCR_EL1_HIGH,
  TCR_EL2,
  TSZ,
  TTBR_EL1_HIGH,
  valueIn,
  VTCR_EL2,
  VTTBR_EL2_HIGH,
} from '../cpu/registers/bits.ts';
import { rule } from '../cpu/rules.ts';
import type { CpuState } from '../cpu/state.ts';

export type Regime = 'el1' | 'el2';

/** Implemented physical address size of the Cortex-A53: ID_AA64MMFR0_EL1.PARange = 0b0010. */
export const PA_BITS = 40;

/** Why a table root cannot be used at all. */
export type RootRefusal =
  | 'none'
  /** TCR_EL1.EPDn: no walks from this TTBR. */
  | 'walksDisabled'
  /** TnSZ below, above what is allowed. */
  | 'sizeBelow'
  | 'sizeAbove'
  /** VTCR_EL2.SL0: no walk starts at that level. */
  | 'startLevel'
  /** VTCR_EL2.T0SZ would have the first table hold one entry, or more than 16 tables. */
  | 'firstTable'
  /** The base address lies beyond the output size. */
  | 'base';

const BADDR_LOW = Number(BADDR & 0xffff_ffffn);
const BADDR_HIGH = Number(BADDR >> 32n);

/** Where a walk starts: one TTBR with its part of TCR_ELx, or VTTBR_EL2 with VTCR_EL2. */
export class TableRoot {
  refusal: RootRefusal = 'none';
  /** Fields as they are written: TnSZ, TGn, VTCR_EL2.SL0. */
  sizeField = 0;
  granuleField = 0;
  startField = 0;
  /** Size of the input address in bits, 64 - TnSZ; also where `refusal` says that it is out of range. */
  inputBits = 32;
  /** 12 for the 4 KiB granule, 16 for 64 KiB. */
  granuleBits = 12;
  startLevel = 1;
  /** Address of the first table, aligned to its size; 0 where the sizes are refused. */
  base = OA(0);
  /** The same as the register has it, with the bits below that size. */
  writtenBase = OA(0);
  /** TBI: address bits 63:56 are ignored. */
  topByteIgnored = false;

  constructor(
    /** Name of the base register. */
    readonly register: 'TTBR0_EL1' | 'TTBR1_EL1' | 'TTBR0_EL2' | 'VTTBR_EL2',
  ) {}

  /** Its sizes are refused: there is no first table. */
  get hasWrongSize(): boolean {
    return this.refusal !== 'none' && this.refusal !== 'walksDisabled' && this.refusal !== 'base';
  }

  /**
   * Takes the base from the two halves of the register. The table at the start level may be smaller than a granule, or (stage 2) up to 16
   * concatenated ones; register bits below its size are taken as zero (Arm ARM D17.2 TTBR0_EL1.BADDR, VTTBR_EL2.BADDR).
   */
  setBase(low: number, high: number, outputBits: number): void {
    if (this.hasWrongSize) {
      this.base = this.writtenBase = OA(0);
      return;
    }
    const address = (high & BADDR_HIGH) * 2 ** 32 + ((low & BADDR_LOW) >>> 0);
    this.writtenBase = OA(address);
    this.base = OA(alignDown(address, this.inputBits - lookupShift(this.startLevel, this.granuleBits) + 3));
    if (this.refusal === 'none' && this.base >= powersOfTwo[outputBits]) this.refusal = 'base';
  }
}

/** What turns a stage on or off, by the bit that decides. */
const stageRules = {
  m1: [
    rule('Stage 1 of EL1&0 is off, because SCTLR_EL1.M = 0.', 'SCTLR_EL1.M = 0'),
    rule('Stage 1 of EL1&0 is on, because SCTLR_EL1.M = 1.', 'SCTLR_EL1.M = 1'),
  ],
  m2: [
    rule('Stage 1 of EL2 is off, because SCTLR_EL2.M = 0.', 'SCTLR_EL2.M = 0'),
    rule('Stage 1 of EL2 is on, because SCTLR_EL2.M = 1.', 'SCTLR_EL2.M = 1'),
  ],
  dc1: rule('Stage 1 of EL1&0 is off, because HCR_EL2.DC = 1 makes SCTLR_EL1.M act as 0.', 'HCR_EL2.DC = 1'),
  tge1: rule('Stage 1 of EL1&0 is off, because HCR_EL2.TGE = 1 makes SCTLR_EL1.M act as 0.', 'HCR_EL2.TGE = 1'),
  vm: [rule('Stage 2 is off, because HCR_EL2.VM = 0.', 'HCR_EL2.VM = 0'), rule('Stage 2 is on, because HCR_EL2.VM = 1.', 'HCR_EL2.VM = 1')],
  dc2: rule('Stage 2 is on, because HCR_EL2.DC = 1 makes HCR_EL2.VM act as 1.', 'HCR_EL2.DC = 1'),
  none: rule('The EL2 regime has no stage 2.'),
} as const;

/** Powers of two up to 2^63: `**` and `%` on numbers above 2^32 are too slow for a walk. */
export const powersOfTwo: readonly number[] = Array.from({ length: 64 }, (_, n) => 2 ** n);

/** The address rounded down to a multiple of 2^`bits`. */
export const alignDown = (address: number, bits: number): number => Math.floor(address / powersOfTwo[bits]) * powersOfTwo[bits];

/** Lowest input address bit that the lookup at `level` resolves: 12, 21, 30, 39 with the 4 KiB granule; 16, 29, 42 with 64 KiB. */
export const lookupShift = (level: number, granuleBits: number): number => granuleBits + (3 - level) * (granuleBits - 3);

/** Level at which a stage-1 walk starts (AArch64.TranslationTableWalk: the number of levels needed to resolve the input size). */
const startLevelFor = (inputBits: number, granuleBits: number): number => 4 - Math.ceil((inputBits - granuleBits) / (granuleBits - 3));

/** Output sizes in bits that TCR_EL1.IPS, TCR_EL2.PS and VTCR_EL2.PS ask for. What is given is at most what is implemented. */
export const OUTPUT_SIZES = [32, 36, 40, 42, 44, 48, 48, 48] as const;
const outputSize = (encoding: number): number => Math.min(OUTPUT_SIZES[encoding], PA_BITS);

/** Places of the registers among the 32-bit words of the CPU's block: contexts are filled at every write to one of them. */
const word = (name: Parameters<typeof systemOffset>[0]): number => systemOffset(name) >> 2;
const at = {
  HCR_EL2: word('HCR_EL2'),
  MAIR_EL1: word('MAIR_EL1'),
  MAIR_EL2: word('MAIR_EL2'),
  SCTLR_EL1: word('SCTLR_EL1'),
  SCTLR_EL2: word('SCTLR_EL2'),
  TCR_EL1: word('TCR_EL1'),
  TCR_EL2: word('TCR_EL2'),
  TTBR0_EL1: word('TTBR0_EL1'),
  TTBR0_EL2: word('TTBR0_EL2'),
  TTBR1_EL1: word('TTBR1_EL1'),
  VTCR_EL2: word('VTCR_EL2'),
  VTTBR_EL2: word('VTTBR_EL2'),
};

/**
 * TnSZ outside 16..39 is CONSTRAINED UNPREDICTABLE: here every address gives a level-0 Translation fault, as on the reference machine.
 * The 16 KiB granule is not implemented: its encodings and the reserved one act as 4 KiB.
 */
export const { least: MIN_TSZ, most: MAX_TSZ } = TSZ;

/** Stage 2 of EL1&0 translates: HCR_EL2.VM, or HCR_EL2.DC, which makes VM act as 1 (Arm ARM D17.2.48). `hcr`: the low half. */
export const stage2Enabled = (hcr: number): boolean => (hcr & (HCR_EL2.VM | HCR_EL2.DC)) !== 0;

/** The encodings of the 64 KiB granule in TCR_ELx.TG0, VTCR_EL2.TG0 and in TCR_EL1.TG1. */
const TG0_64K = 1;
const TG1_64K = 3;

export class RegimeContext {
  /** Stage 1 translates (SCTLR_ELx.M). When not, addresses pass through unchanged. */
  stage1 = false;
  /** Stage 2 translates (HCR_EL2.VM, or HCR_EL2.DC which implies it). */
  stage2 = false;
  /** Why they do or do not. */
  stage1Rule: Rule = stageRules.m1[0];
  stage2Rule: Rule = stageRules.none;
  /** HCR_EL2.DC: with stage 1 off, memory is Normal Write-Back instead of Device. */
  defaultCacheable = false;
  /** TTBR0: lower half, or the only range. TTBR1: upper half; EL2 has none. */
  readonly lower: TableRoot;
  readonly upper: TableRoot | undefined;
  readonly stage2Root = new TableRoot('VTTBR_EL2');
  /** Output sizes in bits of stage 1 and stage 2. */
  outputBits = 32;
  stage2OutputBits = 32;
  /** What they come from: TCR_EL1.IPS or TCR_EL2.PS, VTCR_EL2.PS. */
  outputField = 0;
  stage2OutputField = 0;
  /** SCTLR_ELx.EE of the level that controls the stage: descriptors are big-endian. */
  bigEndian = false;
  stage2BigEndian = false;
  /** SCTLR_ELx.WXN: writable memory is never executable. */
  writeImpliesNever = false;
  /** SCTLR_ELx.A: data accesses must be aligned to their size. */
  alignmentChecked = false;
  /** SCTLR_ELx.C and I: without them Normal memory is treated as Non-cacheable by data accesses, instruction fetches. */
  dataCacheable = false;
  instructionCacheable = false;
  mairLow = 0;
  mairHigh = 0;
  /** HCR_EL2.PTW: a stage-1 walk may not touch what stage 2 says is Device memory. */
  protectedWalks = false;
  /** HCR_EL2.CD, HCR_EL2.ID: stage 2 makes data, instruction accesses Non-cacheable. */
  stage2DataUncached = false;
  stage2InstructionUncached = false;
  asid = 0;
  /** TCR_EL1.AS: ASIDs are of 16 bits, else of 8. TCR_EL1.A1: the current one is TTBR1_EL1's. */
  isWideAsid = false;
  isUpperAsid = false;
  vmid = 0;

  constructor(readonly regime: Regime) {
    this.lower = new TableRoot(regime === 'el1' ? 'TTBR0_EL1' : 'TTBR0_EL2');
    this.upper = regime === 'el1' ? new TableRoot('TTBR1_EL1') : undefined;
  }

  /** The root that translates a VA, by its upper half: bit 55 chooses, which is bit 63 unless the top byte is ignored (AddrTop). */
  rootFor(vaHigh: number): TableRoot {
    return this.upper !== undefined && (vaHigh & 0x80_0000) !== 0 ? this.upper : this.lower;
  }

  refresh(cpu: CpuState): void {
    if (this.regime === 'el1') this.refreshEl1(cpu);
    else this.refreshEl2(cpu);
  }

  private refreshEl1(cpu: CpuState): void {
    const hcr = cpu.u32[at.HCR_EL2];
    const hcrHigh = cpu.u32[at.HCR_EL2 + 1];
    const sctlr = cpu.u32[at.SCTLR_EL1];
    this.defaultCacheable = (hcr & HCR_EL2.DC) !== 0;
    // HCR_EL2.DC and HCR_EL2.TGE make SCTLR_EL1.M act as 0; DC makes VM act as 1 (Arm ARM D17.2.48).
    this.stage1 = (sctlr & SCTLR_EL1.M) !== 0 && (hcr & (HCR_EL2.DC | HCR_EL2.TGE)) === 0;
    this.stage2 = stage2Enabled(hcr);
    this.stage1Rule =
      (hcr & HCR_EL2.DC) !== 0 ? stageRules.dc1 : (hcr & HCR_EL2.TGE) !== 0 ? stageRules.tge1 : stageRules.m1[this.stage1 ? 1 : 0];
    this.stage2Rule = this.stage2 && (hcr & HCR_EL2.VM) === 0 ? stageRules.dc2 : stageRules.vm[valueIn(hcr, HCR_EL2.VM)];
    this.readSctlr(sctlr);
    this.protectedWalks = (hcr & HCR_EL2.PTW) !== 0;
    this.stage2DataUncached = (hcrHigh & HCR_EL2_HIGH.CD) !== 0;
    this.stage2InstructionUncached = (hcrHigh & HCR_EL2_HIGH.ID) !== 0;
    this.mairLow = cpu.u32[at.MAIR_EL1]!;
    this.mairHigh = cpu.u32[at.MAIR_EL1 + 1]!;
    this.vmid = valueIn(cpu.u32[at.VTTBR_EL2 + 1], VTTBR_EL2_HIGH.VMID);

    const tcr = cpu.u32[at.TCR_EL1];
    const tcrHigh = cpu.u32[at.TCR_EL1 + 1];
    this.outputField = tcrHigh & TCR_EL1_HIGH.IPS;
    this.outputBits = outputSize(this.outputField);
    this.isUpperAsid = (tcr & TCR_EL1.A1) !== 0;
    this.isWideAsid = (tcrHigh & TCR_EL1_HIGH.AS) !== 0;
    const asidOwner = this.isUpperAsid ? cpu.u32[at.TTBR1_EL1 + 1] : cpu.u32[at.TTBR0_EL1 + 1];
    this.asid = valueIn(asidOwner, TTBR_EL1_HIGH.ASID) & (this.isWideAsid ? 0xffff : 0xff);
    const tg0 = valueIn(tcr, TCR_EL1.TG0);
    const tg1 = valueIn(tcr, TCR_EL1.TG1);
    readStage1Root(this.lower, tcr & TCR_EL1.T0SZ, tg0, TG0_64K, (tcr & TCR_EL1.EPD0) !== 0, (tcrHigh & TCR_EL1_HIGH.TBI0) !== 0);
    readStage1Root(this.upper!, valueIn(tcr, TCR_EL1.T1SZ), tg1, TG1_64K, (tcr & TCR_EL1.EPD1) !== 0, (tcrHigh & TCR_EL1_HIGH.TBI1) !== 0);
    this.lower.setBase(cpu.u32[at.TTBR0_EL1], cpu.u32[at.TTBR0_EL1 + 1], this.outputBits);
    this.upper!.setBase(cpu.u32[at.TTBR1_EL1], cpu.u32[at.TTBR1_EL1 + 1], this.outputBits);
    this.refreshStage2(cpu);
  }

  private refreshEl2(cpu: CpuState): void {
    const tcr = cpu.u32[at.TCR_EL2];
    const sctlr = cpu.u32[at.SCTLR_EL2];
    this.stage1 = (sctlr & SCTLR_EL2.M) !== 0;
    this.stage1Rule = stageRules.m2[valueIn(sctlr, SCTLR_EL2.M)];
    this.readSctlr(sctlr);
    this.mairLow = cpu.u32[at.MAIR_EL2]!;
    this.mairHigh = cpu.u32[at.MAIR_EL2 + 1]!;
    this.outputField = valueIn(tcr, TCR_EL2.PS);
    this.outputBits = outputSize(this.outputField);
    readStage1Root(this.lower, tcr & TCR_EL2.T0SZ, valueIn(tcr, TCR_EL2.TG0), TG0_64K, false, (tcr & TCR_EL2.TBI) !== 0);
    this.lower.setBase(cpu.u32[at.TTBR0_EL2], cpu.u32[at.TTBR0_EL2 + 1], this.outputBits);
  }

  /** What SCTLR_EL1 and SCTLR_EL2 have in the same place. */
  private readSctlr(sctlr: number): void {
    this.alignmentChecked = (sctlr & SCTLR_EL2.A) !== 0;
    this.dataCacheable = (sctlr & SCTLR_EL2.C) !== 0;
    this.instructionCacheable = (sctlr & SCTLR_EL2.I) !== 0;
    this.writeImpliesNever = (sctlr & SCTLR_EL2.WXN) !== 0;
    this.bigEndian = (sctlr & SCTLR_EL2.EE) !== 0;
  }

  private refreshStage2(cpu: CpuState): void {
    const vtcr = cpu.u32[at.VTCR_EL2];
    const root = this.stage2Root;
    root.granuleField = valueIn(vtcr, VTCR_EL2.TG0);
    root.granuleBits = root.granuleField === TG0_64K ? 16 : 12;
    root.sizeField = vtcr & VTCR_EL2.T0SZ;
    root.inputBits = 64 - root.sizeField;
    root.startField = valueIn(vtcr, VTCR_EL2.SL0);
    root.startLevel = (root.granuleBits === 12 ? 2 : 3) - root.startField;
    root.refusal = stage2Sizes(root);
    this.stage2OutputField = valueIn(vtcr, VTCR_EL2.PS);
    this.stage2OutputBits = outputSize(this.stage2OutputField);
    this.stage2BigEndian = (cpu.u32[at.SCTLR_EL2] & SCTLR_EL2.EE) !== 0;
    root.setBase(cpu.u32[at.VTTBR_EL2], cpu.u32[at.VTTBR_EL2 + 1], this.stage2OutputBits);
  }
}

/** `code64k`: the encoding of the 64 KiB granule. */
function readStage1Root(root: TableRoot, tsz: number, tg: number, code64k: number, walksDisabled: boolean, topByteIgnored: boolean): void {
  const size = tsz < MIN_TSZ ? 'sizeBelow' : tsz > MAX_TSZ ? 'sizeAbove' : 'none';
  root.sizeField = tsz;
  root.granuleField = tg;
  root.granuleBits = tg === code64k ? 16 : 12;
  root.inputBits = 64 - tsz;
  root.startLevel = startLevelFor(root.inputBits, root.granuleBits);
  root.topByteIgnored = topByteIgnored;
  root.refusal = size === 'none' && walksDisabled ? 'walksDisabled' : size;
}

/**
 * Whether VTCR_EL2.T0SZ and SL0 fit together (AArch64.TranslationTableWalk, the checks for stage 2): with 40 bits of physical address level
 * 0 (4 KiB granule) and level 1 (64 KiB) cannot start a walk, an input size above 40 bits is CONSTRAINED UNPREDICTABLE and refused, and the
 * first table holds from 2 entries up to 16 concatenated tables.
 */
function stage2Sizes({ granuleBits, sizeField, inputBits, startLevel }: TableRoot): RootRefusal {
  if (sizeField < TSZ.leastOfStage2) return 'sizeBelow';
  if (sizeField > MAX_TSZ) return 'sizeAbove';
  if (startLevel < (granuleBits === 12 ? 1 : 2)) return 'startLevel';
  const { fewest, most } = stage2InputBits(startLevel, granuleBits);
  return inputBits >= fewest && inputBits <= most ? 'none' : 'firstTable';
}

/** IPA sizes that fit a start level: the first table holds from 2 entries up to those of 16 concatenated tables. */
export function stage2InputBits(startLevel: number, granuleBits: number): { readonly fewest: number; readonly most: number } {
  const shift = lookupShift(startLevel, granuleBits);
  return { fewest: shift + 1, most: Math.min(shift + granuleBits - 3 + 4, PA_BITS) };
}
