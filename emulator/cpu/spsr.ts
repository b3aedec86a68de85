/** SPSR_ELx: PSTATE packed and unpacked (Arm ARM D17.2.144 and `GetPSRFromPSTATE`, J1.3). */
import { DAIF, NZCV, shiftOf, SPSR } from './registers/bits.ts';
import type { CpuState, ExceptionLevel } from './state.ts';

export { isAArch32, modeName } from './registers/fields/modes.ts';

const NZCV_SHIFT = shiftOf(SPSR.V);
const SS_SHIFT = shiftOf(SPSR.SS);
const IL_SHIFT = shiftOf(SPSR.IL);
const DAIF_SHIFT = shiftOf(SPSR.F);

/** N, Z, C, V and D, A, I, F as registers have them: NZCV, DAIF, SPSR_ELx. */
export const packNzcv = (nzcv: number): number => (nzcv << NZCV_SHIFT) >>> 0;
export const packDaif = (daif: number): number => daif << DAIF_SHIFT;

/** PSTATE as SPSR_ELx saves it, unsigned 32 bits. */
export const packSpsr = (cpu: CpuState): number =>
  ((cpu.nzcv << NZCV_SHIFT) | (cpu.ss << SS_SHIFT) | (cpu.il << IL_SHIFT) | (cpu.daif << DAIF_SHIFT) | (cpu.el << 2) | cpu.spsel) >>> 0;

/** The opposite, for who puts the CPU into a state: an AArch64 mode of a level that it has. */
export function unpackSpsr(cpu: CpuState, spsr: number): void {
  cpu.setLevel(((spsr >>> 2) & 3) as ExceptionLevel, (spsr & 1) as 0 | 1);
  cpu.nzcv = nzcvIn(spsr);
  cpu.daif = daifIn(spsr);
  cpu.ss = ((spsr >>> SS_SHIFT) & 1) as 0 | 1;
  cpu.il = ((spsr >>> IL_SHIFT) & 1) as 0 | 1;
}

/** N, Z, C, V of a saved PSTATE, and D, A, I, F, as the CPU keeps them: four bits each. */
export const nzcvIn = (spsr: number): number => (spsr >>> NZCV_SHIFT) & 15;
export const daifIn = (spsr: number): number => (spsr >>> DAIF_SHIFT) & 15;

/** PSTATE.N, Z, C and V in `cpu.nzcv`; D, A, I and F in `cpu.daif`. */
export const PSTATE = {
  N: nzcvIn(NZCV.N),
  Z: nzcvIn(NZCV.Z),
  C: nzcvIn(NZCV.C),
  V: nzcvIn(NZCV.V),
  D: daifIn(DAIF.D),
  A: daifIn(DAIF.A),
  I: daifIn(DAIF.I),
  F: daifIn(DAIF.F),
} as const;
