/** The exceptions of instructions that are undefined or trapped (Arm ARM J1.1.2: `AArch64.SystemAccessTrap` and its like). */
import { controls, traps, type Control } from './controls.ts';
import type { Environment } from './environment.ts';
import type { ExceptionType, Rule } from './events.ts';
import { takeException, type Exception } from './exceptions.ts';
import { HCR_EL2 } from './registers/bits.ts';
import { routeSynchronous, synchronousRoutes } from './routing.ts';
import { rule } from './rules.ts';
import type { CpuState, ExceptionLevel } from './state.ts';
import { fpAccessSyndrome, illegalStateSyndrome, undefinedSyndrome } from './syndrome.ts';

const undefinedRoutes = synchronousRoutes('An undefined instruction');
const illegalStateRoutes = synchronousRoutes('An illegal execution state');

/** Why an instruction is UNDEFINED, where no bit of a register decides. */
export const undefinedReasons = {
  unallocated: rule('No operation is assigned to this encoding on this processor.'),
  unallocatedRegister: rule('This processor has no such system register or operation.'),
  noEl2: rule('It belongs to EL2, which this machine does not have.'),
  readOnly: rule('The register is read-only.'),
  writeOnly: rule('The register is write-only.'),
  spInUse: rule('PSTATE.SP = 0: SP_EL0 is the stack pointer in use, so MRS and MSR cannot access it.', 'PSTATE.SP = 0'),
  notInDebugState: rule('The instruction exists in Debug state only, for an external debugger.'),
  halt: rule('Halting is disabled, because no external debugger is attached.'),
  semihosting: rule('HLT #0xf000 is a semihosting call; this machine was started without --semihosting.'),
} as const;
/** The lowest level that may execute it is higher than the one that did. */
const tooLow = [0, 1, 2].map((el) =>
  [1, 2, 3].map((level) =>
    rule(level === 3 ? `It belongs to EL3, which this machine does not have.` : `It belongs to EL${level} and is UNDEFINED at EL${el}.`),
  ),
);
export const belowLevel = (el: ExceptionLevel, level: number): Rule => tooLow[el][level - 1];

/** The instruction at pc is UNDEFINED: unallocated where nothing else is said, or not allowed here. */
export const undefinedException = (cpu: CpuState, reason: Rule = undefinedReasons.unallocated): Exception => ({
  type: 'Undefined',
  ...routeSynchronous(cpu, undefinedRoutes),
  esr: undefinedSyndrome,
  reason,
});
/** The word at pc encodes no instruction. */
export const takeUndefined = (cpu: CpuState, environment: Environment): void => takeException(cpu, environment, undefinedException(cpu));

/** PSTATE.IL is set: no instruction can be executed (D1.4.2), and this is taken instead. */
export const illegalStateException = (cpu: CpuState): Exception => ({
  type: 'IllegalState',
  ...routeSynchronous(cpu, illegalStateRoutes),
  esr: illegalStateSyndrome,
});

/** The trap of a control that `traps`. With HCR_EL2.TGE = 1, those for EL1 go to EL2. */
export function trapException(cpu: CpuState, control: Control, esr: number, type: ExceptionType = 'Trap'): Exception {
  const isGeneral = control.target === 1 && (cpu.low('HCR_EL2') & HCR_EL2.TGE) !== 0;
  return isGeneral ? { type, target: 2, rule: control.generalRule, esr } : { type, target: control.target, rule: control.rule, esr };
}

/** The trap of a control that `traps` an MSR or MRS, with the syndrome `esr` unless the control has one of its own. */
export const registerTrapException = (cpu: CpuState, control: Control, esr: number): Exception =>
  control.isFp ? fpException(cpu, control) : trapException(cpu, control, esr);

/** In the order of `CheckFPAdvSIMDEnabled64`. */
const fpControls = [controls['CPACR_EL1.FPEN'], controls['CPACR_EL1.FPEN (EL0)'], controls['CPTR_EL2.TFP']] as const;

/**
 * The trap of an instruction or register of floating point and SIMD. With HCR_EL2.TGE = 1 what CPACR_EL1 traps is reported to EL2 as an
 * unknown reason (`AArch64.AdvSIMDFPAccessTrap`).
 */
function fpException(cpu: CpuState, control: Control): Exception {
  const isGeneral = control.target === 1 && (cpu.low('HCR_EL2') & HCR_EL2.TGE) !== 0;
  return trapException(cpu, control, isGeneral ? undefinedSyndrome : fpAccessSyndrome, 'FP');
}

/** The exception that an instruction of floating point and SIMD takes at the current level, or undefined where it may execute. */
export function judgeFp(cpu: CpuState): Exception | undefined {
  const control = fpControls.find((candidate) => traps(cpu, candidate, cpu.el));
  return control && fpException(cpu, control);
}
