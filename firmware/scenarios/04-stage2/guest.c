// The guest works with addresses that are not what they seem.
#include "common/hypercalls.h"
#include "common/print.h"
#include "common/sysreg.h"
#include "common/uart.h"
#include "guest/guest.h"
#include "guest/main.h"
#include "layout.h"

#define DATA_IPA (GUEST_IPA + GUEST_DATA_OFFSET)

static void permissions(void) {
    if (!try_write((u64)guest_main, 0))
        printf("[EL1] MMU off, so nothing of mine protects this code; and yet: ESR_EL1 0x%08lx\n", read_sysreg(esr_el1));
}

static void pages_on_demand(void) {
    for (u64 ipa = LAZY_IPA; ipa < LAZY_IPA + 3 * PAGE_SIZE; ipa += PAGE_SIZE)
        *(volatile u64 *)ipa = ipa;
    printf("[EL1] three pages written; the second holds 0x%lx\n", *(volatile u64 *)(LAZY_IPA + PAGE_SIZE));
}

static void a_device_that_is_not_there(void) {
    volatile u32 *real = uart;
    uart = (volatile u32 *)EMULATED_UART_IPA;
    printf("[EL1] a trap for each access\n");
    uart = real;

    // The syndrome describes simple loads and stores of any size. This one reads a byte of the flags.
    u64 flags;
    __asm__ volatile("ldrb %w0, [%1]" : "=r"(flags) : "r"((u64)EMULATED_UART_IPA + 0x18));
    printf("[EL1] LDRB: 0x%lx\n", flags);

    // It does not describe a pair: ISV = 0, and a hypervisor that does not decode instructions has to give up.
    u64 first = 0, second = 0;
    expect_abort();
    __asm__ volatile("ldp %w0, %w1, [%2]" : "+r"(first), "+r"(second) : "r"((u64)EMULATED_UART_IPA));
    if (abort_came())
        printf("[EL1] LDP: ESR_EL1 0x%08lx\n", read_sysreg(esr_el1));
}

static void watched_and_moved(void) {
    volatile u64 *data = (volatile u64 *)WINDOW_VA;
    *data = 1;
    hypercall(HV_LOG_WRITES, DATA_IPA);
    printf("[EL1] a read: %lu; written since: %lu\n", *data, (u64)hypercall(HV_WRITTEN, DATA_IPA));
    *data = 2;
    printf("[EL1] a write: %lu; written since: %lu\n", *data, (u64)hypercall(HV_WRITTEN, DATA_IPA));
    hypercall(HV_MOVE_PAGE, DATA_IPA);
    printf("[EL1] still %lu\n", *data);
}

void guest_main(void) {
    guest_vectors_on();
    permissions();
    guest_mmu_on();
    printf("[EL1] MMU on: three kinds of address now, VA 0x%016lx -> IPA 0x%010lx -> PA?\n", (u64)WINDOW_VA, (u64)DATA_IPA);
    pages_on_demand();
    watched_and_moved();
    a_device_that_is_not_there();
    guest_exit();
}
