// SMC, trapped by HCR_EL2.TSC: the guest means to call the firmware (PSCI), and the hypervisor answers in its place.
#include "common/hypercalls.h"
#include "common/print.h"
#include "el2/power.h"
#include "el2/trap.h"

#define PSCI_VERSION_1_0 0x00010000

bool handle_smc(struct context *context, u64 esr) {
    (void)esr;
    switch ((u32)context->x[0]) {
    case PSCI_VERSION:
        context->x[0] = PSCI_VERSION_1_0;
        break;
    case PSCI_SYSTEM_OFF:
    case PSCI_SYSTEM_RESET:
        printf("[EL2] the guest asked PSCI to switch off: so does the hypervisor\n");
        power_off();
    default:
        context->x[0] = (u64)NOT_SUPPORTED;
    }
    // Unlike HVC, a trapped SMC has not been executed: ELR_EL2 points at it, and it would trap for ever.
    skip_instruction(context);
    return true;
}
