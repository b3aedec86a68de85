/**
 * The walker: the one place where an address is translated through tables, for accesses, for AT instructions and for display
 * (Arm ARM D8.2; pseudocode AArch64.TranslationTableWalk, FirstStageTranslate, SecondStageTranslate, SecondStageWalk). It works on halves
 * and on addresses below 2^48 as numbers, and allocates nothing; with `trace` set it tells each step as it takes it.
 */
import { IPA, OA, PA } from '../base/addresses.ts';
import type { AccessIntent } from '../cpu/faults.ts';
import { addressField, DescriptorReader, Stage1Leaf, Stage2Leaf } from './descriptor-reader.ts';
import type { FaultReason } from './fault-reason.ts';
import type { PhysicalReader } from './physical.ts';
import { right, stage1Refusal, stage2Refusal, type Refusal } from './permissions.ts';
import { alignDown, lookupShift, PA_BITS, powersOfTwo, type RegimeContext, type TableRoot } from './regime.ts';
import type { WalkTrace } from './trace.ts';

/** Where a fault is not one of stage 2. */
export const NO_IPA = IPA(0);

export class Walker {
  // ---- the result of the last walk that succeeded
  pa = PA(0);
  /** Output of stage 1; the same as `pa` without stage 2. */
  ipa = IPA(0);
  /** Size of the leaf, as a power of two; 48 where the stage was off. */
  stage1LeafBits = 48;
  stage2LeafBits = 48;
  stage1Level = 0;
  stage2Level = 0;
  /** What each stage grants. */
  readonly stage1Leaf = new Stage1Leaf();
  readonly stage2Leaf = new Stage2Leaf();
  /** Data accesses are to Device memory by both stages combined. */
  device = false;

  // ---- the fault of the last walk that failed
  faultReason: FaultReason = 'invalid';
  faultStage: 1 | 2 = 1;
  faultLevel = 0;
  faultOnStage1Walk = false;
  /** The IPA that stage 2 refused. */
  faultIpa = NO_IPA;

  /** Descriptors read by the last walk, of both stages. */
  reads = 0;
  trace: WalkTrace | undefined;

  // Leaf of the last lookup: it is in `descriptor`. For stage 1 the control of all tables above it (permissions.ts).
  private readonly descriptor = new DescriptorReader();
  private leafLevel = 0;
  private leafControl = 0;

  constructor(private readonly memory: PhysicalReader) {}

  /**
   * Translates a VA for an access made as at `el`. False: the fault fields say why. `unaligned`: the access faults on Device memory, as an
   * unaligned one does (or DC ZVA). The order of checks is that of the pseudocode: stage 1 translation, alignment, permission; then stage 2's.
   * With `throughStage2` false, stage 2 still translates the table walk but not the result (AT S1E1R and the like).
   */
  walk(
    context: RegimeContext,
    vaLow: number,
    vaHigh: number,
    intent: AccessIntent,
    el: number,
    unaligned: boolean,
    throughStage2: boolean,
  ): boolean {
    this.reads = 0;
    const { stage1Leaf: first, stage2Leaf: second } = this;
    if (!(context.stage1 ? this.stage1(context, vaLow, vaHigh) : this.stage1Off(context, vaLow, vaHigh))) return false;
    if (unaligned && first.isDevice) return this.fail('device', 1, this.stage1Level);
    const rights = el === 0 ? first.unprivilegedRights : first.privilegedRights;
    if ((rights & right[intent]) === 0)
      return this.failBy(stage1Refusal(first.bits, el, intent, context.writeImpliesNever), 1, this.stage1Level);

    this.pa = PA(this.ipa);
    this.device = first.isDevice;
    this.stage2LeafBits = 48;
    second.off();
    if (!context.stage2 || !throughStage2) return true;
    if (!this.stage2(context, this.ipa, false)) return false;
    this.device ||= second.isDevice;
    if (unaligned && second.isDevice) return this.fail('device', 2, this.stage2Level, false, this.ipa);
    if ((second.rights & right[intent]) === 0)
      return this.failBy(stage2Refusal(second.access, second.never, intent), 2, this.stage2Level, this.ipa);
    return true;
  }

  /** Stage 1 off: the address must fit the physical address size, the top byte apart if TBI says so. */
  private stage1Off(context: RegimeContext, vaLow: number, vaHigh: number): boolean {
    const high = context.rootFor(vaHigh).topByteIgnored ? vaHigh & 0xff_ffff : vaHigh;
    if (high >>> (PA_BITS - 32) !== 0) return this.fail('vaTooLarge', 1, 0);
    this.ipa = IPA(high * 2 ** 32 + vaLow);
    this.stage1LeafBits = 48;
    this.stage1Level = 0;
    this.stage1Leaf.off(context);
    return true;
  }

