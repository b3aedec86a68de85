/**
 * The memory management unit of one CPU: translation through the TLB model, TLB maintenance and AT instructions.
 * Addresses cross as unsigned 32-bit halves where the engine calls, and physical addresses as numbers.
 */
import { IPA, PA, type VA } from '../base/addresses.ts';
import type { AccessIntent, FaultKind, MemoryFault } from '../cpu/faults.ts';
import type { CpuState } from '../cpu/state.ts';
import { addressTranslate, atRegime, type AtOperation, type AtResult } from './address-translate.ts';
import { describeRegime, type RegimeDescription } from './describe.ts';
import { alignmentRefusal, faultKinds } from './fault-reason.ts';
import { drop, invalidationOf, type Invalidation, type TlbiOperation } from './maintenance.ts';
import { ALL_RIGHTS, right } from './permissions.ts';
import type { PhysicalReader } from './physical.ts';
import { PA_BITS, RegimeContext, type Regime } from './regime.ts';
import { infoField, leafBitsOf, packInfo, pageOf } from './tlb-entry.ts';
import { Tlb, tagField } from './tlb.ts';
import { NO_IPA, Walker } from './walk.ts';

export interface ProbeOptions {
  /** LDTR, STTR and the like: at EL1 they are checked as at EL0. */
  readonly unprivileged?: boolean;
  /** As `Mmu.translate` takes them: size of one element, 1 if absent; neither of the others if absent. */
  readonly bytes?: number;
  readonly mustBeAligned?: boolean;
  readonly faultsOnDevice?: boolean;
}

/** `fromTlb`: an entry of the TLB answered, however old, and not the tables. */
export type Probe = { readonly fromTlb: boolean } & (
  | { readonly ok: true; readonly pa: PA; readonly device: boolean }
  | { readonly ok: false; readonly fault: MemoryFault }
);

export class Mmu {
  // ---- the result of the last translation that succeeded
  /** Physical address, below 2^40. */
  pa = PA(0);
  /** Data accesses here must be aligned to their size: Device memory, or SCTLR_ELx.A. */
  strict = false;
  device = false;
  /** What the level of the access may do with the whole 4 KiB page. */
  readable = false;
  writable = false;
  executable = false;
  /** Why the last translation that failed did. */
  fault: MemoryFault | undefined;

  /** Translations that the TLB did not know, ever: each is one walk. */
  misses = 0;

  /**
   * What is built on top of the TLB (fast TLBs, page caches) must forget one page, or everything of a regime. All that a caller keeps from
   * `translate` stays true until one of these is called.
   */
  onDrop: (vaLow: number, vaHigh: number, regime: Regime) => void = () => {};
  onDropAll: (regime: Regime) => void = () => {};
  /** Where the current instruction is: the one page that stays when a full TLB is emptied, since it is not looked up again before the next. */
  currentInstruction: () => { readonly low: number; readonly high: number } = () => ({ low: this.cpu.pcLow, high: this.cpu.pcHigh });

  readonly tlb = new Tlb();
  readonly walker: Walker;
  private readonly el1: Lookup;
  private readonly el2: Lookup;
  /** A translation since the last drop used an address with ignored top bits: what was kept of it cannot be named by its page. */
  private sawTaggedAddress = false;
  private dropped = 0;
  /** The last translation was answered by an entry that was there before. */
  private fromTlb = false;

  constructor(
    readonly cpu: CpuState,
    readonly memory: PhysicalReader,
  ) {
    this.walker = new Walker(memory);
    this.el1 = new Lookup(new RegimeContext('el1'));
    this.el2 = new Lookup(new RegimeContext('el2'));
    this.el1.refresh(cpu);
    this.el2.refresh(cpu);
    this.tlb.onDrop = (e) => this.entryDropped(e);
  }

  /** Counts the changes of the registers that control translation. */
  contexts = 0;

  context(regime: Regime): RegimeContext {
    return this.lookup(regime).context;
  }
  private lookup(regime: Regime): Lookup {
    return regime === 'el1' ? this.el1 : this.el2;
  }

  /**
   * A register that controls translation was written: SCTLR, TCR, TTBR, MAIR of EL1 or EL2, HCR_EL2, VTCR_EL2, VTTBR_EL2. Translations in the
   * TLB stay. A change of exception level needs no call.
   */
  contextChanged(): void {
    this.contexts++;
    if (this.el1.refresh(this.cpu)) this.onDropAll('el1');
    if (this.el2.refresh(this.cpu)) this.onDropAll('el2');
  }

