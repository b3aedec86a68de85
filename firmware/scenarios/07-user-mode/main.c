// Three levels at work: an EL0 program, its kernel at EL1, and the hypervisor at EL2.
#include "common/arm.h"
#include "common/print.h"
#include "common/sysreg.h"
#include "common/uart.h"
#include "el2/guest_memory.h"
#include "el2/main.h"
#include "el2/stage1.h"
#include "el2/trap.h"
#include "el2/vcpu.h"
#include "layout.h"

static bool wait_for_nobody(struct context *context, u64 esr) {
    printf("[EL2] %s from EL%u (HCR_EL2.TWI): nobody else wants the core, so back to it\n", ESR_ISS(esr) & 1 ? "WFE" : "WFI",
           (u32)(context->spsr >> 2) & 3);
    skip_instruction(context);
    return true;
}

const struct trap_table traps = {
    .sync = {
        [EC_HVC64] = handle_hypercall,
        [EC_WFX] = wait_for_nobody,
        [EC_FP] = handle_floating_point,
    },
};

DEFINE_PAGE_TABLES(guest_stage2, 8);

u64 main(void) {
    uart_init();
    el2_mmu_on();
    map_guest_memory(&guest_stage2, GUEST_PA);
    stage2_map(&guest_stage2, UART_PA, UART_PA, PAGE_SIZE, S2_DEVICE);
    stage2_use(&guest_stage2, 1);

    vcpu_reset();
    write_sysreg(cptr_el2, CPTR_EL2_RES1 | CPTR_EL2_TFP);
    printf("[EL2] HCR_EL2.TWI and CPTR_EL2.TFP are set: WFI and floating point come to EL2\n");
    return HCR_EL2_VM | HCR_EL2_TWI;
}
