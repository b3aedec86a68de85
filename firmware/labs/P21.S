// P21: the table is right in memory, and the walk reads something else.
// After https://github.com/littlekernel/lk/pull/315, https://github.com/syswonder/hvisor/pull/263 and
// https://github.com/AsahiLinux/m1n1/pull/613
// With the caches off the stores go to memory, past any line that a cache still holds of that address, and walks read through the
// cache (TCR_EL2.IRGN0, ORGN0): what is left there must be invalidated (Arm ARM D7, "Cache support"). QEMU has no caches, so the program
// works there.
#include "labs/lab.h"
#include "labs/tables.h"

    .bss
    .balign 64
level1:
    .skip   64                      // four entries in a cache line of their own

function main
    print   "EL2: switching the MMU on"
    ldr     x0, =level1
    ldr     x1, =DEVICE_BLOCK
    ldr     x2, =NORMAL_BLOCK + 0x40000000
    stp     x1, x2, [x0]
    dsb     sy
#ifdef REPAIRED
    dc      ivac, x0
    dsb     sy
#endif
    bl      mmu_on
    print   "EL2: the MMU is on"
    b       power_off
end main
