// ID registers, trapped by HCR_EL2.TID3: the guest learns only about the processor it is meant to have.
#include "common/sysreg.h"
#include "el2/system_register.h"

#define GROUP_3_MASK SYSREG(3u, 7u, 15u, 0u, 0u) // Op0 = 3, Op1 = 0, CRn = 0 ...
#define GROUP_3 SYSREG(3u, 0u, 0u, 0u, 0u)
#define CRM(name) (((name) >> 1) & 15) // ... and CRm = 1..7
#define PFR0_EL2 (0xful << 8)          // ID_AA64PFR0_EL1.EL2: which states EL2 supports

bool read_id_register(u32 name, u64 *value) {
    if ((name & GROUP_3_MASK) != GROUP_3 || CRM(name) < 1 || CRM(name) > 7)
        return false;
    switch (name) {
    case SYSREG(3u, 0u, 0u, 4u, 0u):
        *value = read_sysreg(id_aa64pfr0_el1) & ~PFR0_EL2; // "there is no EL2"
        break;
    case SYSREG(3u, 0u, 0u, 5u, 0u):
        *value = read_sysreg(id_aa64dfr0_el1);
        break;
    case SYSREG(3u, 0u, 0u, 6u, 0u):
        *value = read_sysreg(id_aa64isar0_el1);
        break;
    case SYSREG(3u, 0u, 0u, 7u, 0u):
        *value = read_sysreg(id_aa64mmfr0_el1);
        break;
    default:
        *value = 0; // the rest of the group reads as zero: no such feature
    }
    return true;
}
