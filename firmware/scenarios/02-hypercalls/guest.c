// The guest calls the hypervisor in every way it has.
#include "common/hypercalls.h"
#include "common/print.h"
#include "common/sysreg.h"
#include "guest/guest.h"
#include "guest/main.h"

static void calls_with_results(void) {
    printf("[EL1] SMCCC version 0x%lx\n", (u64)hypercall(SMCCC_VERSION, 0));
    printf("[EL1] hypervisor version 0x%lx\n", (u64)hypercall(HV_VERSION, 0));
    printf("[EL1] an id that nobody knows: 0x%lx\n", (u64)hypercall(0xc60000ff, 0));
}

static void calls_with_arguments(void) {
    for (const char *c = "[EL1] one call for each character\r\n"; *c; c++)
        hypercall(HV_PUTC, (u8)*c);
    hypercall(HV_PUTS, (u64) "[EL1] one call for the whole line: EL2 reads it from the guest's memory\r\n");
}

// The immediate is part of the instruction; EL2 finds it in ESR_EL2.ISS.
static void call_with_an_immediate(void) {
    register u64 x0 __asm__("x0") = HV_VERSION;
    __asm__ volatile("hvc #7" : "+r"(x0)::"memory");
}

static void calls_to_the_firmware(void) {
    printf("[EL1] SMC: PSCI version 0x%lx\n", (u64)firmware_call(PSCI_VERSION, 0));
    printf("[EL1] SMC: an id that PSCI does not know: 0x%lx\n", (u64)firmware_call(0x840000ff, 0));
    printf("[EL1] MRS ID_AA64PFR0_EL1: 0x%lx, ID_AA64MMFR0_EL1: 0x%lx\n", read_sysreg(id_aa64pfr0_el1), read_sysreg(id_aa64mmfr0_el1));
}

void guest_main(void) {
    guest_vectors_on();
    calls_with_results();
    calls_with_arguments();
    call_with_an_immediate();
    calls_to_the_firmware();
    firmware_call(PSCI_SYSTEM_OFF, 0);
    guest_exit();
}
