/** Taking the exceptions for instructions that are undefined or trapped (Arm ARM J1.1.2: `AArch64.SystemAccessTrap` and its like). */
import { controls, traps, type Control } from './controls.ts';
import type { Environment } from './environment.ts';
import type { ExceptionType } from './events.ts';
import { takeException } from './exceptions.ts';
import { HCR_EL2 } from './registers/bits.ts';
import { routeSynchronous, synchronousRoutes } from './routing.ts';
import type { CpuState } from './state.ts';
import { fpAccessSyndrome, illegalStateSyndrome, undefinedSyndrome } from './syndrome.ts';

const undefinedRoutes = synchronousRoutes('An undefined instruction');
const illegalStateRoutes = synchronousRoutes('An illegal execution state');

/** The instruction at pc is UNDEFINED: unallocated, or not allowed at this level. */
export function takeUndefined(cpu: CpuState, environment: Environment): void {
  takeException(cpu, environment, { type: 'Undefined', ...routeSynchronous(cpu, undefinedRoutes), esr: undefinedSyndrome });
}

/** PSTATE.IL is set: no instruction can be executed (D1.4.2). To be called instead of executing the instruction at pc. */
export function takeIllegalState(cpu: CpuState, environment: Environment): void {
  takeException(cpu, environment, { type: 'IllegalState', ...routeSynchronous(cpu, illegalStateRoutes), esr: illegalStateSyndrome });
}

/** Takes the trap of a control that `traps`. With HCR_EL2.TGE = 1, those for EL1 go to EL2. */
export function takeTrap(cpu: CpuState, environment: Environment, control: Control, esr: number, type: ExceptionType = 'Trap'): void {
  if (control.target === 1 && cpu.low('HCR_EL2') & HCR_EL2.TGE)
    takeException(cpu, environment, { type, target: 2, rule: control.generalRule, esr });
  else takeException(cpu, environment, { type, target: control.target, rule: control.rule, esr });
}

/** Takes the trap of a control that `traps` an MSR or MRS, with the syndrome `esr` unless the control has one of its own. */
export function takeRegisterTrap(cpu: CpuState, environment: Environment, control: Control, esr: number): void {
  if (control.isFp) takeFpTrap(cpu, environment, control);
  else takeTrap(cpu, environment, control, esr);
}

/** In the order of `CheckFPAdvSIMDEnabled64`. */
const fpControls = [controls['CPACR_EL1.FPEN'], controls['CPACR_EL1.FPEN (EL0)'], controls['CPTR_EL2.TFP']] as const;

/** The control that forbids floating point and SIMD at the current level, or undefined where they may be used. */
export const fpControl = (cpu: CpuState): Control | undefined => fpControls.find((control) => traps(cpu, control, cpu.el));

/**
 * Takes the trap of an instruction or register of floating point and SIMD. With HCR_EL2.TGE = 1 what CPACR_EL1 traps is reported
 * to EL2 as an unknown reason (`AArch64.AdvSIMDFPAccessTrap`).
 */
export function takeFpTrap(cpu: CpuState, environment: Environment, control: Control): void {
  const isGeneral = control.target === 1 && (cpu.low('HCR_EL2') & HCR_EL2.TGE) !== 0;
  takeTrap(cpu, environment, control, isGeneral ? undefinedSyndrome : fpAccessSyndrome, 'FP');
}
