// The physical counter, trapped by CNTHCTL_EL2.EL1PCTEN = 0: the guest is to see time since its own start only, whichever of
// the two counters it reads.
#include "common/sysreg.h"
#include "el2/system_register.h"

#define CNTPCT_EL0 SYSREG(3u, 3u, 14u, 0u, 1u)

bool read_counter(u32 name, u64 *value) {
    if (name != CNTPCT_EL0)
        return false;
    isb(); // the counter is not to be read early
    *value = read_sysreg(cntpct_el0) - read_sysreg(cntvoff_el2);
    return true;
}
