/** Where the PC goes: `AArch64.BranchAddr` (Arm ARM D8.10 "Address tagging"), which removes the tag where top bytes are ignored. */
import { TCR_EL1_HIGH, TCR_EL2 } from './registers/bits.ts';
import type { CpuState } from './state.ts';

/** Sets pc to an address as the current exception level sees it. */
export const branchTo = (cpu: CpuState, low: number, high: number): void => cpu.setPcHalves(low, branchHigh(cpu, cpu.el, high));

/** The upper half of the address that a branch at level `el` goes to; the lower one stays as it is. */
export function branchHigh(cpu: CpuState, el: number, high: number): number {
  const top = high >>> 24;
  const isUpper = (high & 0x0080_0000) !== 0;
  // Nothing to remove: the usual case.
  if (top === (isUpper ? 0xff : 0) && !(isUpper && el === 2)) return high;
  if (el === 2) return cpu.low('TCR_EL2') & TCR_EL2.TBI ? high & 0x00ff_ffff : high;
  const ignored = cpu.high('TCR_EL1') & (isUpper ? TCR_EL1_HIGH.TBI1 : TCR_EL1_HIGH.TBI0);
  return ignored ? (isUpper ? high | 0xff00_0000 : high & 0x00ff_ffff) >>> 0 : high;
}
