// Floating point on demand: as long as no guest has used it (CPTR_EL2.TFP = 1), its registers need not be switched.
#include "common/arm.h"
#include "common/print.h"
#include "common/sysreg.h"
#include "el2/trap.h"

bool handle_floating_point(struct context *context, u64 esr) {
    (void)context, (void)esr;
    printf("[EL2] first use of floating point by this guest: CPTR_EL2.TFP = 0\n");
    write_sysreg(cptr_el2, read_sysreg(cptr_el2) & ~CPTR_EL2_TFP);
    return true; // ELR_EL2 is the instruction itself: it runs again, and this time it may
}
