// P18: the UART goes silent when the MMU is switched on.
// After https://github.com/seL4/seL4_tools/pull/254, https://github.com/OP-TEE/optee_os/issues/960 and
// https://github.com/ARM-software/tf-issues/issues/560
// Devices are reached through the tables too: the PL011 at 0x09000000 needs an entry of its own.
#include "labs/lab.h"
#include "labs/tables.h"

    level1_table level1
#ifdef REPAIRED
    .quad   DEVICE_BLOCK
#else
    .quad   0
#endif
    .quad   NORMAL_BLOCK + 0x40000000
    .quad   0, 0

function main
    print   "EL2: switching the MMU on"
    ldr     x0, =level1
    bl      mmu_on
    print   "EL2: the MMU is on"
    b       power_off
end main
