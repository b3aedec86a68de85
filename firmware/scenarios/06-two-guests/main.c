// Two guests on one core: two VMIDs, the same addresses, different memory. WFI hands the core to the other one.
#include "common/arm.h"
#include "common/cache.h"
#include "common/hypercalls.h"
#include "common/print.h"
#include "common/sysreg.h"
#include "common/uart.h"
#include "el2/guest_memory.h"
#include "el2/main.h"
#include "el2/power.h"
#include "el2/stage1.h"
#include "el2/trap.h"
#include "el2/vcpu.h"
#include "layout.h"

DEFINE_PAGE_TABLES(stage2_of_1, 8);
DEFINE_PAGE_TABLES(stage2_of_2, 8);

static struct vcpu vcpus[] = {{.vmid = 1, .stage2 = &stage2_of_1}, {.vmid = 2, .stage2 = &stage2_of_2}};
static u32 running; // index into vcpus

// Round robin: the next guest that has not finished, which may be the same one.
static void run_next(struct context *context) {
    u32 next = running;
    do {
        next = (next + 1) % ARRAY_SIZE(vcpus);
    } while (vcpus[next].finished && next != running);
    if (vcpus[next].finished) {
        printf("[EL2] both guests have finished; PSCI SYSTEM_OFF\n");
        power_off();
    }
    if (next == running)
        return;
    printf("[EL2] world switch: VMID %u -> VMID %u\n", vcpus[running].vmid, vcpus[next].vmid);
    vcpu_switch(context, &vcpus[running], &vcpus[next]);
    running = next;
}

static bool wait_is_yield(struct context *context, u64 esr) {
    (void)esr;
    skip_instruction(context);
    run_next(context);
    return true;
}

static bool exit_ends_one_guest(struct context *context, u64 esr) {
    if ((u32)context->x[0] != HV_EXIT)
        return handle_hypercall(context, esr);
    printf("[EL2] VMID %u has finished\n", vcpus[running].vmid);
    vcpus[running].finished = true;
    run_next(context);
    return true;
}

const struct trap_table traps = {
    .sync = {
        [EC_HVC64] = exit_ends_one_guest,
        [EC_WFX] = wait_is_yield,
        [EC_DATA_ABORT_LOWER] = handle_data_abort,
    },
};

extern char _guest_start[], _guest_image_end[]; // from link.ld: IPAs

static void give_memory(struct page_tables *stage2, u64 pa) {
    map_guest_memory(stage2, pa);
    stage2_map(stage2, UART_PA, UART_PA, PAGE_SIZE, S2_DEVICE);
}

u64 main(void) {
    uart_init();
    el2_mmu_on();

    // The second guest is a copy of the first, made before either has run. It will start with its caches off, so the copy has
    // to be in memory.
    u64 image_size = (u64)(_guest_image_end - _guest_start);
    for (u64 offset = 0; offset < image_size; offset += sizeof(u64))
        *(volatile u64 *)(GUEST2_PA + offset) = *(volatile u64 *)(GUEST_PA + offset);
    clean_code(GUEST2_PA, image_size);

    give_memory(&stage2_of_1, GUEST_PA);
    give_memory(&stage2_of_2, GUEST2_PA);
    printf("[EL2] VMID 1: IPA 0x%08x -> PA 0x%08x; VMID 2: the same IPA -> PA 0x%08x\n", GUEST_IPA, GUEST_PA, GUEST2_PA);

    vcpu_reset();
    vcpu_create(&vcpus[1]);
    write_sysreg(vmpidr_el2, read_sysreg(mpidr_el1)); // the first guest's, which enter_el1 starts
    stage2_use(&stage2_of_2, 2);
    stage2_use(&stage2_of_1, 1);
    return HCR_EL2_VM | HCR_EL2_TWI;
}
