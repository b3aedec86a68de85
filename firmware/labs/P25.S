// P25: MemAttr of stage 2 taken for an index into MAIR.
// After https://github.com/seL4/seL4/pull/1668
// A stage 2 descriptor has the memory type itself in bits 5 to 2, and no MAIR: the 0 that means "attribute 0, Normal" in stage 1 is
// Device-nGnRnE (Arm ARM D8.5). With HCR_EL2.PTW = 1 the guest's page-table walk may not read its tables there.
#include "labs/lab.h"
#include "labs/tables.h"

    level1_table stage2
    .quad   S2_DEVICE_BLOCK
#ifdef REPAIRED
    .quad   S2_NORMAL_BLOCK + 0x40000000
#else
    .quad   BLOCK + ATTR(0) + S2AP_READ_WRITE + INNER_SHAREABLE + AF + 0x40000000
#endif
    .quad   0, 0

    level1_table el1_level1
    .quad   EL1_DEVICE_BLOCK
    .quad   EL1_NORMAL_BLOCK + 0x40000000
    .quad   0, 0

function main
    print   "EL2: going down to EL1, with stage 2"
    ldr     x0, =stage2
    bl      stage2_on
    ldr     x0, =HCR_EL2_RW | HCR_EL2_VM | HCR_EL2_PTW
    msr     hcr_el2, x0
    b       enter_el1
end main

function el1_main
    print   "EL1: switching the MMU on"
    ldr     x0, =el1_level1
    bl      el1_mmu_on
    print   "EL1: the MMU is on"
    b       power_off
end el1_main
