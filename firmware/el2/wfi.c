// WFI, trapped by HCR_EL2.TWI: the guest has nothing to do until an interrupt. The core is EL2's to give to someone else; with
// a single guest EL2 waits in its place.
#include "common/sysreg.h"
#include "el2/trap.h"

#define ISS_TI(esr) ((esr)&1) // 0: WFI, 1: WFE

bool handle_wfi(struct context *context, u64 esr) {
    (void)esr;
    skip_instruction(context);
    return true;
}