  /**
   * Translates a VA for an access made as at level `el` (0, 1, 2). `bytes` is the size of one element of the access, a power of two;
   * `mustBeAligned`: it faults when unaligned whatever SCTLR_ELx.A says (exclusive, acquire, release). `faultsOnDevice`: as an unaligned
   * one does, wherever it is: DC ZVA, and the part of an unaligned access that lies in the next page, which takes a second call. `keeps`:
   * what the TLB did not know is put there.
   */
  translate(
    vaLow: number,
    vaHigh: number,
    intent: AccessIntent,
    el: number,
    bytes: number,
    mustBeAligned: boolean,
    faultsOnDevice = false,
    keeps = true,
  ): boolean {
    const lookup = el === 2 ? this.el2 : this.el1;
    const { context } = lookup;
    this.fromTlb = false;
    const refusal = alignmentRefusal(context, vaLow, intent, bytes, mustBeAligned);
    if (refusal !== undefined) return this.refuse(faultKinds[refusal], 1, 0, false, NO_IPA, intent, vaLow, vaHigh);
    const unaligned = faultsOnDevice || (intent !== 'execute' && (vaLow & (bytes - 1)) !== 0);
    const high = this.withoutTag(context, vaHigh);
    if (!lookup.cached) return this.passThrough(context, vaLow, high, vaHigh, intent, unaligned);

    const pageLow = ((high << 20) | (vaLow >>> 12)) >>> 0;
    const pageHigh = high >>> 12;
    const { tlb, walker } = this;
    const e = tlb.find(lookup.tag, lookup.globalTag, pageLow, pageHigh);
    if (e >= 0) {
      this.fromTlb = true;
      return this.use(tlb.info[e], tlb.paPage[e], tlb.ipaPage[e], context, vaLow, vaHigh, intent, el, unaligned);
    }
    this.misses++;
    if (!walker.walk(context, vaLow, vaHigh, intent, el, unaligned, true)) return this.refuseWalk(intent, vaLow, vaHigh);
    const info = packInfo(walker, context);
    if (keeps) this.fill(lookup, pageLow, pageHigh, info);
    return this.use(info, pageOf(walker.pa), pageOf(walker.ipa), context, vaLow, vaHigh, intent, el, unaligned);
  }

  /**
   * What `translate` would answer now, stale entries of the TLB included, for one that looks on: nothing is kept, dropped or counted. An access
   * that crosses into the next page takes a second question, as it takes a second translation.
   */
  probe(va: VA, intent: AccessIntent, el: number, options: ProbeOptions = {}): Probe {
    const { unprivileged = false, bytes = 1, mustBeAligned = false, faultsOnDevice = false } = options;
    const level = unprivileged && el === 1 ? 0 : el;
    return this.undisturbed(() => {
      const ok = this.translate(Number(va & 0xffff_ffffn), Number(va >> 32n), intent, level, bytes, mustBeAligned, faultsOnDevice, false);
      const { fromTlb } = this;
      return ok ? { ok, pa: this.pa, device: this.device, fromTlb } : { ok, fault: this.fault!, fromTlb };
    });
  }

  /** Looks by translations that keep nothing; what the last one before it gave is still so afterwards. */
  undisturbed<T>(look: () => T): T {
    const { pa, strict, device, readable, writable, executable, fault, misses, sawTaggedAddress } = this;
    const seen = look();
    Object.assign(this, { pa, strict, device, readable, writable, executable, fault, misses, sawTaggedAddress });
    return seen;
  }

  /** Stages, sizes, roots and identifiers of a regime as they are in force now, each with the bit that decided. */
  describe(regime: Regime): RegimeDescription {
    return describeRegime(this.lookup(regime).context);
  }

  /** The upper half of a VA as the TLB knows it: an ignored top byte is replaced by copies of bit 55. */
  private withoutTag(context: RegimeContext, vaHigh: number): number {
    if (!context.rootFor(vaHigh).topByteIgnored) return vaHigh;
    const high = (vaHigh & 0x80_0000) === 0 ? vaHigh & 0xff_ffff : (vaHigh | 0xff00_0000) >>> 0;
    if (high !== vaHigh) this.sawTaggedAddress = true;
    return high;
  }

