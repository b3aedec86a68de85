// Interrupts for the guest: the physical ones come to EL2 (HCR_EL2.IMO), which passes on virtual ones.
#include "common/arm.h"
#include "common/print.h"
#include "common/uart.h"
#include "el2/gic.h"
#include "el2/guest_memory.h"
#include "el2/main.h"
#include "el2/stage1.h"
#include "el2/trap.h"
#include "el2/vcpu.h"
#include "layout.h"

const struct trap_table traps = {
    .sync = {
        [EC_HVC64] = handle_hypercall,
        [EC_WFX] = handle_wfi,
        [EC_SYSREG] = handle_system_register,
    },
    .irq = handle_interrupt,
};

DEFINE_PAGE_TABLES(guest_stage2, 8);

u64 main(void) {
    uart_init();
    el2_mmu_on();
    map_guest_memory(&guest_stage2, GUEST_PA);
    stage2_map(&guest_stage2, UART_PA, UART_PA, PAGE_SIZE, S2_DEVICE);
    stage2_map(&guest_stage2, GICC_PA, GICV_PA, GICC_SIZE, S2_DEVICE);
    stage2_use(&guest_stage2, 1);
    printf("[EL2] the guest's interrupt controller: IPA 0x%08x -> PA 0x%08x, the virtual CPU interface\n", GICC_PA, GICV_PA);

    gic_on();
    gic_enable(INTID_EL2_TIMER);
    gic_enable(INTID_VIRTUAL_TIMER);
    gic_enable(INTID_MAINTENANCE);

    vcpu_reset();
    return HCR_EL2_VM | HCR_EL2_IMO | HCR_EL2_TWI;
}
