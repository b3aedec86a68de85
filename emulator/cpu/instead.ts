/** What the processor takes in place of the instruction at pc (Arm ARM D1.3.5.4 "Prioritization of synchronous exceptions", D1.3.6, D2.12). */
import { breakpointException, breakpointMatches } from './breakpoints.ts';
import { debugInUse } from './debug.ts';
import type { Environment, InterruptLines } from './environment.ts';
import { takeException, type Exception } from './exceptions.ts';
import { interruptException, interruptToTake, takeInterrupt, type InterruptType } from './interrupts.ts';
import { hasStepped, softwareStep, stepException, takeSoftwareStep } from './software-step.ts';
import type { CpuState } from './state.ts';
import { illegalStateException } from './traps.ts';

export type Instead = InterruptType | 'Step' | 'Breakpoint' | 'IllegalState';

/** Whether it comes after the fetch of the instruction: then a fault of the fetch comes first. */
export const isAfterFetch = (instead: Instead): boolean => instead === 'Breakpoint' || instead === 'IllegalState';

/** The one of highest priority; undefined where the instruction executes. */
export function toTakeInstead(cpu: CpuState, lines: InterruptLines): Instead | undefined {
  const isDebugged = debugInUse(cpu);
  const isStep = isDebugged && softwareStep(cpu) === 'pending';
  // The exception that ends a step comes before any interrupt.
  if (isStep && hasStepped(cpu)) return 'Step';
  const interrupt = interruptToTake(cpu, lines);
  if (interrupt) return interrupt;
  if (isStep) return 'Step';
  if (isDebugged && breakpointMatches(cpu)) return 'Breakpoint';
  return cpu.il ? 'IllegalState' : undefined;
}

/** The exception that `takeInstead` takes. */
export function insteadException(cpu: CpuState, environment: Environment, instead: Instead): Exception {
  switch (instead) {
    case 'Step':
      return stepException(cpu);
    case 'Breakpoint':
      return breakpointException(cpu);
    case 'IllegalState':
      return illegalStateException(cpu);
    default:
      return interruptException(cpu, environment, instead);
  }
}

export function takeInstead(cpu: CpuState, environment: Environment, instead: Instead): void {
  if (instead === 'Step') takeSoftwareStep(cpu, environment);
  else if (instead === 'Breakpoint' || instead === 'IllegalState')
    takeException(cpu, environment, insteadException(cpu, environment, instead));
  else takeInterrupt(cpu, environment, instead);
}