  /** Stages 1 and 2 both off: nothing to look up and nothing to keep. */
  private passThrough(
    context: RegimeContext,
    vaLow: number,
    high: number,
    vaHigh: number,
    intent: AccessIntent,
    unaligned: boolean,
  ): boolean {
    if (high >>> (PA_BITS - 32) !== 0) return this.refuse('addressSize', 1, 0, false, NO_IPA, intent, vaLow, vaHigh);
    if (unaligned) return this.refuse('alignment', 1, 0, false, NO_IPA, intent, vaLow, vaHigh);
    this.pa = PA(high * 2 ** 32 + vaLow);
    this.device = true;
    this.strict = true;
    this.readable = this.writable = this.executable = true;
    return true;
  }

  /** Keeps the walker's result. */
  private fill(lookup: Lookup, pageLow: number, pageHigh: number, info: number): void {
    const w = this.walker;
    if (this.tlb.isFull) this.emptyFullTlb();
    const tag = w.stage1Leaf.notGlobal ? lookup.tag : lookup.globalTag;
    this.tlb.add(tag, pageLow, pageHigh, pageOf(w.pa), pageOf(w.ipa), info, leafBitsOf(w, lookup.context));
  }

  private emptyFullTlb(): void {
    const { low, high } = this.currentInstruction();
    const lookup = this.cpu.el === 2 ? this.el2 : this.el1;
    const canonical = this.withoutTag(lookup.context, high);
    const keep = lookup.cached
      ? this.tlb.find(lookup.tag, lookup.globalTag, ((canonical << 20) | (low >>> 12)) >>> 0, canonical >>> 12)
      : -1;
    this.tlb.clear(keep);
    this.dropAll();
  }

  /** Checks an access against what the TLB keeps of a translation, in the order of a walk. */
  private use(
    info: number,
    paPage: number,
    ipaPage: number,
    context: RegimeContext,
    vaLow: number,
    vaHigh: number,
    intent: AccessIntent,
    el: number,
    unaligned: boolean,
  ): boolean {
    const stage1Rights = (info >>> (el === 0 ? infoField.unprivileged : infoField.privileged)) & ALL_RIGHTS;
    const rights = stage1Rights & (info >>> infoField.stage2);
    this.device = ((info >>> infoField.device) & 1) !== 0;
    const offset = vaLow & 0xfff;
    if ((rights & right[intent]) === 0 || (unaligned && this.device)) {
      const level = (info >>> infoField.stage1Level) & 3;
      if (unaligned && ((info >>> infoField.stage1Device) & 1) !== 0)
        return this.refuse('alignment', 1, level, false, NO_IPA, intent, vaLow, vaHigh);
      if ((stage1Rights & right[intent]) === 0) return this.refuse('permission', 1, level, false, NO_IPA, intent, vaLow, vaHigh);
      const ipa = IPA(ipaPage * 4096 + offset);
      const kind = unaligned && this.device ? 'alignment' : 'permission';
      return this.refuse(kind, 2, (info >>> infoField.stage2Level) & 3, false, ipa, intent, vaLow, vaHigh);
    }
    this.pa = PA(paPage * 4096 + offset);
    this.strict = this.device || context.alignmentChecked;
    this.readable = (rights & right.read) !== 0;
    this.writable = (rights & right.write) !== 0;
    this.executable = (rights & right.execute) !== 0;
    return true;
  }

  private refuseWalk(intent: AccessIntent, vaLow: number, vaHigh: number): false {
    const w = this.walker;
    return this.refuse(faultKinds[w.faultReason], w.faultStage, w.faultLevel, w.faultOnStage1Walk, w.faultIpa, intent, vaLow, vaHigh);
  }

  private refuse(
    kind: FaultKind,
    stage: 1 | 2,
    level: number,
    onStage1Walk: boolean,
    ipa: IPA,
    access: AccessIntent,
    vaLow: number,
    vaHigh: number,
  ): false {
    this.fault = { kind, stage, level, onStage1Walk, ipa: stage === 2 ? ipa : undefined, access, vaLow, vaHigh };
    return false;
  }

  // ---- maintenance

  /** What a TLBI with this operand, the value of its register, names in the present context. */
  invalidation(operation: TlbiOperation, low: number, high: number): Invalidation {
    return invalidationOf(operation, low, high, this.el1.context.vmid);
  }

