// P30: the guest still sees the old memory.
// After https://github.com/genodelabs/genode/issues/3726, https://github.com/genodelabs/genode/issues/4527 and
// https://github.com/ARM-software/arm-trusted-firmware/pull/460
// The TLB keeps what it has read until it is invalidated: TLBI IPAS2E1 for what it holds of stage 2, TLBI VMALLE1 for what it holds of
// both stages as one (Arm ARM D8.13, D8.14).
#include "labs/lab.h"
#include "labs/tables.h"

#define BLOCK_IPA 0x40200000        // 2 MiB of the guest
#define FIRST_PA 0x40400000         // what is there at first
#define SECOND_PA 0x40600000        // and later
#define WORD 0x55000                // the word that is looked at, in each of them

    vector_table vectors, sync_lower=give_second

    level1_table stage2
    .quad   S2_DEVICE_BLOCK
    .quad   stage2_level2 + TABLE
    .quad   0, 0

    .bss
    .balign 0x1000
stage2_level2:                      // 512 entries of 2 MiB, from 0x40000000 on
    .skip   0x1000

function main
    print   "EL2: going down to EL1, with stage 2"
    ldr     x0, =FIRST_PA + WORD
    mov     x1, #1
    str     x1, [x0]
    ldr     x0, =SECOND_PA + WORD
    mov     x1, #2
    str     x1, [x0]

    ldr     x0, =stage2_level2
    ldr     x1, =S2_NORMAL_BLOCK + 0x40000000
    ldr     x2, =S2_NORMAL_BLOCK + FIRST_PA
    stp     x1, x2, [x0]
    bl      table_written
    ldr     x0, =stage2
    bl      stage2_on
    ldr     x0, =HCR_EL2_RW | HCR_EL2_VM
    msr     hcr_el2, x0
    b       enter_el1
end main

function el1_main
    print   "EL1: in my memory is"
    ldr     x19, =BLOCK_IPA + WORD
    ldr     x0, [x19]
    bl      put_hex
    hvc     #0
    print   "EL1: and now"
    ldr     x0, [x19]
    bl      put_hex
    b       power_off
end el1_main

// Gives the guest other memory at BLOCK_IPA.
function give_second
    save_registers
    ldr     x0, =stage2_level2 + 8
    ldr     x1, =S2_NORMAL_BLOCK + SECOND_PA
#ifdef REPAIRED
    str     xzr, [x0]
    dc      ivac, x0                // written with the caches off
    dsb     ish
    ldr     x2, =BLOCK_IPA >> 12
    tlbi    ipas2e1is, x2
    dsb     ish
    tlbi    vmalle1is
    dsb     ish
    isb
#endif
    str     x1, [x0]
    dc      ivac, x0
    dsb     ish
    restore_registers
    eret
end give_second
