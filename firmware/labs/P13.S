// P13: the sum of 1 to 4 is 4.
// After https://github.com/ARM-software/tf-issues/issues/141
// A trap can come between any two instructions of the guest: the handler must leave every general-purpose register as it was.
#include "labs/lab.h"

    vector_table vectors, sync_lower=wait_trapped

function main
    print   "EL2: going down to EL1, which adds 1 to 4"
    ldr     x0, =HCR_EL2_RW | HCR_EL2_TWI
    msr     hcr_el2, x0
    b       enter_el1
end main

function el1_main
    mov     x1, #1
    mov     x2, #0                  // the sum
1:  add     x2, x2, x1
    wfi                             // HCR_EL2.TWI: traps
    add     x1, x1, #1
    cmp     x1, #4
    b.ls    1b
    mov     x19, x2
    print   "EL1: the sum is"
    mov     x0, x19
    bl      put_hex
    b       power_off
end el1_main

// Counts, and goes on behind the WFI.
function wait_trapped
    stp     x0, x1, [sp, #-16]!
#ifdef REPAIRED
    str     x2, [sp, #-16]!
#endif
    ldr     x0, =waits
    ldr     x2, [x0]
    add     x2, x2, #1
    str     x2, [x0]
    mrs     x1, elr_el2
    add     x1, x1, #4
    msr     elr_el2, x1
#ifdef REPAIRED
    ldr     x2, [sp], #16
#endif
    ldp     x0, x1, [sp], #16
    eret
end wait_trapped

    .bss
    .balign 8
waits:
    .skip   8
