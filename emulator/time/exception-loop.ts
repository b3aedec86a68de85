/**
 * Exceptions without end: the instruction at a vector takes the exception that led to it. Each entry then leaves the state as the one
 * before did, so nothing but an interrupt could change anything any more.
 */
import { HCR_EL2 } from '../cpu/registers/bits.ts';
import type { CpuEvent, ExceptionEvent } from '../cpu/events.ts';
import type { CpuState } from '../cpu/state.ts';
import type { TrapLog } from './trap-log.ts';

/** Routes by which an interrupt of EL1 or EL0 would reach EL2, whatever PSTATE masks. */
const ROUTED = HCR_EL2.IMO | HCR_EL2.FMO | HCR_EL2.AMO | HCR_EL2.TGE;

/** An exception from the instruction at the vector that it enters: without that, there is no loop. */
export const entersItself = (event: CpuEvent): event is ExceptionEvent =>
  event.kind === 'exception' && event.elr === event.pc && event.from === event.to && event.esr !== null;

/** All that an entry writes but PSTATE, which it sets the same each time. */
const written = ['type', 'from', 'to', 'esr', 'far', 'hpfar', 'elr', 'spsr', 'pc'] as const;

/**
 * The exception that the step before instant `at` took, where it is certain that nothing else will ever happen. `cpu` stands at that
 * instant.
 */
export function exceptionLoop(traps: TrapLog, cpu: CpuState, at: number): ExceptionEvent | undefined {
  const index = traps.indexOfStep(at - 1);
  if (index === undefined || index === 0 || traps.step(index - 1) !== at - 2) return undefined;
  const event = traps.get(index);
  const before = traps.get(index - 1);
  if (!entersItself(event) || !entersItself(before) || !written.every((field) => event[field] === before[field])) return undefined;
  // An entry masks the interrupts that its own level takes. Those that EL2 takes from below cannot be masked there.
  const canBreak = event.to === 1 && cpu.hasEl2 && (cpu.low('HCR_EL2') & ROUTED) !== 0;
  return canBreak ? undefined : event;
}
