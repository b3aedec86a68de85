// P10: the PC sits at 0x200, because VBAR_EL1 was never set.
// After https://github.com/xvisor/xvisor/issues/157, https://github.com/gem5/gem5/pull/3493 and
// https://github.com/Javier-varez/p1c0/issues/78
// VBAR_EL1 is UNKNOWN after a reset; here it is 0. The exception fetches from 0x200, where there is no code, which is the next
// exception, taken to 0x200 again.
#include "labs/lab.h"

    vector_table vectors, sync=system_call

function main
    print   "EL2: going down to EL1"
    ldr     x0, =HCR_EL2_RW
    msr     hcr_el2, x0
    b       enter_el1
end main

function enter_el1
    ldr     x0, =_el1_stack_top
    msr     sp_el1, x0
#ifdef REPAIRED
    ldr     x0, =vectors
    msr     vbar_el1, x0
#endif
    mov     x0, #SPSR_EL1H
    msr     spsr_el2, x0
    ldr     x0, =el1_main
    msr     elr_el2, x0
    isb
    eret
end enter_el1

function el1_main
    print   "EL1: calling the kernel"
    svc     #0
    print   "EL1: back"
    b       power_off
end el1_main

function system_call
    eret
end system_call
