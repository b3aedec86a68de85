// Switching the machine off: PSCI SYSTEM_OFF (Arm DEN 0022, 5.1.9), the firmware's job, called by SMC.
// EL2 is the highest level here, so on this board the emulator itself answers the SMC, as firmware at EL3 would.
#include "el2/power.h"
#include "common/hypercalls.h"
#include "common/print.h"
#include "common/types.h"

void power_off(void) {
    register u64 x0 __asm__("x0") = PSCI_SYSTEM_OFF;
    __asm__ volatile("smc #0" : "+r"(x0)::"memory");
    for (;;) // SYSTEM_OFF does not return; the compiler has to be told
        ;
}

void panic(const char *why) {
    printf("[EL2] %s: stopping\n", why);
    power_off();
}
