/**
 * Self-hosted debug exceptions (Arm ARM D2): software step. Breakpoints and watchpoints are registers only: switching one on stops the
 * machine as not built, rather than never to fire.
 */
import { NotBuilt } from '../base/errors.ts';
import type { Environment } from './environment.ts';
import { takeException } from './exceptions.ts';
import { HCR } from './hcr.ts';
import { cpuLayout } from './layout.ts';
import { rule } from './rules.ts';
import type { CpuState, ExceptionLevel } from './state.ts';
import type { StoredRegister } from './stored-registers.ts';
import { exceptionClasses, syndrome } from './syndrome.ts';

const MDSCR = { SS: 1, KDE: 1 << 13, MDE: 1 << 15 } as const;
const MDCR_TDE = 1 << 8;
const OSLSR_OSLK = 1 << 1;
/** PSTATE.D in `cpu.daif`. */
const D = 8;

/** The level that takes debug exceptions: `DebugTarget`. */
const debugTarget = (cpu: CpuState): 1 | 2 => (cpu.low('MDCR_EL2') & MDCR_TDE || cpu.low('HCR_EL2') & HCR.TGE ? 2 : 1);

/** `AArch64.GenerateDebugExceptionsFrom`. */
function debugExceptionsFrom(cpu: CpuState, el: ExceptionLevel, isMasked: boolean): boolean {
  if (cpu.low('OSLSR_EL1') & OSLSR_OSLK || cpu.low('OSDLR_EL1') & 1) return false;
  const target = debugTarget(cpu);
  return el === target ? (cpu.low('MDSCR_EL1') & MDSCR.KDE) !== 0 && !isMasked : target > el;
}

/**
 * Software step (D2.12): `step`: execute one instruction, then call `stepDone`; `pending`: take the exception instead of an instruction.
 */
export function softwareStep(cpu: CpuState): 'inactive' | 'step' | 'pending' {
  if (!(cpu.low('MDSCR_EL1') & MDSCR.SS) || !debugExceptionsFrom(cpu, cpu.el, (cpu.daif & D) !== 0)) return 'inactive';
  return cpu.ss ? 'step' : 'pending';
}

/** What the exception will say about the instruction stepped: ISS.ISV and EX. */
const ISV = 1 << 24;
const EX = 1 << 6;

/** The instruction that `softwareStep` let through is complete, without an exception. */
export function stepDone(cpu: CpuState, word: number): void {
  cpu.ss = 0;
  // Load-exclusive: Arm ARM C4.1.94, with o2 = 0 and L = 1.
  const isLoadExclusive = (word & 0x3fc0_0000) === 0x0840_0000;
  cpu.u32[cpuLayout.stepSyndrome >> 2] = isLoadExclusive ? ISV | EX : ISV;
}

const stepRules = {
  toEl1: rule('A software step exception goes to EL1, because MDCR_EL2.TDE = 0 leaves debug exceptions to EL1.', 'MDCR_EL2.TDE = 0'),
  toEl2: rule('A software step exception goes to EL2, because MDCR_EL2.TDE = 1 routes debug exceptions there.', 'MDCR_EL2.TDE = 1'),
  general: rule('A software step exception goes to EL2, because HCR_EL2.TGE = 1 routes all exceptions there.', 'HCR_EL2.TGE = 1'),
} as const;

/** Takes the exception where `softwareStep` says `pending`. */
export function takeSoftwareStep(cpu: CpuState, environment: Environment): void {
  const target = debugTarget(cpu);
  const at = cpuLayout.stepSyndrome >> 2;
  const iss = cpu.u32[at] | 0x22;
  cpu.u32[at] = 0;
  const exceptionClass = cpu.el === target ? exceptionClasses.stepSame : exceptionClasses.stepLower;
  const rule = target === 1 ? stepRules.toEl1 : cpu.low('HCR_EL2') & HCR.TGE ? stepRules.general : stepRules.toEl2;
  takeException(cpu, environment, { type: 'Step', target, rule, esr: syndrome(exceptionClass, iss) });
}

/** `DebugExceptionReturnSS`: what PSTATE.SS becomes by an exception return to level `to` with this SPSR. To be called before it. */
export function stepAfterReturn(cpu: CpuState, to: ExceptionLevel, spsr: number): 0 | 1 {
  if (!(cpu.low('MDSCR_EL1') & MDSCR.SS)) return 0;
  const atSource = debugExceptionsFrom(cpu, cpu.el, (cpu.daif & D) !== 0);
  const atTarget = debugExceptionsFrom(cpu, to, (spsr & (1 << 9)) !== 0);
  return !atSource && atTarget ? (((spsr >>> 21) & 1) as 0 | 1) : 0;
}

const enables: readonly StoredRegister[] = [
  ...([0, 1, 2, 3, 4, 5] as const).map((n) => `DBGBCR${n}_EL1` as const),
  ...([0, 1, 2, 3] as const).map((n) => `DBGWCR${n}_EL1` as const),
];

/** Throws NotBuilt where a breakpoint or watchpoint has just become able to fire. */
export function refuseBreakpoints(cpu: CpuState): void {
  if (!(cpu.low('MDSCR_EL1') & MDSCR.MDE) || cpu.low('OSLSR_EL1') & OSLSR_OSLK) return;
  const enabled = enables.find((name) => cpu.low(name) & 1);
  if (enabled)
    throw new NotBuilt(`${enabled.startsWith('DBGB') ? 'breakpoint' : 'watchpoint'} exceptions (${enabled}.E = 1 with MDSCR_EL1.MDE = 1)`);
}
