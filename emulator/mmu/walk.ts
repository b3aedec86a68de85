/**
 * The walker: the one place where an address is translated through tables, for accesses, for AT instructions and for display
 * (Arm ARM D8.2; pseudocode AArch64.TranslationTableWalk, FirstStageTranslate, SecondStageTranslate, SecondStageWalk). It works on halves
 * and on addresses below 2^48 as numbers, and allocates nothing; with `trace` set it tells each step as it takes it.
 */
import type { AccessIntent, FaultKind } from '../cpu/faults.ts';
import { addressField, descriptorKind, swap32 } from './descriptor-bits.ts';
import { isDevice, mairByte } from './attributes.ts';
import type { PhysicalReader } from './physical.ts';
import { ALL_RIGHTS, readStage1Bits, right, stage1Rights, stage2Rights, tableControl, type MutableStage1Bits } from './permissions.ts';
import { alignDown, lookupShift, PA_BITS, powersOfTwo, type RegimeContext, type TableRoot } from './regime.ts';
import type { WalkTrace } from './trace.ts';

export class Walker {
  // ---- the result of the last walk that succeeded
  pa = 0;
  /** Output of stage 1; the same as `pa` without stage 2. */
  ipa = 0;
  /** Size of the leaf, as a power of two; 48 where the stage was off. */
  stage1LeafBits = 48;
  stage2LeafBits = 48;
  stage1Level = 0;
  stage2Level = 0;
  /** Rights (permissions.ts) that stage 1 gives to EL0, and to EL1 or EL2; and what stage 2 gives. */
  unprivilegedRights = ALL_RIGHTS;
  privilegedRights = ALL_RIGHTS;
  stage2Rights = ALL_RIGHTS;
  /** The permission bits they come from: stage 1's with those of its tables, the low half of stage 2's leaf, and its XN. */
  readonly stage1Bits: MutableStage1Bits = { readOnly: false, unprivileged: false, never: false, privilegedNever: false };
  stage2LeafLow = 0;
  stage2Never = false;
  /** nG = 1: the translation belongs to the current ASID. */
  notGlobal = false;
  /** Stage 1's MAIR byte and SH, of no meaning with stage 1 off; stage 2's MemAttr and SH, of no meaning with stage 2 off. */
  stage1Attribute = 0;
  stage1Shareability = 0;
  stage2MemAttr = 0;
  stage2Shareability = 0;
  /** Data accesses are to Device memory by stage 1; by both stages combined. */
  stage1Device = false;
  device = false;

  // ---- the fault of the last walk that failed
  faultKind: FaultKind = 'translation';
  faultStage: 1 | 2 = 1;
  faultLevel = 0;
  faultOnStage1Walk = false;
  /** The IPA that stage 2 refused. */
  faultIpa = 0;

  /** Descriptors read by the last walk, of both stages. */
  reads = 0;
  trace: WalkTrace | undefined;

  // Leaf of the last lookup, and for stage 1 the control of all tables above it (permissions.ts).
  private leafLow = 0;
  private leafHigh = 0;
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
    if (!(context.stage1 ? this.stage1(context, vaLow, vaHigh) : this.stage1Off(context, vaLow, vaHigh))) return false;
    if (unaligned && this.stage1Device) return this.fail('alignment', 1, this.stage1Level);
    const rights = el === 0 ? this.unprivilegedRights : this.privilegedRights;
    if ((rights & right[intent]) === 0) return this.fail('permission', 1, this.stage1Level);

