// P22: a valid entry is replaced by another valid one, without break-before-make.
// After https://github.com/tianocore/edk2/issues/7057, https://github.com/OpenDevicePartnership/patina/pull/1794 and
// https://github.com/zephyrproject-rtos/zephyr/issues/115708
// Before a block becomes a table, or the other way round, the entry has to be invalid, and out of every TLB (Arm ARM D8.14, "Using
// break-before-make"): or a TLB may hold both, and the result is a TLB conflict or a mixture. QEMU has none of that, so the program
// works there.
#include "labs/lab.h"
#include "labs/tables.h"

#define WINDOW 0x80000000

    // RAM is seen twice: at 0x40000000, its own address, and at 0x80000000.
    level1_table level1
    .quad   DEVICE_BLOCK
    .quad   NORMAL_BLOCK + 0x40000000
    .quad   NORMAL_BLOCK + 0x40000000
    .quad   0

answer:
    .quad   0x42

    .bss
    .balign 0x1000
level2:                             // 512 entries of 2 MiB, from WINDOW on
    .skip   0x1000

function main
    ldr     x0, =level1
    bl      mmu_on
    ldr     x19, =answer + WINDOW - 0x40000000
    print   "EL2: through a block of 1 GiB"
    ldr     x0, [x19]
    bl      put_hex
    bl      split
    print   "EL2: through a block of 2 MiB"
    ldr     x0, [x19]
    bl      put_hex
    b       power_off
end main

// Leaves the first 2 MiB of the window.
function split
    ldr     x1, =level2
    ldr     x0, =NORMAL_BLOCK + 0x40000000
    str     x0, [x1]
    add     x1, x1, #TABLE
    ldr     x0, =level1 + 8 * (WINDOW >> 30)
    ldr     x2, =WINDOW >> 12
#ifdef REPAIRED
    str     xzr, [x0]
    dsb     ishst
    tlbi    vae2is, x2
    dsb     ish
    str     x1, [x0]
    dsb     ishst
#else
    dsb     ishst
    str     x1, [x0]
    dsb     ishst
    tlbi    vae2is, x2
    dsb     ish
#endif
    isb
    ret
end split
