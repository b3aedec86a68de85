// The way down as it should be, for the labs whose mistake is elsewhere, with HCR_EL2 as they have written it. el1_main runs with all
// interrupts masked.
#include "labs/lab.h"

function enter_el1
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
