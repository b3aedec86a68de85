// P14: the processor hangs where the MMU is switched on.
// After https://stackoverflow.com/q/65844160,
// https://www.systemonchips.com/arm-cortex-a76-mmu-initialization-failure-during-bare-metal-kernel-boot and
// http://infocenter.arm.com/help/topic/com.arm.doc.den0024a/CIHCHDIF.html
// With SCTLR_EL2.M = 1 the next instruction is fetched through the tables: they must map the running code at its own address.
#include "labs/lab.h"
#include "labs/tables.h"

    // Four entries of 1 GiB. RAM is at 0x40000000, so its entry is the second.
    level1_table level1
#ifdef REPAIRED
    .quad   DEVICE_BLOCK
    .quad   NORMAL_BLOCK + 0x40000000
    .quad   0, 0
#else
    .quad   DEVICE_BLOCK
    .quad   0
    .quad   NORMAL_BLOCK + 0x40000000, 0
#endif

function main
    print   "EL2: switching the MMU on"
    ldr     x0, =level1
    bl      mmu_on
    print   "EL2: the MMU is on"
    b       power_off
end main
