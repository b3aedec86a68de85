/** The AT instructions and the format of PAR_EL1 (Arm ARM C5.4, D17.2.111; AArch64.AT, AArch64.EncodePAR). */
import { faultStatusCode, type AccessIntent, type MemoryFault } from '../cpu/faults.ts';
import { PAR_FAILED, PAR_RES1, PAR_SUCCEEDED, PAR_SUCCEEDED_WIDE, valueAt, wideValueAt } from '../cpu/registers/bits.ts';
import { effectiveAttributes } from './attributes.ts';
import { faultKinds } from './fault-reason.ts';
import type { Regime, RegimeContext } from './regime.ts';
import { walkedAttributes } from './tlb-entry.ts';
import type { Walker } from './walk.ts';

export type AtOperation = `AT ${'S1E0' | 'S1E1' | 'S1E2' | 'S12E0' | 'S12E1'}${'R' | 'W'}`;

/** The value that PAR_EL1 gets, or the fault that the AT instruction itself takes (a data abort with ESR_ELx.CM and WnR set). */
export type AtResult = { readonly par: bigint; readonly fault?: undefined } | { readonly par?: undefined; readonly fault: MemoryFault };

export const atRegime = (operation: AtOperation): Regime => (operation.startsWith('AT S1E2') ? 'el2' : 'el1');

const isBothStages = (operation: AtOperation): boolean => operation.startsWith('AT S12');

/** `executedAt`: the level that executes the instruction. */
export function addressTranslate(
  walker: Walker,
  context: RegimeContext,
  executedAt: number,
  operation: AtOperation,
  vaLow: number,
  vaHigh: number,
): AtResult {
  const intent: AccessIntent = operation.endsWith('W') ? 'write' : 'read';
  const el = Number(operation.at(-2));
  if (walker.walk(context, vaLow, vaHigh, intent, el, false, isBothStages(operation)))
    return { par: success(walker, context, intent, operation) };

  const kind = faultKinds[walker.faultReason];
  const { faultStage: stage, faultLevel: level, faultOnStage1Walk: onStage1Walk } = walker;
  // An external abort on the walk is taken, and so is, from EL1, a stage-2 fault on the fetch of a stage-1 descriptor (Arm ARM D8.2.12).
  if (kind === 'externalOnWalk' || (onStage1Walk && executedAt === 1)) {
    const ipa = stage === 2 ? walker.faultIpa : undefined;
    return { fault: { kind, stage, level, onStage1Walk, ipa, access: 'write', vaLow, vaHigh } };
  }
  const { F, FST, PTW, S } = PAR_FAILED;
  const par = F | valueAt(FST, faultStatusCode({ kind, level })) | (onStage1Walk ? PTW : 0) | (stage === 2 ? S : 0) | PAR_RES1;
  return { par: BigInt(par) };
}

function success(walker: Walker, context: RegimeContext, intent: AccessIntent, operation: AtOperation): bigint {
  const { ATTR, PA } = PAR_SUCCEEDED_WIDE;
  const stages = walkedAttributes(walker, context.stage1, context.stage2 && isBothStages(operation));
  const { attribute, shareability } = effectiveAttributes(context, intent, stages);
  // NS is UNKNOWN in Non-secure state and 1 on the reference machine.
  const low = BigInt(valueAt(PAR_SUCCEEDED.SH, shareability) | PAR_SUCCEEDED.NS | PAR_RES1);
  return wideValueAt(ATTR, BigInt(attribute)) | (BigInt(walker.pa) & PA) | low;
}
