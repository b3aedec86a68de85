// Stage 2: the guest's "physical" memory is what EL2's tables make of it.
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

const struct trap_table traps = {
    .sync = {
        [EC_HVC64] = handle_hypercall,
        [EC_DATA_ABORT_LOWER] = handle_data_abort,
    },
};

DEFINE_PAGE_TABLES(guest_stage2, 8);

u64 main(void) {
    uart_init();
    el2_mmu_on();
    map_guest_memory(&guest_stage2, GUEST_PA);
    stage2_map(&guest_stage2, UART_PA, UART_PA, PAGE_SIZE, S2_DEVICE);
    stage2_use(&guest_stage2, 1);
    printf("[EL2] VTTBR_EL2 = 0x%016lx (VMID 1), VTCR_EL2 = 0x%08lx\n", read_sysreg(vttbr_el2), read_sysreg(vtcr_el2));
    printf("[EL2] IPA 0x%010lx -> PA 0x%010lx, %u KiB\n", (u64)GUEST_IPA, (u64)GUEST_PA, GUEST_SIZE / 1024);
    vcpu_reset();
    return HCR_EL2_VM;
}
