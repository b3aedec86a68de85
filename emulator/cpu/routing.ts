/** Which exception level takes an exception (Arm ARM D1.3.1 "Exception levels: routing", D1.3.6 "Asynchronous exceptions"). */
import type { Rule } from './events.ts';
import { rule } from './rules.ts';
import type { CpuState } from './state.ts';
import { HCR_EL2 } from './registers/bits.ts';

export interface Route {
  readonly target: 1 | 2;
  readonly rule: Rule;
}

/** Where synchronous exceptions of one type go that belong to EL1 unless something sends them higher. */
export interface SynchronousRoutes {
  readonly fromEl0: Route;
  readonly fromEl1: Route;
  readonly fromEl2: Route;
  readonly general: Route;
  /** Without EL2. */
  readonly alone: Route;
}

/** `what`: "An SVC", "A data abort" ... */
export const synchronousRoutes = (what: string): SynchronousRoutes => ({
  fromEl0: {
    target: 1,
    rule: rule(`${what} at EL0 is taken to EL1, because HCR_EL2.TGE = 0 leaves exceptions from EL0 to EL1.`, 'HCR_EL2.TGE = 0'),
  },
  fromEl1: { target: 1, rule: rule(`${what} at EL1 is taken to EL1: no control bit routes it to EL2.`) },
  fromEl2: { target: 2, rule: rule(`${what} at EL2 is taken to EL2: an exception never goes to a lower level.`) },
  alone: { target: 1, rule: rule(`${what} is taken to EL1: this machine has no EL2.`) },
  general: {
    target: 2,
    rule: rule(`${what} at EL0 is taken to EL2, because HCR_EL2.TGE = 1 routes all exceptions from EL0 to EL2.`, 'HCR_EL2.TGE = 1'),
  },
});

export function routeSynchronous(cpu: CpuState, routes: SynchronousRoutes): Route {
  if (!cpu.hasEl2) return routes.alone;
  if (cpu.el === 2) return routes.fromEl2;
  if (cpu.low('HCR_EL2') & HCR_EL2.TGE) return routes.general;
  return cpu.el === 1 ? routes.fromEl1 : routes.fromEl0;
}
