// P24: EL2's own table in the format of stage 2.
// After https://github.com/seL4/microkit/pull/495 and https://github.com/seL4/seL4/pull/1668
// EL2's own translation is a stage 1. What stage 2 calls S2AP = 0b11, read and write, is AP[2] = 1 there, read-only
// (Arm ARM D8.3, D8.4).
#include "labs/lab.h"
#include "labs/tables.h"

    level1_table level1
#ifdef REPAIRED
    .quad   DEVICE_BLOCK
    .quad   NORMAL_BLOCK + 0x40000000
#else
    .quad   S2_DEVICE_BLOCK
    .quad   S2_NORMAL_BLOCK + 0x40000000
#endif
    .quad   0, 0

function main
    print   "EL2: switching the MMU on"
    ldr     x0, =level1
    bl      mmu_on
    print   "EL2: the MMU is on"
    b       power_off
end main