  private stage1(context: RegimeContext, vaLow: number, vaHigh: number): boolean {
    const root = context.rootFor(vaHigh);
    const upper = root === context.upper;
    const { inputBits, refusal } = root;
    if (refusal === 'sizeBelow' || refusal === 'sizeAbove') return this.fail(refusal, 1, 0);
    // Bits above the input size must all be 0, or all be 1 for TTBR1. Inverting the upper half makes both the same question.
    const high = root.topByteIgnored ? (upper ? vaHigh | 0xff00_0000 : vaHigh & 0xff_ffff) : vaHigh;
    const extraHigh = upper ? ~high : high;
    const extraLow = upper ? ~vaLow : vaLow;
    const outside = inputBits >= 32 ? extraHigh >>> (inputBits - 32) !== 0 : extraHigh !== 0 || extraLow >>> inputBits !== 0;
    if (outside) return this.fail('vaOutOfRange', 1, 0);
    if (refusal !== 'none') return this.fail(refusal, 1, 0);

    const input = (high & 0xffff) * 2 ** 32 + vaLow;
    const { descriptor } = this;
    if (!this.lookup(context, 1, root, input, false)) return false;
    this.stage1Leaf.read(descriptor, this.leafControl, context);
    this.stage1Level = this.leafLevel;
    this.stage1LeafBits = lookupShift(this.leafLevel, root.granuleBits);
    this.ipa = IPA(leafAddress(descriptor, this.stage1LeafBits, input));
    return true;
  }

  /** Stage 2 of the final IPA, or of a stage-1 descriptor's address. Sets `pa`. */
  stage2(context: RegimeContext, ipa: IPA, onStage1Walk: boolean): boolean {
    const { stage2Root: root } = context;
    const { refusal } = root;
    if (refusal === 'none' || refusal === 'base') {
      if (ipa >= powersOfTwo[root.inputBits]) return this.fail('ipaTooLarge', 2, 0, onStage1Walk, ipa);
    }
    if (refusal !== 'none') return this.fail(refusal, 2, 0, onStage1Walk, ipa);
    if (!this.lookup(context, 2, root, ipa, onStage1Walk)) return false;
    const { descriptor, stage2Leaf: leaf, leafLevel } = this;
    leaf.read(descriptor);
    this.stage2Level = leafLevel;
    this.stage2LeafBits = lookupShift(leafLevel, root.granuleBits);
    this.pa = PA(leafAddress(descriptor, this.stage2LeafBits, ipa));
    if (!onStage1Walk) return true;
    // A descriptor fetch needs the right to read, whatever the access; HCR_EL2.PTW refuses Device memory too.
    if ((leaf.rights & right.read) === 0) return this.fail('walkNoRead', 2, leafLevel, true, ipa);
    if (context.protectedWalks && leaf.isDevice) return this.fail('walkProtected', 2, leafLevel, true, ipa);
    return true;
  }

  /**
   * AArch64.TranslationTableWalk for one stage: from the root down to the leaf, which it leaves in `descriptor`. `input`: bits
   * 47:0 of the VA, or the IPA.
   */
  private lookup(context: RegimeContext, stage: 1 | 2, root: TableRoot, input: number, onStage1Walk: boolean): boolean {
    const { memory, trace, descriptor } = this;
    const { granuleBits } = root;
    const outputBits = stage === 1 ? context.outputBits : context.stage2OutputBits;
    const bigEndian = stage === 1 ? context.bigEndian : context.stage2BigEndian;
    const nested = stage === 1 && context.stage2;
    let level = root.startLevel;
    let table = root.base;
    let shift = lookupShift(level, granuleBits);
    let entries = powersOfTwo[root.inputBits - shift];
    let control = 0;
    const refused = stage === 2 ? IPA(input) : NO_IPA;
    for (;;) {
      // The quotient may exceed 32 bits; `&` takes it modulo 2^32, which keeps the bits of the index.
      const index = (input / powersOfTwo[shift]) & (entries - 1);
      const address = OA(table + index * 8);
      trace?.begin(stage, level, root, table, index, entries, address);
      let pa = PA(address);
      if (nested) {
        if (!this.stage2(context, IPA(address), true)) {
          trace?.refused();
          return false;
        }
        pa = this.pa;
      }
      this.reads++;
      if (!descriptor.fetch(memory, pa, bigEndian)) {
        trace?.refused(pa);
        return this.fail('noMemory', stage, level, onStage1Walk, refused);
      }
      descriptor.decode(level, shift, granuleBits, outputBits);
      trace?.decoded(pa, descriptor, control);

      const { kind } = descriptor;
      if (kind === 'invalid' || kind === 'reserved') return this.fail(kind, stage, level, onStage1Walk, refused);
      if (descriptor.isBeyond) return this.fail('beyond', stage, level, onStage1Walk, refused);
      if (kind !== 'table') {
        if (!descriptor.isAccessed) return this.fail('accessFlag', stage, level, onStage1Walk, refused);
        this.leafLevel = level;
        if (stage === 1) this.leafControl = control;
        return true;
      }
      control |= descriptor.control;
      table = descriptor.next;
      entries = powersOfTwo[granuleBits - 3]!;
      level++;
      shift -= granuleBits - 3;
    }
  }

  private fail(reason: FaultReason, stage: 1 | 2, level: number, onStage1Walk = false, ipa = NO_IPA): false {
    this.faultReason = reason;
    this.faultStage = stage;
    this.faultLevel = level;
    this.faultOnStage1Walk = onStage1Walk;
    this.faultIpa = ipa;
    return false;
  }

  /** The rights of a leaf do not allow the access: what withholds them is asked of the same rules. */
  private failBy(refusal: Refusal, stage: 1 | 2, level: number, ipa = NO_IPA): false {
    if (refusal === 'none') throw new Error('a right is missing that nothing refuses');
    return this.fail(refusal, stage, level, false, ipa);
  }
}

const leafAddress = ({ low, high }: DescriptorReader, leafBits: number, input: number): number =>
  addressField(low, high, leafBits) + (input - alignDown(input, leafBits));
