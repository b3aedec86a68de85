// P17: a fault on the first touch of a page that is mapped.
// After https://github.com/cloudius-systems/osv/issues/1131 and https://github.com/theseus-os/Theseus/pull/699
// A Cortex-A53 does not set the access flag by itself: a descriptor with AF = 0 gives an access flag fault (Arm ARM D8.4).
#include "labs/lab.h"
#include "labs/tables.h"

    // RAM is seen twice: at 0x40000000, its own address, and at 0x80000000.
    level1_table level1
    .quad   DEVICE_BLOCK
    .quad   NORMAL_BLOCK + 0x40000000
#ifdef REPAIRED
    .quad   NORMAL_BLOCK + 0x40000000
#else
    .quad   NORMAL_BLOCK - AF + 0x40000000
#endif
    .quad   0

answer:
    .quad   0x42

function main
    ldr     x0, =level1
    bl      mmu_on
    print   "EL2: the MMU is on; in the second window is"
    ldr     x0, =answer + 0x40000000
    ldr     x0, [x0]
    bl      put_hex
    b       power_off
end main
