// The guest's processor before its first instruction. Most EL1 registers are unknown after reset; a hypervisor has to
// choose, or the guest inherits whatever was there.
#include "el2/vcpu.h"
#include "common/arm.h"
#include "common/sysreg.h"

void vcpu_reset(void) {
    write_sysreg(sctlr_el1, SCTLR_EL1_RES1); // MMU and caches off
    write_sysreg(cpacr_el1, 0);              // floating point traps to EL1 until the guest's kernel allows it

    // What the guest reads in MIDR_EL1 and MPIDR_EL1: here the truth, but a hypervisor may tell it another story.
    write_sysreg(vpidr_el2, read_sysreg(midr_el1));
    write_sysreg(vmpidr_el2, read_sysreg(mpidr_el1));

    write_sysreg(cptr_el2, CPTR_EL2_RES1); // floating point does not trap to EL2
    write_sysreg(hstr_el2, 0);             // no AArch32 coprocessor traps
    write_sysreg(mdcr_el2, read_sysreg(mdcr_el2) & 0x1f); // no debug or PMU traps; HPMN keeps its reset value

    // The guest may read the physical counter and use the EL1 timers; its virtual counter has no offset.
    write_sysreg(cnthctl_el2, CNTHCTL_EL2_EL1PCTEN | CNTHCTL_EL2_EL1PCEN);
    write_sysreg(cntvoff_el2, 0);
    isb();
}