    this.pa = this.ipa;
    this.device = this.stage1Device;
    this.stage2LeafBits = 48;
    this.stage2Rights = ALL_RIGHTS;
    if (!context.stage2 || !throughStage2) return true;
    if (!this.stage2(context, this.ipa, false)) return false;
    const device = this.stage2MemAttr < 4;
    this.device ||= device;
    if (unaligned && device) return this.fail('alignment', 2, this.stage2Level, false, this.ipa);
    if ((this.stage2Rights & right[intent]) === 0) return this.fail('permission', 2, this.stage2Level, false, this.ipa);
    return true;
  }

  /** Stage 1 off: the address must fit the physical address size, the top byte apart if TBI says so. */
  private stage1Off(context: RegimeContext, vaLow: number, vaHigh: number): boolean {
    const high = context.rootFor(vaHigh).topByteIgnored ? vaHigh & 0xff_ffff : vaHigh;
    if (high >>> (PA_BITS - 32) !== 0) return this.fail('addressSize', 1, 0);
    this.ipa = high * 2 ** 32 + vaLow;
    this.stage1LeafBits = 48;
    this.stage1Level = 0;
    this.unprivilegedRights = this.privilegedRights = ALL_RIGHTS;
    this.notGlobal = false;
    this.stage1Device = !context.defaultCacheable;
    return true;
  }

  private stage1(context: RegimeContext, vaLow: number, vaHigh: number): boolean {
    const root = context.rootFor(vaHigh);
    const upper = root === context.upper;
    const { inputBits } = root;
    // Bits above the input size must all be 0, or all be 1 for TTBR1. Inverting the upper half makes both the same question.
    const high = root.topByteIgnored ? (upper ? vaHigh | 0xff00_0000 : vaHigh & 0xff_ffff) : vaHigh;
    const extraHigh = upper ? ~high : high;
    const extraLow = upper ? ~vaLow : vaLow;
    const outside = inputBits >= 32 ? extraHigh >>> (inputBits - 32) !== 0 : extraHigh !== 0 || extraLow >>> inputBits !== 0;
    if (outside || root.refusal === 'walksDisabled' || root.refusal === 'size') return this.fail('translation', 1, 0);
    if (root.refusal === 'base') return this.fail('addressSize', 1, 0);

    const input = (high & 0xffff) * 2 ** 32 + vaLow;
    if (!this.lookup(context, 1, root, input, false)) return false;
    const { leafLow, leafHigh, stage1Bits: bits } = this;
    const single = context.regime === 'el2';
    readStage1Bits(bits, leafLow, leafHigh, this.leafControl, single);
    this.unprivilegedRights = single ? 0 : stage1Rights(bits, 0, context.writeImpliesNever);
    this.privilegedRights = stage1Rights(bits, single ? 2 : 1, context.writeImpliesNever);
    this.notGlobal = !single && (leafLow & 0x800) !== 0;
    this.stage1Attribute = mairByte(context, (leafLow >>> 2) & 7);
    this.stage1Shareability = (leafLow >>> 8) & 3;
    this.stage1Device = isDevice(this.stage1Attribute);
    this.stage1Level = this.leafLevel;
    this.stage1LeafBits = lookupShift(this.leafLevel, root.granuleBits);
    this.ipa = leafAddress(leafLow, leafHigh, this.stage1LeafBits, input);
    return true;
  }

  /** Stage 2 of the final IPA, or of a stage-1 descriptor's address. Sets `pa`. */
  stage2(context: RegimeContext, ipa: number, onStage1Walk: boolean): boolean {
    const root = context.stage2Root;
    if (root.refusal === 'size' || ipa >= powersOfTwo[root.inputBits]) return this.fail('translation', 2, 0, onStage1Walk, ipa);
    if (root.refusal === 'base') return this.fail('addressSize', 2, 0, onStage1Walk, ipa);
    if (!this.lookup(context, 2, root, ipa, onStage1Walk)) return false;
    const { leafLow, leafHigh, leafLevel } = this;
    this.stage2LeafLow = leafLow;
    this.stage2Never = (leafHigh & 0x40_0000) !== 0;
    this.stage2Rights = stage2Rights(leafLow, this.stage2Never);
    this.stage2MemAttr = (leafLow >>> 2) & 15;
    this.stage2Shareability = (leafLow >>> 8) & 3;
    this.stage2Level = leafLevel;
    this.stage2LeafBits = lookupShift(leafLevel, root.granuleBits);
    this.pa = leafAddress(leafLow, leafHigh, this.stage2LeafBits, ipa);
    if (!onStage1Walk) return true;
    // A descriptor fetch needs the right to read, whatever the access; HCR_EL2.PTW refuses Device memory too.
    if ((this.stage2Rights & right.read) === 0 || (context.protectedWalks && this.stage2MemAttr < 4))
      return this.fail('permission', 2, leafLevel, true, ipa);
    return true;
  }

  /** AArch64.TranslationTableWalk for one stage: from the root down to the leaf descriptor. */
  private lookup(context: RegimeContext, stage: 1 | 2, root: TableRoot, input: number, onStage1Walk: boolean): boolean {
    const { memory, trace } = this;
    const { granuleBits } = root;
    const outputBits = stage === 1 ? context.outputBits : context.stage2OutputBits;
    const bigEndian = stage === 1 ? context.bigEndian : context.stage2BigEndian;
    const nested = stage === 1 && context.stage2;
    let level = root.startLevel;
    let table = root.base;
    let shift = lookupShift(level, granuleBits);
    let entries = powersOfTwo[root.inputBits - shift];
    let control = 0;
    for (;;) {
      // The quotient may exceed 32 bits; `&` takes it modulo 2^32, which keeps the bits of the index.
      const index = (input / powersOfTwo[shift]) & (entries - 1);
      const address = table + index * 8;
      trace?.begin(stage, level, root, table, index, entries, address);
      let pa = address;
      if (nested) {
        if (!this.stage2(context, address, true)) {
          trace?.refused();
          return false;
        }
        pa = this.pa;
      }
      this.reads++;
      if (!memory.read(pa)) {
        trace?.refused(pa);
        return this.fail('externalOnWalk', stage, level, onStage1Walk, input);
      }
      const low = bigEndian ? swap32(memory.high) : memory.low;
      const high = bigEndian ? swap32(memory.low) : memory.high;
      trace?.fetched(pa, low, high);

      const kind = descriptorKind(low, level, granuleBits);
      if (kind === 'invalid' || kind === 'reserved') {
        trace?.verdict(kind, undefined);
        return this.fail('translation', stage, level, onStage1Walk, input);
      }
      const isLeaf = kind !== 'table';
      const next = addressField(low, high, isLeaf ? shift : granuleBits);
      trace?.verdict(kind, next);
      if ((high & 0xffff) >>> (outputBits - 32) !== 0) return this.fail('addressSize', stage, level, onStage1Walk, input);
      if (isLeaf) {
        if ((low & 0x400) === 0) return this.fail('accessFlag', stage, level, onStage1Walk, input);
        this.leafLow = low;
        this.leafHigh = high;
        this.leafLevel = level;
        if (stage === 1) this.leafControl = control;
        return true;
      }
      control |= tableControl(high);
      table = next;
      entries = powersOfTwo[granuleBits - 3]!;
      level++;
      shift -= granuleBits - 3;
    }
  }

  private fail(kind: FaultKind, stage: 1 | 2, level: number, onStage1Walk = false, ipa = 0): false {
    this.faultKind = kind;
    this.faultStage = stage;
    this.faultLevel = level;
    this.faultOnStage1Walk = onStage1Walk;
    this.faultIpa = ipa;
    return false;
  }
}

const leafAddress = (low: number, high: number, leafBits: number, input: number): number =>
  addressField(low, high, leafBits) + (input - alignDown(input, leafBits));
