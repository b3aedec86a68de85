// The guest's processor before its first instruction. Most EL1 registers are unknown after reset; a hypervisor has to
// choose, or the guest inherits whatever was there.
#include "el2/vcpu.h"
#include "common/arm.h"
#include "common/sysreg.h"

#define MDCR_EL2_HPMN 0x1ful // how many event counters the guest has

void vcpu_reset(void) {
    write_sysreg(sctlr_el1, SCTLR_EL1_RES1); // MMU and caches off
    write_sysreg(cpacr_el1, 0);              // floating point traps to EL1 until the guest's kernel allows it

    // What the guest reads in MIDR_EL1 and MPIDR_EL1: here the truth, but a hypervisor may tell it another story.
    write_sysreg(vpidr_el2, read_sysreg(midr_el1));
    write_sysreg(vmpidr_el2, read_sysreg(mpidr_el1));

    write_sysreg(cptr_el2, CPTR_EL2_RES1);                           // floating point does not trap to EL2
    write_sysreg(hstr_el2, 0);                                       // no AArch32 coprocessor traps
    write_sysreg(mdcr_el2, read_sysreg(mdcr_el2) & MDCR_EL2_HPMN); // no debug or PMU traps

    // The virtual counter, CNTVCT = CNTPCT - CNTVOFF_EL2, starts now; the guest may use it, and its timer. The physical
    // counter and timer are EL2's: EL1 accesses trap.
    write_sysreg(cnthctl_el2, 0);
    write_sysreg(cntvoff_el2, read_sysreg(cntpct_el0));
    write_sysreg(cntv_ctl_el0, 0);
    isb();
}
