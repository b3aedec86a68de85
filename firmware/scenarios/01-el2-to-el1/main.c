// From EL2 to EL1 and nothing else: no MMU, no stage 2. HCR_EL2 has RW alone.
#include "common/print.h"
#include "common/sysreg.h"
#include "common/uart.h"
#include "el2/main.h"
#include "el2/trap.h"
#include "el2/vcpu.h"

const struct trap_table traps = {.sync = {[EC_HVC64] = handle_hypercall}};

u64 main(void) {
    uart_init();
    printf("[EL2] CurrentEL = EL%u; next: enter_el1, six steps\n", (u32)read_sysreg(CurrentEL) >> 2);
    vcpu_reset();
    return 0;
}
