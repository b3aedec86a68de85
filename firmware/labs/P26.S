// P26: the guest cannot execute its first instruction, because VTCR_EL2.SL0 does not fit T0SZ.
// After https://github.com/arceos-hypervisor/arm_vcpu/pull/31
// T0SZ = 29 is a 35-bit IPA, which takes 32 entries of level 1. To start at level 2 (SL0 = 0) there would have to be 32 concatenated
// tables, but there can be 16 at most: every access is a translation fault (Arm ARM D8.2).
#include "labs/lab.h"
#include "labs/tables.h"

#ifdef REPAIRED
#define SL0 1       // start at level 1
#else
#define SL0 0       // start at level 2
#endif
#define VTCR (0x80000000 | (PS_40_BITS << 16) | (3 << 12) | (1 << 10) | (1 << 8) | (SL0 << 6) | 29)

    .data
    .balign 256
stage2:
    .quad   S2_DEVICE_BLOCK
    .quad   S2_NORMAL_BLOCK + 0x40000000
    .fill   30, 8, 0

function main
    print   "EL2: going down to EL1, with stage 2"
    ldr     x0, =stage2
    msr     vttbr_el2, x0
    ldr     x0, =VTCR
    msr     vtcr_el2, x0
    isb
    tlbi    vmalls12e1
    dsb     nsh
    ldr     x0, =HCR_EL2_RW | HCR_EL2_VM
    msr     hcr_el2, x0
    b       enter_el1
end main

function el1_main
    print   "EL1: here"
    b       power_off
end el1_main
