/** The byte order of data accesses (Arm ARM B2.6.2; `BigEndian`, J1.1.2). Instructions are little-endian always. */
import { systemOffset } from './layout.ts';
import { SCTLR_EL1, SCTLR_EL2 } from './registers/bits.ts';
import type { CpuState } from './state.ts';

const sctlr1 = systemOffset('SCTLR_EL1') >> 2;
const sctlr2 = systemOffset('SCTLR_EL2') >> 2;

/**
 * Whether data accesses at the present level are big-endian: SCTLR_EL1.E0E at EL0, SCTLR_ELx.EE above. LDTR and STTR at EL1 too follow the
 * level that executes them: SCTLR_EL1.E0E has no effect on them (D17.2.118).
 */
export const bigEndian = ({ el, u32 }: CpuState): boolean =>
  (el === 0 ? u32[sctlr1] & SCTLR_EL1.E0E : el === 1 ? u32[sctlr1] & SCTLR_EL1.EE : u32[sctlr2] & SCTLR_EL2.EE) !== 0;
