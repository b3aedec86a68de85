// P27: "How do I make the tables of stage 2?" By copying those of stage 1, they allow nothing.
// After https://github.com/ashwio/arm64-pgtable-tool/issues/6
// In stage 1 the bits 7 and 6 are AP, and 0b00 lets EL1 read and write. In stage 2 they are S2AP, and 0b00 lets nobody (Arm ARM D8.4).
#include "labs/lab.h"
#include "labs/tables.h"

#ifdef REPAIRED
#define ACCESS S2AP_READ_WRITE
#else
#define ACCESS 0    // as for EL1
#endif

    level1_table stage2
    .quad   BLOCK + S2_DEVICE + ACCESS + XN + AF
    .quad   BLOCK + S2_NORMAL + ACCESS + INNER_SHAREABLE + AF + 0x40000000
    .quad   0, 0

function main
    print   "EL2: going down to EL1, with stage 2"
    ldr     x0, =stage2
    bl      stage2_on
    ldr     x0, =HCR_EL2_RW | HCR_EL2_VM
    msr     hcr_el2, x0
    b       enter_el1
end main

function el1_main
    print   "EL1: here"
    b       power_off
end el1_main
