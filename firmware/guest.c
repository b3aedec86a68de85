// The guest of hypervisor.elf: a small kernel at EL1 that shows what it can and cannot do, and then takes commands.
#include "common/hypercalls.h"
#include "common/print.h"
#include "common/sysreg.h"
#include "common/uart.h"
#include "guest/guest.h"
#include "guest/main.h"
#include "guest/shell.h"
#include "layout.h"
#include "user/user.h"

static void speak_to_the_hypervisor(void) {
    printf("[EL1] HVC: hypervisor version 0x%08lx\n", (u64)hypercall(HV_VERSION, 0));
    hypercall(HV_PUTS, (u64) "[EL1] HVC: this line was printed by EL2, from a string in guest memory\r\n");
    printf("[EL1] SMC: PSCI version 0x%08lx, answered by EL2 (HCR_EL2.TSC)\n", (u64)firmware_call(PSCI_VERSION, 0));
    printf("[EL1] MRS: ID_AA64PFR0_EL1 = 0x%016lx, without EL2 (HCR_EL2.TID3)\n", read_sysreg(id_aa64pfr0_el1));
}

static void use_memory(void) {
    guest_mmu_on();
    printf("[EL1] stage 1 of the guest is on: VA 0x%016lx -> IPA 0x%010lx\n", (u64)WINDOW_VA, (u64)GUEST_IPA + GUEST_DATA_OFFSET);
    volatile u64 *window = (volatile u64 *)WINDOW_VA;
    volatile u64 *same_page = (volatile u64 *)(GUEST_IPA + GUEST_DATA_OFFSET);
    *window = 0x1234;
    printf("[EL1] written through the window: 0x%lx, read back at the other address: 0x%lx\n", *window, *same_page);

    volatile u64 *lazy = (volatile u64 *)LAZY_IPA;
    *lazy = 42;
    printf("[EL1] a page that nobody had mapped holds %lu now\n", *lazy);
}

static void run_a_program_at_el0(void) {
    s64 code = run_user((u64)user_main, USER_VA + USER_STACK_OFFSET + PAGE_SIZE);
    printf("[EL1] the EL0 program has exited with %lu\n", (u64)code);
}

static void take_a_tick(void) {
    guest_interrupts_on();
    u32 seen = interrupts_seen(INTID_TICK);
    hypercall(HV_TICK_LR, read_sysreg(cntfrq_el0) / 1000); // in a millisecond
    printf("[EL1] WFI until the hypervisor's tick\n");
    wait_for_interrupt(INTID_TICK, seen);
    printf("[EL1] virtual interrupt %u taken\n", INTID_TICK);
}

static void use_an_emulated_device(void) {
    volatile u32 *real = uart;
    uart = (volatile u32 *)EMULATED_UART_IPA;
    printf("[EL1] each character of this line was a trap\n");
    uart = real;
}

void guest_main(void) {
    guest_vectors_on();
    printf("[EL1] guest_main: CurrentEL = EL%u, this line goes straight to the PL011\n", (u32)read_sysreg(CurrentEL) >> 2);
    speak_to_the_hypervisor();
    use_memory();
    use_an_emulated_device();
    run_a_program_at_el0();
    take_a_tick();
    shell();
}
