/** Software step exceptions (Arm ARM D2.12). */
import { debugExceptionsOn, debugRefusal, debugRoutes } from './debug.ts';
import type { Environment } from './environment.ts';
import type { Rule } from './events.ts';
import { takeException, type Exception } from './exceptions.ts';
import { DEBUG_EVENT } from './faults.ts';
import { cpuLayout } from './layout.ts';
import { ISS_STEP, MDSCR_EL1, SPSR } from './registers/bits.ts';
import { rule } from './rules.ts';
import type { CpuState, ExceptionLevel } from './state.ts';
import { exceptionClasses, syndrome } from './syndrome.ts';

/**
 * The state machine of D2.12.3: `step` (active-not-pending): execute one instruction, then call `stepDone` unless it took an exception;
 * `pending` (active-pending): take the exception instead of an instruction.
 */
export function softwareStep(cpu: CpuState): 'inactive' | 'step' | 'pending' {
  if (!(cpu.low('MDSCR_EL1') & MDSCR_EL1.SS) || !debugExceptionsOn(cpu)) return 'inactive';
  return cpu.ss ? 'step' : 'pending';
}

/** What the exception will say about the instruction stepped: ISS.ISV and EX. */
const { ISV, EX } = ISS_STEP;

/** The instruction that `softwareStep` let through is complete, without an exception. */
export function stepDone(cpu: CpuState, word: number): void {
  cpu.ss = 0;
  // Whatever it waited for, the step ends it.
  cpu.waiting = false;
  // Load-exclusive: Arm ARM C4.1.94, with o2 = 0 and L = 1.
  const isLoadExclusive = (word & 0x3fc0_0000) === 0x0840_0000;
  // An instruction that switched stepping off (PSTATE.D, MDSCR_EL1) is not followed by the exception.
  cpu.u32[cpuLayout.stepSyndrome >> 2] = softwareStep(cpu) !== 'pending' ? 0 : isLoadExclusive ? ISV | EX : ISV;
}

/** Whether an instruction was stepped, of which the pending exception is the end. */
export const hasStepped = (cpu: CpuState): boolean => cpu.u32[cpuLayout.stepSyndrome >> 2] !== 0;

const route = debugRoutes('A software step exception');

/** The exception where `softwareStep` says `pending`. */
export function stepException(cpu: CpuState): Exception {
  const { target, rule } = route(cpu);
  const iss = cpu.u32[cpuLayout.stepSyndrome >> 2] | DEBUG_EVENT;
  const exceptionClass = cpu.el === target ? exceptionClasses.stepSame : exceptionClasses.stepLower;
  return { type: 'Step', target, rule, esr: syndrome(exceptionClass, iss) };
}
export function takeSoftwareStep(cpu: CpuState, environment: Environment): void {
  const exception = stepException(cpu);
  cpu.u32[cpuLayout.stepSyndrome >> 2] = 0;
  takeException(cpu, environment, exception);
}

const notStepping = {
  off: rule('Software step is off.', 'MDSCR_EL1.SS = 0'),
  here: rule('Debug exceptions are on at the level that executes ERET already, which makes PSTATE.SS 0 (DebugExceptionReturnSS).'),
};

/** Why an exception return to level `to` with this SPSR leaves PSTATE.SS 0, whatever SPSR.SS is; undefined where it is copied. */
export function stepRefusal(cpu: CpuState, to: ExceptionLevel, spsr: number): Rule | undefined {
  if (!(cpu.low('MDSCR_EL1') & MDSCR_EL1.SS)) return notStepping.off;
  if (debugExceptionsOn(cpu)) return notStepping.here;
  return debugRefusal(cpu, to, (spsr & SPSR.D) !== 0);
}

/** `DebugExceptionReturnSS`: what PSTATE.SS becomes by an exception return to level `to` with this SPSR. To be called before it. */
export const stepAfterReturn = (cpu: CpuState, to: ExceptionLevel, spsr: number): 0 | 1 =>
  spsr & SPSR.SS && !stepRefusal(cpu, to, spsr) ? 1 : 0;
