/**
 * Why there is a maintenance interrupt: GICH_MISR (IHI 0048B section 5.3.5) and ICH_MISR_EL2 (IHI 0069), whose bits are the same. But for
 * EOI, each is let through by the bit of the same place in GICH_HCR or ICH_HCR_EL2.
 */
import { ICH_HCR_EL2 as HCR, ICH_MISR_EL2 as MISR } from '../../cpu/registers/bits.ts';

export interface ListedState {
  readonly hcr: number;
  /** Bit i: list register i is in use; is pending; has ended and asks to tell. */
  readonly used: number;
  readonly pending: number;
  readonly ended: number;
  /** The guest has the group enabled. */
  readonly group0: boolean;
  readonly group1: boolean;
}

export function maintenanceStatus({ hcr, used, pending, ended, group0, group1 }: ListedState): number {
  const atMostOne = (used & (used - 1)) === 0;
  const now =
    (atMostOne ? MISR.U : 0) |
    ((hcr & HCR.EOIcount) !== 0 ? MISR.LRENP : 0) |
    (pending === 0 ? MISR.NP : 0) |
    (group0 ? MISR.VGrp0E : MISR.VGrp0D) |
    (group1 ? MISR.VGrp1E : MISR.VGrp1D);
  return (hcr & now) | (ended !== 0 ? MISR.EOI : 0);
}
