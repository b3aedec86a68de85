// At EL1: switches its stage 1 on, with the table at x0.
#include "labs/lab.h"
#include "labs/tables.h"

function el1_mmu_on
    msr     ttbr0_el1, x0
    ldr     x1, =TCR_EL1_32_BITS
    msr     tcr_el1, x1
    ldr     x1, =MAIR_NORMAL_0_DEVICE_1
    msr     mair_el1, x1
    isb
    tlbi    vmalle1
    dsb     nsh
    isb
    ldr     x1, =SCTLR_EL1_RES1 | SCTLR_M | SCTLR_C | SCTLR_I
    msr     sctlr_el1, x1
    isb
    ret
end el1_mmu_on
