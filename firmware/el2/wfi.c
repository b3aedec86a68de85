// WFI, trapped by HCR_EL2.TWI: the guest has nothing to do until an interrupt. The core is EL2's to give to someone else; with
// a single guest EL2 waits in its place.
#include "common/sysreg.h"
#include "el2/trap.h"

bool handle_wfi(struct context *context, u64 esr) {
    (void)esr;
    // IRQs are masked at EL2, but a pending one ends WFI all the same. It is taken after the return to the guest.
    wfi();
    skip_instruction(context);
    return true;
}
