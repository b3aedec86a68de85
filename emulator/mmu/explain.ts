/** A walk in full: the walker's own steps, what they decided, what hardware would report, and what the TLB holds. Changes nothing. */
import type { VA } from '../base/addresses.ts';
import { hex } from '../base/hex.ts';
import { abortSyndrome } from '../cpu/aborts.ts';
import { hasHpfar, hpfarOf } from '../cpu/events.ts';
import { faultStatusCode, type MemoryFault } from '../cpu/faults.ts';
import { HCR_EL2 } from '../cpu/registers/bits.ts';
import { exceptionClasses, syndrome } from '../cpu/syndrome.ts';
import type { ExceptionLevel } from '../cpu/state.ts';
import { stageMemory } from './attribute-words.ts';
import { attr, effectiveAttributes, isDevice, stage1OffAttributes, stage2Attribute, type StageAttributes } from './attributes.ts';
import { bitText, decide, type Decided } from './decided-by.ts';
import { intents, permissionsOf } from './decisions.ts';
import { alignmentRefusal, faultKinds } from './fault-reason.ts';
import { faultText } from './fault-words.ts';
import { describeControl, splitAddress } from './explain-stages.ts';
import type { Mmu } from './mmu.ts';
import { WalkRecorder, type Draft } from './recorder.ts';
import type { Regime, RegimeContext } from './regime.ts';
import { walkedAttributes } from './tlb-entry.ts';
import { reportTlb } from './tlb-report.ts';
import type { Access, DecidedBy, Walk, WalkAttributes, WalkFailure, WalkSuccess } from './walk-types.ts';
import type { Walker } from './walk.ts';

export interface ExplainOptions {
  readonly regime: Regime;
  /** 0 or 1 in regime el1, 2 in regime el2. */
  readonly el: ExceptionLevel;
  readonly access: Access;
  /** The level that executes the instruction; `el` if absent. LDTR and STTR at EL1 access as EL0 does. */
  readonly from?: ExceptionLevel;
  /** The instant, for the result; 0 if absent. */
  readonly at?: number;
  /** The instruction that makes the access, for the syndrome: with it a stage-2 fault can tell register and size. */
  readonly word?: number;
  /** As `Mmu.translate` takes them: size of one element, 1 if absent; neither of the others if absent. */
  readonly bytes?: number;
  readonly mustBeAligned?: boolean;
  readonly faultsOnDevice?: boolean;
}

/** The walk of a VA in the present tables, with every step, and what the TLB holds for it. */
export function explainWalk(mmu: Mmu, va: VA, options: ExplainOptions): Walk {
  const { regime, el, access, at = 0 } = options;
  const { walker } = mmu;
  const context = mmu.context(regime);
  const vaLow = Number(va & 0xffff_ffffn);
  const vaHigh = Number(va >> 32n);
  const intent = intents[access];
  const { bytes = 1, mustBeAligned = false, faultsOnDevice = false } = options;
  const recorder = new WalkRecorder(context, mmu.memory);
  const { steps } = recorder;

  let result: WalkSuccess | WalkFailure;
  let reads = 0;
  const refusal = alignmentRefusal(context, vaLow, intent, bytes, mustBeAligned);
  if (refusal !== undefined) {
    const fault = {
      kind: faultKinds[refusal],
      stage: 1,
      level: 0,
      onStage1Walk: false,
      ipa: undefined,
      access: intent,
      vaLow,
      vaHigh,
    } as const;
    result = describeFault(mmu, fault, decide(refusal, walker, context, steps, { va, bytes }).decidedBy, options);
  } else {
    const unaligned = faultsOnDevice || (intent !== 'execute' && (vaLow & (bytes - 1)) !== 0);
    walker.trace = recorder;
    const ok = walker.walk(context, vaLow, vaHigh, intent, el, unaligned, true);
    walker.trace = undefined;
    reads = walker.reads;
    if (ok) result = describeSuccess(walker, context, options, steps);
    else {
      const { faultReason: reason, faultStage: stage, faultLevel: level, faultOnStage1Walk: onStage1Walk } = walker;
      const kind = faultKinds[reason];
      const ipa = stage === 2 ? walker.faultIpa : undefined;
      const decided = decide(reason, walker, context, steps, { va, bytes });
      result = describeFault(mmu, { kind, stage, level, onStage1Walk, ipa, access: intent, vaLow, vaHigh }, decided.decidedBy, options);
      if (kind === 'permission' && !onStage1Walk) result = { ...result, permissions: permissionsOf(walker, context, steps, stage === 2) };
      mark(decided);
    }
  }
  return {
    va: hex(va),
    regime,
    el,
    access,
    at,
    input: splitAddress(context, va),
    stages: describeControl(context, vaHigh),
    steps,
    reads,
    result,
    tlb: reportTlb(mmu, va, regime, intent),
  };
}

