/** SPSR_ELx: PSTATE packed and unpacked (Arm ARM D17.2.144 and `GetPSRFromPSTATE`, J1.3). */
import type { CpuState } from './state.ts';

export const SPSR = { SS: 1 << 21, IL: 1 << 20, M4: 1 << 4 } as const;

/** PSTATE as SPSR_ELx saves it, unsigned 32 bits. */
export const packSpsr = (cpu: CpuState): number =>
  ((cpu.nzcv << 28) | (cpu.ss << 21) | (cpu.il << 20) | (cpu.daif << 6) | (cpu.el << 2) | cpu.spsel) >>> 0;

const aarch32Modes: Readonly<Record<number, string>> = {
  0x10: 'AArch32 User',
  0x11: 'AArch32 FIQ',
  0x12: 'AArch32 IRQ',
  0x13: 'AArch32 Supervisor',
  0x16: 'AArch32 Monitor',
  0x17: 'AArch32 Abort',
  0x1a: 'AArch32 Hyp',
  0x1b: 'AArch32 Undefined',
  0x1f: 'AArch32 System',
};
const aarch64Modes: Readonly<Record<number, string>> = {
  0x0: 'EL0t',
  0x4: 'EL1t',
  0x5: 'EL1h',
  0x8: 'EL2t',
  0x9: 'EL2h',
  0xc: 'EL3t',
  0xd: 'EL3h',
};

/** Name of SPSR_ELx.M<4:0>: `EL1h`, `AArch32 Supervisor`; "reserved" for values without meaning. */
export const modeName = (mode: number): string => (mode & 0x10 ? aarch32Modes : aarch64Modes)[mode & 0x1f] ?? 'reserved';
