/** Every rule, in the order in which they are asked: what explains most comes first. */
import type { Rule } from './rule.ts';
import { accessFlag } from './rules/access-flag.ts';
import { accessNotDescribed } from './rules/access-not-described.ts';
import { alignment } from './rules/alignment.ts';
import { breakBeforeMake } from './rules/break-before-make.ts';
import { callNotAnswered } from './rules/call-not-answered.ts';
import { codeOverwritten } from './rules/code-overwritten.ts';
import { branchToNowhere } from './rules/branch-to-nowhere.ts';
import { currentElNotShifted } from './rules/current-el-not-shifted.ts';
import { deviceNotMapped } from './rules/device-not-mapped.ts';
import { faultNotHandled } from './rules/fault-not-handled.ts';
import { floatingPointTrapped } from './rules/floating-point-trapped.ts';
import { illegalReturn } from './rules/illegal-return.ts';
import { mapTooShort, mmuSwitchedOn } from './rules/mmu-switched-on.ts';
import { registerOfHigherLevel } from './rules/register-of-higher-level.ts';
import { returnWithoutException } from './rules/return-without-exception.ts';
import { returnStaysAtEl2 } from './rules/return-stays-at-el2.ts';
import { returnsToTheFault } from './rules/returns-to-the-fault.ts';
import { skippedInstruction } from './rules/skipped-instruction.ts';
import { stackNotSet } from './rules/stack.ts';
import { memAttrOfStage2, stage2AllowsNothing, stage2Format } from './rules/stage2-descriptors.ts';
import { stage2Off } from './rules/stage2-off.ts';
import { stage2Sizes } from './rules/stage2-sizes.ts';
import { vectorsMisaligned } from './rules/vectors-misaligned.ts';
import { vectorsNeverSet } from './rules/vectors-never-set.ts';
import { deviceTreeLost } from './rules/device-tree-lost.ts';
import { firmwareCall } from './rules/firmware-call.ts';
import { interruptNotRouted, timerHeld, waitsForNothing } from './rules/interrupt-not-taken.ts';
import { inputHeld } from './rules/input-held.ts';
import { interruptMasked } from './rules/interrupt-masked.ts';
import { interruptNotEnded, interruptStorm } from './rules/interrupt-not-ended.ts';
import { interruptNotHandled } from './rules/interrupt-not-handled.ts';
import { ipaFromHpfar } from './rules/ipa-from-hpfar.ts';
import { listRegister } from './rules/list-register.ts';
import { registersNotSaved } from './rules/registers-not-saved.ts';
import { staleTranslation } from './rules/stale-translation.ts';
import { vectorEmpty } from './rules/vector-empty.ts';
import { waitsForInput } from './rules/waits-for-input.ts';
import { waitsForNoChange } from './rules/waits-for-no-change.ts';
import { instructionOff } from './rules/instruction-off.ts';
import { trapNotHandled } from './rules/trap-not-handled.ts';
import { exclusiveOnDevice } from './rules/exclusive-on-device.ts';
import { missingIsb } from './rules/missing-isb.ts';
import { tableInCache } from './rules/table-in-cache.ts';
import { codeNotCleaned } from './rules/code-not-cleaned.ts';
import { contiguousGroup } from './rules/contiguous-group.ts';
import { departures } from './rules/departures.ts';
import { eventNeverComes } from './rules/event-never-comes.ts';
import { guestInCache } from './rules/guest-in-cache.ts';
import { reservedBits, reservedZeros } from './rules/reserved-bits.ts';
import { tableNotFinished } from './rules/table-not-finished.ts';
import { tlbiOperand } from './rules/tlbi-operand.ts';
import { unknownValue } from './rules/unknown-value.ts';
import { uartNotEnabled } from './rules/uart-not-enabled.ts';

export const rules: readonly Rule[] = [
  illegalReturn,
  returnStaysAtEl2,
  returnWithoutException,
  registerOfHigherLevel,
  mapTooShort,
  mmuSwitchedOn,
  stage2Off,
  stackNotSet,
  codeOverwritten,
  branchToNowhere,
  vectorEmpty,
  instructionOff,
  deviceNotMapped,
  stage2Sizes,
  stage2Format,
  memAttrOfStage2,
  stage2AllowsNothing,
  ipaFromHpfar,
  accessNotDescribed,
  accessFlag,
  alignment,
  floatingPointTrapped,
  vectorsMisaligned,
  skippedInstruction,
  registersNotSaved,
  staleTranslation,
  returnsToTheFault,
  vectorsNeverSet,
  trapNotHandled,
  firmwareCall,
  interruptStorm,
  interruptNotHandled,
  interruptMasked,
  interruptNotEnded,
  interruptNotRouted,
  timerHeld,
  inputHeld,
  waitsForInput,
  listRegister,
  waitsForNothing,
  deviceTreeLost,
  currentElNotShifted,
  breakBeforeMake,
  missingIsb,
  exclusiveOnDevice,
  tableInCache,
  uartNotEnabled,
  tableNotFinished,
  tlbiOperand,
  codeNotCleaned,
  guestInCache,
  eventNeverComes,
  contiguousGroup,
  unknownValue,
  reservedBits,
  reservedZeros,
  ...departures,
];

/** Asked only where no other rule knows what is broken. */
export const lastRules: readonly Rule[] = [faultNotHandled, callNotAnswered, waitsForNoChange];
