// P16: no ISB between the registers of the MMU and the MMU.
// After https://github.com/SerenityOS/serenity/pull/25557
// A write of a system register takes effect for translation at the next context synchronization event at the latest, and in any order
// before it (Arm ARM D17.1.2): a processor may switch the MMU on while TTBR0_EL2 and TCR_EL2 still have their old values.
// QEMU does everything in order, so the program works there.
#include "labs/lab.h"
#include "labs/tables.h"

    level1_table level1
    .quad   DEVICE_BLOCK
    .quad   NORMAL_BLOCK + 0x40000000
    .quad   0, 0

function main
    print   "EL2: switching the MMU on"
    tlbi    alle2
    dsb     nsh
    isb
    ldr     x0, =MAIR_NORMAL_0_DEVICE_1
    msr     mair_el2, x0
    ldr     x0, =TCR_EL2_32_BITS
    msr     tcr_el2, x0
    ldr     x0, =level1
    msr     ttbr0_el2, x0
#ifdef REPAIRED
    isb
#endif
    ldr     x0, =SCTLR_EL2_RES1 | SCTLR_M | SCTLR_C | SCTLR_I
    msr     sctlr_el2, x0
    isb
    print   "EL2: the MMU is on"
    b       power_off
end main
