// Two MMUs of one stage each: EL2's own, and the guest's. No stage 2, so what the guest calls a PA is one.
#include "common/print.h"
#include "common/sysreg.h"
#include "common/uart.h"
#include "el2/main.h"
#include "el2/stage1.h"
#include "el2/trap.h"
#include "el2/vcpu.h"

const struct trap_table traps = {.sync = {[EC_HVC64] = handle_hypercall}};

u64 main(void) {
    uart_init();
    printf("[EL2] MMU off: SCTLR_EL2 = 0x%08lx, all memory is Device, addresses are physical\n", read_sysreg(sctlr_el2));
    el2_mmu_on();
    printf("[EL2] MMU on:  SCTLR_EL2 = 0x%08lx, TTBR0_EL2 = 0x%010lx, TCR_EL2 = 0x%08lx\n", read_sysreg(sctlr_el2), read_sysreg(ttbr0_el2),
           read_sysreg(tcr_el2));
    vcpu_reset();
    return 0;
}