  /** TLBI. */
  invalidate(operation: TlbiOperation, low: number, high: number): void {
    this.carryOut(this.invalidation(operation, low, high));
  }
  /** The TLBI of this CPU, or of another that tells it. */
  carryOut(named: Invalidation): void {
    this.dropped = 0;
    drop(this.tlb, named);
    if (this.dropped === 0) return;
    if (this.dropped > 64 || this.sawTaggedAddress) this.dropAll();
  }

  private entryDropped(e: number): void {
    const tag = this.tlb.tag[e];
    const isEl2 = (tag & tagField.el2) !== 0;
    const lookup = isEl2 ? this.el2 : this.el1;
    // What is not reachable in the present context is not kept above the TLB either.
    if (tag !== lookup.tag && tag !== lookup.globalTag) return;
    if (++this.dropped > 64) return;
    const pageLow = this.tlb.pageLow[e];
    this.onDrop((pageLow << 12) >>> 0, ((this.tlb.pageHigh[e] << 12) | (pageLow >>> 20)) >>> 0, lookup.context.regime);
  }

  private dropAll(): void {
    this.sawTaggedAddress = false;
    this.onDropAll('el1');
    this.onDropAll('el2');
  }

  // ---- address translation instructions, snapshots

  /** AT `operation`: the value for PAR_EL1, or the fault that the instruction itself takes. It neither uses nor fills the TLB. */
  addressTranslate(operation: AtOperation, vaLow: number, vaHigh: number): AtResult {
    const context = atRegime(operation) === 'el1' ? this.el1.context : this.el2.context;
    return addressTranslate(this.walker, context, this.cpu.el, operation, vaLow, vaHigh);
  }

  /** The TLB entry that an access to `va` would use now, or -1. */
  find(va: VA, regime: Regime): number {
    const lookup = this.lookup(regime);
    if (!lookup.cached) return -1;
    const tagged = this.sawTaggedAddress;
    const high = this.withoutTag(lookup.context, Number(va >> 32n));
    this.sawTaggedAddress = tagged;
    return this.tlb.find(
      lookup.tag,
      lookup.globalTag,
      Number((BigInt(high) << 20n) & 0xffff_ffffn) + Number((va & 0xffff_ffffn) >> 12n),
      high >>> 12,
    );
  }

  /** The CPU's registers are as after reset: nothing is in the TLB. */
  reset(): void {
    this.el1.refresh(this.cpu);
    this.el2.refresh(this.cpu);
    this.tlb.clear();
    this.dropAll();
  }

  /** The TLB's content in its own order: equal contents are equal bytes. */
  snapshot(): Uint8Array {
    return this.tlb.snapshot();
  }
  /** Takes the TLB's content from a snapshot, after the CPU's registers. False where the bytes are no snapshot: the TLB is then empty. */
  restore(bytes: Uint8Array): boolean {
    this.el1.refresh(this.cpu);
    this.el2.refresh(this.cpu);
    const valid = this.tlb.restore(bytes);
    this.dropAll();
    return valid;
  }
}

/** A regime as the TLB sees it: which tags its lookups match. */
class Lookup {
  tag = 0;
  globalTag = 0;
  /** A stage is on: translations are looked up and kept. */
  cached = false;
  private key = -1;

  constructor(readonly context: RegimeContext) {}

  /** True where what was kept of earlier translations may not be used any more. */
  refresh(cpu: CpuState): boolean {
    const { context } = this;
    context.refresh(cpu);
    const { stage1, stage2 } = context;
    const place =
      context.regime === 'el2' ? tagField.el2 : (stage1 ? tagField.stage1 : 0) | (stage2 ? tagField.stage2 : 0) | (context.vmid << 16);
    this.globalTag = place | tagField.global;
    // Without stage 1 there are no ASIDs.
    this.tag = stage1 && context.regime === 'el1' ? place | context.asid : this.globalTag;
    this.cached = stage1 || stage2;
    // Alignment checking and ignored top bytes are no part of a tag, but of what callers keep.
    const key =
      this.tag * 16 +
      (this.cached ? 8 : 0) +
      (context.alignmentChecked ? 4 : 0) +
      (context.lower.topByteIgnored ? 2 : 0) +
      (context.upper?.topByteIgnored ? 1 : 0);
    const changed = key !== this.key;
    this.key = key;
    return changed;
  }
}
