/** The state after reset (Arm ARM D1.3.3): highest level, its own stack pointer, everything masked. */
import { VA } from '../base/addresses.ts';
import { cpuLayout } from './layout.ts';
import { HCR_EL2 } from './registers/bits.ts';
import { systemRegisterTable } from './registers/index.ts';
import type { CpuState } from './state.ts';

export interface ResetOptions {
  /** Without EL2 execution starts at EL1. */
  readonly hasEl2?: boolean;
  /** Where execution starts, with the MMU off. */
  readonly entry?: VA;
  /** Which CPU it is, by default the first: its affinity is 0.0.0.index. */
  readonly index?: number;
}

/** Sets every register of the CPU to its reset value; general and vector registers to 0, where they are UNKNOWN. */
export function resetCpu(cpu: CpuState, { hasEl2 = true, entry = VA(0n), index = 0 }: ResetOptions = {}): void {
  cpu.bytes.fill(0);
  cpu.hasEl2 = hasEl2;
  for (const { stored, reset } of systemRegisterTable) if (stored) cpu.set(stored, reset);
  for (const name of ['MPIDR_EL1', 'VMPIDR_EL2'] as const) cpu.set(name, cpu.get(name) | BigInt(index));
  // EL1 behaves as below an EL2 that keeps out of the way.
  if (!hasEl2) cpu.setHalves('HCR_EL2', HCR_EL2.RW >>> 0, 0);
  cpu.u32[cpuLayout.el >> 2] = hasEl2 ? 2 : 1;
  cpu.u32[cpuLayout.spsel >> 2] = 1;
  cpu.daif = 15;
  cpu.nzcv = 0;
  cpu.pc = entry;
}
