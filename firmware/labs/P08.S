// P08: a hang on the way to EL1, because HCR_EL2.TGE is set.
// After https://github.com/OpenDevicePartnership/patina/pull/1603
// With TGE = 1 there is no EL1: every exception that would go there comes to EL2, and ERET to EL1 is an illegal exception return
// (Arm ARM D1.4.2).
#include "labs/lab.h"

function main
    print   "EL2: going down to EL1"
    b       enter_el1
end main

function enter_el1
#ifdef REPAIRED
    ldr     x0, =HCR_EL2_RW
#else
    ldr     x0, =HCR_EL2_RW | HCR_EL2_TGE
#endif
    msr     hcr_el2, x0
    ldr     x0, =_el1_stack_top
    msr     sp_el1, x0
    ldr     x0, =vectors
    msr     vbar_el1, x0
    mov     x0, #SPSR_EL1H
    msr     spsr_el2, x0
    ldr     x0, =el1_main
    msr     elr_el2, x0
    isb
    eret
end enter_el1

function el1_main
    print   "EL1: here"
    b       power_off
end el1_main
