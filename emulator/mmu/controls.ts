/** The registers that both regimes depend on, kept apart from the CPU: the MMU of a guest that does not run now, or of another instant. */
import { CPU_BLOCK, systemOffset } from '../cpu/layout.ts';
import { CpuState } from '../cpu/state.ts';
import { Mmu } from './mmu.ts';
import type { PhysicalReader } from './physical.ts';

const registers = [
  'HCR_EL2',
  'VTTBR_EL2',
  'VTCR_EL2',
  'SCTLR_EL1',
  'TCR_EL1',
  'TTBR0_EL1',
  'TTBR1_EL1',
  'MAIR_EL1',
  'SCTLR_EL2',
  'TCR_EL2',
  'TTBR0_EL2',
  'MAIR_EL2',
] as const;
/** The words of the CPU's block that hold them. */
const words = registers.flatMap((name) => [systemOffset(name) >> 2, (systemOffset(name) >> 2) + 1]);

/** Values of all registers that control translation, as 32-bit halves. */
export type Controls = Uint32Array;

export const readControls = (cpu: CpuState): Controls => Uint32Array.from(words, (word) => cpu.u32[word]);

/** Whether a CPU has these values now; allocates nothing. */
export function hasControls(cpu: CpuState, controls: Controls): boolean {
  for (let i = 0; i < words.length; i++) if (cpu.u32[words[i]] !== controls[i]) return false;
  return true;
}

/** Sets and clears bits of the low half of a register. */
export function setControl(controls: Controls, name: (typeof registers)[number], set: number, clear: number): void {
  const i = 2 * registers.indexOf(name);
  controls[i] = (controls[i] | set) & ~clear;
}

/** An MMU with these registers over the memory as it is now. Its TLB is empty: it says what tables say, not what is cached. */
export function mmuWith(controls: Controls, memory: PhysicalReader): Mmu {
  const cpu = new CpuState(new ArrayBuffer(CPU_BLOCK));
  words.forEach((word, i) => (cpu.u32[word] = controls[i]));
  return new Mmu(cpu, memory);
}
