// The guest: says hello, calls the hypervisor twice, and hands the machine back.
#include "common/hypercalls.h"
#include "common/print.h"
#include "common/sysreg.h"
#include "guest/guest.h"
#include "guest/main.h"

void guest_main(void) {
    guest_vectors_on();
    printf("[EL1] guest_main: CurrentEL = EL%u\n", (u32)read_sysreg(CurrentEL) >> 2);
    printf("[EL1] HVC: hypervisor version 0x%08lx\n", (u64)hypercall(HV_VERSION, 0));
    printf("[EL1] HVC: an id that nobody knows returns 0x%lx\n", (u64)hypercall(0xc60000ff, 0));
    guest_exit();
}
