// P01: ERET to EL1 never arrives.
// After https://community.arm.com/developer/ip-products/processors/f/cortex-a-forum/44252/
// SPSR_EL2 holds the PSTATE that ERET makes current. Its mode field, M[3:0], is 0b0101 for EL1h and 0b1001 for EL2h
// (Arm ARM C5.2, SPSR_EL2).
#include "labs/lab.h"

    vector_table vectors, sync_lower=called_by_el1

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
    mov     x0, #SPSR_EL2H
#endif
    msr     spsr_el2, x0
    ldr     x0, =el1_main
    msr     elr_el2, x0
    isb
    eret
end enter_el1

function el1_main
    hvc     #0
    b       .
end el1_main

function called_by_el1
    print   "EL2: EL1 has called"
    b       power_off
end called_by_el1
