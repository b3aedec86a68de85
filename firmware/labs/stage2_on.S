// Prepares stage 2 with the table at x0, for VMID 0. With HCR_EL2.VM it is on.
#include "labs/lab.h"
#include "labs/tables.h"

function stage2_on
    msr     vttbr_el2, x0
    ldr     x1, =VTCR_EL2_32_BITS
    msr     vtcr_el2, x1
    isb
    tlbi    vmalls12e1
    dsb     nsh
    isb
    ret
end stage2_on
