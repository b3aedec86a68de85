/** Where the fields that the machine looks at lie: masks by register and field, computed once from the table of fields. */
import { idPfr1El1 } from './fields/aarch32-identification.ts';
import { cpacrEl1, cptrEl2, mdcrEl2, sctlrEl1, sctlrEl2 } from './fields/control.ts';
import { dbgbcr, dbgbvrOfContext, dbgwcr, mdscrEl1, osdlrEl1, oslarEl1, oslsrEl1 } from './fields/debug.ts';
import { currentEl, daif, fpcr, fpsr, hpfarEl2, isrEl1, nzcv, spSel, spsr, vbar } from './fields/exception.ts';
import { bitsOf, highBitsOf, wideBitsOf } from './fields/field.ts';
import { iccCtlrEl1, iccSgi, ichHcrEl2, ichLrEl2All, ichMisrEl2, ichVmcrEl2 } from './fields/gic.ts';
import { hcrEl2 } from './fields/hcr.ts';
import { ccsidrEl1, csselrEl1, dczidEl0, idAa64pfr0El1 } from './fields/identification.ts';
import { tcrEl1, tcrEl2, ttbrEl1, vtcrEl2, vttbrEl2 } from './fields/memory.ts';
import { counterSet, pmcrEl0, pmevtyper, pmselrEl0, pmuserenrEl0 } from './fields/pmu.ts';
import { cnthctlEl2, cntkctlEl1, timerControl } from './fields/timers.ts';

export { compares } from './fields/debug.ts';
export { ESR } from './fields/esr.ts';
export { ISS_DATA, ISS_IMMEDIATE, ISS_STEP, ISS_SYSTEM, ISS_WAITING, systemAccessName } from './fields/iss.ts';
export { PAR_FAILED, PAR_RES1, PAR_SUCCEEDED, PAR_SUCCEEDED_WIDE, TSZ } from './fields/memory.ts';
export { allOf, shiftOf, valueAt, valueIn, wideValueAt, wideValueIn } from './fields/field.ts';

export const SCTLR_EL1 = bitsOf(sctlrEl1);
export const SCTLR_EL2 = bitsOf(sctlrEl2);
export const CPACR_EL1 = bitsOf(cpacrEl1);
export const HCR_EL2 = bitsOf(hcrEl2);
export const HCR_EL2_HIGH = highBitsOf(hcrEl2);
export const CPTR_EL2 = bitsOf(cptrEl2);
export const MDCR_EL2 = bitsOf(mdcrEl2);

export const SPSR = bitsOf(spsr);
export const DAIF = bitsOf(daif);
export const NZCV = bitsOf(nzcv);
export const CurrentEL = bitsOf(currentEl);
export const SPSel = bitsOf(spSel);
/** VBAR_ELx and HPFAR_EL2, whose fields lie in both halves. */
export const VBAR = wideBitsOf(vbar);
export const HPFAR_EL2 = wideBitsOf(hpfarEl2);
export const ISR_EL1 = bitsOf(isrEl1);
export const FPCR = bitsOf(fpcr);
export const FPSR = bitsOf(fpsr);

export const TCR_EL1 = bitsOf(tcrEl1);
export const TCR_EL1_HIGH = highBitsOf(tcrEl1);
export const TCR_EL2 = bitsOf(tcrEl2);
export const VTCR_EL2 = bitsOf(vtcrEl2);
export const TTBR_EL1_HIGH = highBitsOf(ttbrEl1);
export const VTTBR_EL2_HIGH = highBitsOf(vttbrEl2);
/** TTBR<n>_ELx and VTTBR_EL2: BADDR, which lies in both halves. */
export const { BADDR } = wideBitsOf(vttbrEl2);

export const MDSCR_EL1 = bitsOf(mdscrEl1);
export const OSLAR_EL1 = bitsOf(oslarEl1);
export const OSLSR_EL1 = bitsOf(oslsrEl1);
export const OSDLR_EL1 = bitsOf(osdlrEl1);
export const DBGBCR = bitsOf(dbgbcr);
export const DBGBVR_HIGH = highBitsOf(dbgbvrOfContext);
export const DBGWCR = bitsOf(dbgwcr);

export const CNTx_CTL = bitsOf(timerControl);
export const CNTKCTL_EL1 = bitsOf(cntkctlEl1);
export const CNTHCTL_EL2 = bitsOf(cnthctlEl2);

export const PMCR_EL0 = bitsOf(pmcrEl0);
export const PMSELR_EL0 = bitsOf(pmselrEl0);
export const PMUSERENR_EL0 = bitsOf(pmuserenrEl0);
/** PMCNTENSET_EL0 and its like. */
export const PM_COUNTERS = bitsOf(counterSet);
/** PMEVTYPER<n>_EL0, and PMCCFILTR_EL0, which has its filters. */
export const PMEVTYPER = bitsOf(pmevtyper);

export const CCSIDR_EL1 = bitsOf(ccsidrEl1);
export const CSSELR_EL1 = bitsOf(csselrEl1);
export const DCZID_EL0 = bitsOf(dczidEl0);
export const ID_AA64PFR0_EL1 = bitsOf(idAa64pfr0El1);
export const ID_PFR1_EL1 = bitsOf(idPfr1El1);

export const ICH_HCR_EL2 = bitsOf(ichHcrEl2);
export const ICH_VMCR_EL2 = bitsOf(ichVmcrEl2);
export const ICH_MISR_EL2 = bitsOf(ichMisrEl2);
/** All but the virtual INTID, which is the low half. */
export const ICH_LR_EL2_HIGH = highBitsOf(ichLrEl2All);
export const ICC_CTLR_EL1 = bitsOf(iccCtlrEl1);
/** ICC_SGI0R_EL1, ICC_SGI1R_EL1 and ICC_ASGI1R_EL1. */
export const ICC_SGI = bitsOf(iccSgi);
export const ICC_SGI_HIGH = highBitsOf(iccSgi);
