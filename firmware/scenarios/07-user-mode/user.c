// The EL0 program tries what it may do, and what it may not.
#include "common/sysreg.h"
#include "layout.h"
#include "user/user.h"

void user_main(void) {
    print("[EL0] SVC: the kernel prints this\r\n");

    print("[EL0] reading the kernel's code:\r\n");
    (void)*(volatile u32 *)GUEST_IPA;

    print("[EL0] reading nothing at all:\r\n");
    (void)*(volatile u32 *)(USER_VA + PAGE_SIZE);

    print("[EL0] asking for the exception level:\r\n");
    (void)read_sysreg(CurrentEL);

    print("[EL0] waiting for an interrupt:\r\n");
    wfi();

    print("[EL0] using a floating-point register:\r\n");
    print(through_d0(1234) == 1234 ? "[EL0] it works\r\n" : "[EL0] it does not work\r\n");
    print(through_d0(5678) == 5678 ? "[EL0] and again, without a trap\r\n" : "[EL0] it does not work\r\n");

    if (system_call(SYS_PRINT, GUEST_IPA) < 0)
        print("[EL0] the kernel does not print for me what I may not read\r\n");
    exit(42);
}
