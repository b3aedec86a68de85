/** Self-hosted debug (Arm ARM D2): which level takes debug exceptions, and where they are on. */
import type { Rule } from './events.ts';
import { HCR_EL2, MDCR_EL2, MDSCR_EL1, OSDLR_EL1, OSLSR_EL1 } from './registers/bits.ts';
import { systemOffset } from './layout.ts';
import { rule } from './rules.ts';
import type { Route } from './routing.ts';
import { PSTATE } from './spsr.ts';
import type { CpuState, ExceptionLevel } from './state.ts';

/** The level that takes debug exceptions: `DebugTarget`. */
export const debugTarget = (cpu: CpuState): 1 | 2 => (cpu.low('MDCR_EL2') & MDCR_EL2.TDE || cpu.low('HCR_EL2') & HCR_EL2.TGE ? 2 : 1);

const refusals = {
  locked: rule('The OS Lock disables debug exceptions.', 'OSLSR_EL1.OSLK = 1'),
  doubleLocked: rule('The OS Double Lock disables debug exceptions.', 'OSDLR_EL1.DLK = 1'),
  kde: rule('Debug exceptions of the level that takes them are disabled.', 'MDSCR_EL1.KDE = 0'),
  masked: rule('Debug exceptions are masked.', 'PSTATE.D = 1'),
  higher: rule('Debug exceptions go to EL1, so none is generated at EL2.', 'MDCR_EL2.TDE = 0'),
};

/** Why no debug exception is generated at level `el`: `AArch64.GenerateDebugExceptionsFrom`. Undefined where they are. */
export function debugRefusal(cpu: CpuState, el: ExceptionLevel, isMasked: boolean): Rule | undefined {
  if (cpu.low('OSLSR_EL1') & OSLSR_EL1.OSLK) return refusals.locked;
  if (cpu.low('OSDLR_EL1') & OSDLR_EL1.DLK) return refusals.doubleLocked;
  const target = debugTarget(cpu);
  if (el > target) return refusals.higher;
  if (el < target) return undefined;
  if (!(cpu.low('MDSCR_EL1') & MDSCR_EL1.KDE)) return refusals.kde;
  return isMasked ? refusals.masked : undefined;
}

/** `AArch64.GenerateDebugExceptions`: whether they are on at the present level. */
export const debugExceptionsOn = (cpu: CpuState): boolean => debugRefusal(cpu, cpu.el, (cpu.daif & PSTATE.D) !== 0) === undefined;

const mdscr = systemOffset('MDSCR_EL1') >> 2;

/** Whether software steps or breakpoints may have to be looked at, at any level: quick, for every turn of the machine. */
export const debugInUse = (cpu: CpuState): boolean => (cpu.u32[mdscr] & (MDSCR_EL1.SS | MDSCR_EL1.MDE)) !== 0;

/** Where one kind of debug exception goes. `what`: "A breakpoint exception". It is asked where `debugExceptionsOn`. */
export function debugRoutes(what: string): (cpu: CpuState) => Route {
  const alone: Route = { target: 1, rule: rule(`${what} goes to EL1: this machine has no EL2.`) };
  const toEl1: Route = {
    target: 1,
    rule: rule(`${what} goes to EL1, because MDCR_EL2.TDE = 0 leaves debug exceptions to EL1.`, 'MDCR_EL2.TDE = 0'),
  };
  const toEl2: Route = {
    target: 2,
    rule: rule(`${what} goes to EL2, because MDCR_EL2.TDE = 1 routes debug exceptions there.`, 'MDCR_EL2.TDE = 1'),
  };
  const general: Route = {
    target: 2,
    rule: rule(`${what} goes to EL2, because HCR_EL2.TGE = 1 routes all exceptions there.`, 'HCR_EL2.TGE = 1'),
  };
  return (cpu) => (!cpu.hasEl2 ? alone : debugTarget(cpu) === 1 ? toEl1 : cpu.low('HCR_EL2') & HCR_EL2.TGE ? general : toEl2);
}
