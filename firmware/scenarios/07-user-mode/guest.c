// The kernel: gives an EL0 program an address space, and runs it.
#include "common/print.h"
#include "guest/guest.h"
#include "guest/main.h"
#include "layout.h"
#include "user/user.h"

extern char _user_ipa[]; // from link.ld

void guest_main(void) {
    guest_vectors_on();
    guest_mmu_on();
    printf("[EL1] EL0 program: VA 0x%lx -> IPA 0x%lx\n", (u64)USER_VA, (u64)_user_ipa);
    s64 code = run_user((u64)user_main, USER_VA + USER_STACK_OFFSET + PAGE_SIZE);
    printf("[EL1] back at EL1, the program's code is %lu\n", (u64)code);
    guest_exit();
}
