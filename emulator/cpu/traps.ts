/** The exceptions of instructions that are undefined or trapped (Arm ARM J1.1.2: `AArch64.SystemAccessTrap` and its like). */
import { controls, traps, type Control } from './controls.ts';
import type { Environment } from './environment.ts';
import type { ExceptionType } from './events.ts';
import { takeException, type Exception } from './exceptions.ts';
import { HCR_EL2 } from './registers/bits.ts';
import { routeSynchronous, synchronousRoutes } from './routing.ts';
import type { CpuState } from './state.ts';
import { fpAccessSyndrome, illegalStateSyndrome, undefinedSyndrome } from './syndrome.ts';

const undefinedRoutes = synchronousRoutes('An undefined instruction');
const illegalStateRoutes = synchronousRoutes('An illegal execution state');

/** The instruction at pc is UNDEFINED: unallocated, or not allowed at this level. */
export const undefinedException = (cpu: CpuState, routes = undefinedRoutes): Exception => ({
  type: 'Undefined',
  ...routeSynchronous(cpu, routes),
  esr: undefinedSyndrome,
});
export const takeUndefined = (cpu: CpuState, environment: Environment): void => takeException(cpu, environment, undefinedException(cpu));

/** PSTATE.IL is set: no instruction can be executed (D1.4.2). */
export const illegalStateException = (cpu: CpuState): Exception => ({
  type: 'IllegalState',
  ...routeSynchronous(cpu, illegalStateRoutes),
  esr: illegalStateSyndrome,
});
/** To be called instead of executing the instruction at pc. */
export const takeIllegalState = (cpu: CpuState, environment: Environment): void =>
  takeException(cpu, environment, illegalStateException(cpu));

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
