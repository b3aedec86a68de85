// The hypervisor: everything in one run. EL2 turns its MMU on, gives the guest a machine of its own, and starts it.
#include "common/arm.h"
#include "common/print.h"
#include "common/sysreg.h"
#include "common/uart.h"
#include "el2/gic.h"
#include "el2/guest_memory.h"
#include "el2/main.h"
#include "el2/stage1.h"
#include "el2/stage2.h"
#include "el2/trap.h"
#include "el2/vcpu.h"
#include "layout.h"

const struct trap_table traps = {
    .sync = {
        [EC_HVC64] = handle_hypercall,
        [EC_SMC64] = handle_smc,
        [EC_WFX] = handle_wfi,
        [EC_SYSREG] = handle_system_register,
        [EC_DATA_ABORT_LOWER] = handle_data_abort,
    },
    .irq = handle_interrupt,
};

#define VMID 1

DEFINE_PAGE_TABLES(guest_stage2, 8);

u64 main(void) {
    uart_init();
    printf("\n[EL2] ELscope hypervisor, CurrentEL = EL%u\n", (u32)read_sysreg(CurrentEL) >> 2);

    el2_mmu_on();
    printf("[EL2] stage 1 of EL2 is on: VA = PA, code is read-only, data never executes\n");

    map_guest_memory(&guest_stage2, GUEST_PA);
    stage2_map(&guest_stage2, UART_PA, UART_PA, PAGE_SIZE, S2_DEVICE); // the guest may use the real UART directly
    stage2_map(&guest_stage2, GICC_PA, GICV_PA, GICC_SIZE, S2_DEVICE); // where it expects GICC it finds GICV
    stage2_use(&guest_stage2, VMID);
    printf("[EL2] stage 2 for VMID %u: guest memory IPA 0x%010lx -> PA 0x%010lx\n", VMID, (u64)GUEST_IPA, (u64)GUEST_PA);

    gic_on();
    gic_enable(INTID_EL2_TIMER);
    gic_enable(INTID_MAINTENANCE);
    gic_enable(INTID_UART);

    vcpu_reset();
    printf("[EL2] entering EL1 by ERET, six steps\n");
    return HCR_EL2_VM | HCR_EL2_TSC | HCR_EL2_TWI | HCR_EL2_TID3 | HCR_EL2_IMO;
}
