/** SPSR_ELx.M<4:0>: the level and stack pointer, or the AArch32 mode, that PSTATE is saved from (Arm ARM D17.2.144). */

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
export const modeName = (mode: number): string => (isAArch32(mode) ? aarch32Modes : aarch64Modes)[mode & 0x1f] ?? 'reserved';

/** M<4>, the execution state. */
export const isAArch32 = (mode: number): boolean => (mode & 0x10) !== 0;