function describeSuccess(walker: Walker, context: RegimeContext, { access }: ExplainOptions, steps: readonly Draft[]): WalkSuccess {
  const { stage1, stage2 } = context;
  return {
    ok: true,
    pa: hex(walker.pa),
    ipa: stage2 ? hex(walker.ipa) : null,
    stage1Bytes: stage1 ? 2 ** walker.stage1LeafBits : null,
    stage2Bytes: stage2 ? 2 ** walker.stage2LeafBits : null,
    attributes: describeAttributes(walker, context, access),
    permissions: permissionsOf(walker, context, steps, true),
  };
}

function describeAttributes(walker: Walker, context: RegimeContext, access: Access): WalkAttributes {
  const intent = intents[access];
  const stages = walkedAttributes(walker, context.stage1, context.stage2);
  const { attribute, shareability } = effectiveAttributes(context, intent, stages);
  const off = stage1OffAttributes(context, intent);
  const note = attributeNote(context, access, attribute, stages);
  return {
    ...stageMemory(attribute, shareability),
    type: isDevice(attribute) ? 'Device' : 'Normal',
    stage1: stages.stage1 ? stageMemory(stages.stage1.attribute, stages.stage1.shareability) : stageMemory(off.attribute, off.shareability),
    stage2: stages.stage2 ? stageMemory(stage2Attribute(stages.stage2.memAttr), stages.stage2.shareability) : null,
    ...(note ? { note } : {}),
  };
}

/** Control bits that change what the descriptors say. */
function attributeNote(context: RegimeContext, access: Access, attribute: number, stages: StageAttributes): string {
  const notes: string[] = [];
  const byBit = bitText(context.stage1Rule);
  if (!stages.stage1) {
    if (context.defaultCacheable) notes.push('Stage 1 is off; HCR_EL2.DC = 1 makes memory Write-Back.');
    else
      notes.push(
        access === 'x'
          ? `Stage 1 is off (${byBit}): fetches are from Normal memory.`
          : `Stage 1 is off (${byBit}): data accesses are to Device memory.`,
      );
  }
  const uncached = access === 'x' ? context.stage2InstructionUncached : context.stage2DataUncached;
  if (stages.stage2 && uncached && attribute === attr.nonCacheable)
    notes.push(
      `HCR_EL2.${access === 'x' ? 'ID' : 'CD'} = 1 makes ${access === 'x' ? 'instruction fetches' : 'data accesses'} Non-cacheable.`,
    );
  const cacheable = access === 'x' ? context.instructionCacheable : context.dataCacheable;
  if (stages.stage1 && !cacheable && !isDevice(attribute))
    notes.push(`SCTLR_EL${context.regime === 'el1' ? 1 : 2}.${access === 'x' ? 'I' : 'C'} = 0: the caches are off for this access.`);
  return notes.join(' ');
}

function describeFault({ cpu }: Mmu, fault: MemoryFault, decidedBy: DecidedBy, { el, from = el, word }: ExplainOptions): WalkFailure {
  const { kind, stage, level, onStage1Walk, ipa } = fault;
  // Stage 2 belongs to EL2, and HCR_EL2.TGE sends all exceptions of EL0 there.
  const takenTo = stage === 2 || el === 2 || (cpu.low('HCR_EL2') & HCR_EL2.TGE) !== 0 ? 2 : 1;
  const esr = kind === 'pcAlignment' ? syndrome(exceptionClasses.pcAlignment) : abortSyndrome(from, takenTo, fault, word);
  const isUnknown = ipa !== undefined && !hasHpfar(esr);
  return {
    ok: false,
    fault: { kind, stage, level, fsc: faultStatusCode(fault), onStage1Walk },
    text: faultText(fault),
    decidedBy,
    takenTo,
    esr: hex(esr),
    far: hex((BigInt(fault.vaHigh) << 32n) | BigInt(fault.vaLow)),
    hpfar: ipa === undefined ? null : hex(hpfarOf(ipa)),
    ...(isUnknown ? { hpfarNote: HPFAR_UNKNOWN } : {}),
  };
}

const HPFAR_UNKNOWN =
  'The architecture leaves HPFAR_EL2 UNKNOWN after this fault, because it is not on a stage 1 walk (S1PTW = 0). Here it holds the IPA, as in QEMU; software must find the IPA from FAR_EL2 with AT S1E1R.';

/** Marks the descriptor field that refused the access. */
function mark({ step, field }: Decided): void {
  const marked = field === undefined ? undefined : step?.fields[field];
  if (step && marked) step.fields[field!] = { ...marked, decides: true };
}
