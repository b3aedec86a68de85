// P19: an alignment fault, although SCTLR_EL2.A is 0.
// After https://github.com/rsta2/circle/issues/388, https://github.com/zephyrproject-rtos/zephyr/issues/118671 and
// https://github.com/DavidSpickett/BadgerKernel/issues/25
// While the MMU is off all data is Device memory, and there every access must be aligned (Arm ARM D8.2, B2.9).
// QEMU 7.2 does not check that, so the program works there.
#include "labs/lab.h"
#include "labs/tables.h"

    level1_table level1
    .quad   DEVICE_BLOCK
    .quad   NORMAL_BLOCK + 0x40000000
    .quad   0, 0

    // A packed structure: its second member is not aligned.
packet:
    .byte   1
    .4byte  0x12345678

function main
#ifdef REPAIRED
    ldr     x0, =level1
    bl      mmu_on
#endif
    print   "EL2: the second member of the packet is"
    ldr     x1, =packet
    ldr     w0, [x1, #1]
    bl      put_hex
    b       power_off
end main
