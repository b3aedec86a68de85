// Calls from EL1 up to EL2: HVC by design, SMC by trap. No MMU, no stage 2.
#include "common/arm.h"
#include "common/print.h"
#include "common/uart.h"
#include "el2/main.h"
#include "el2/trap.h"
#include "el2/vcpu.h"

const struct trap_table traps = {
    .sync = {
        [EC_HVC64] = handle_hypercall,
        [EC_SMC64] = handle_smc,
        [EC_SYSREG] = handle_system_register,
    },
};

u64 main(void) {
    uart_init();
    printf("[EL2] HVC always comes here; SMC (TSC) and ID registers (TID3) do because HCR_EL2 says so\n");
    vcpu_reset();
    return HCR_EL2_TSC | HCR_EL2_TID3;
}
