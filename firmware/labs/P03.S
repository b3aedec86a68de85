// P03: the code at EL1 works until it touches its stack.
// After https://community.arm.com/support-forums/f/architectures-and-processors-forum/54545/
// SPSR_EL2.M = 0b0100 is EL1t, which runs on SP_EL0, and 0b0101 is EL1h, which runs on SP_EL1 (Arm ARM C5.2, SPSR_EL2).
#include "labs/lab.h"

function main
    print   "EL2: going down to EL1"
    b       enter_el1
end main

function enter_el1
    mov     x0, #HCR_EL2_RW
    msr     hcr_el2, x0
    ldr     x0, =_el1_stack_top
    msr     sp_el1, x0
    ldr     x0, =vectors
    msr     vbar_el1, x0
#ifdef REPAIRED
    mov     x0, #SPSR_EL1H
#else
    mov     x0, #SPSR_EL1T
#endif
    msr     spsr_el2, x0
    ldr     x0, =el1_main
    msr     elr_el2, x0
    isb
    eret
end enter_el1

function el1_main
    print   "EL1: here"
    mov     x0, #42
    bl      keep
    print   "EL1: the stack works"
    b       power_off
end el1_main

// Pushes x0 and the return address, and pops them again.
function keep
    stp     x0, x30, [sp, #-16]!
    ldp     x0, x30, [sp], #16
    ret
end keep
