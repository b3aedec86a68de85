// Switches EL2's stage 1 on, with the table at x0.
#include "labs/lab.h"
#include "labs/tables.h"

function mmu_on
    msr     ttbr0_el2, x0
    ldr     x1, =TCR_EL2_32_BITS
    msr     tcr_el2, x1
    ldr     x1, =MAIR_NORMAL_0_DEVICE_1
    msr     mair_el2, x1
    isb
    tlbi    alle2
    dsb     nsh
    isb
    ldr     x1, =SCTLR_EL2_RES1 | SCTLR_M | SCTLR_C | SCTLR_I
    msr     sctlr_el2, x1
    isb
    ret
end mmu_on
