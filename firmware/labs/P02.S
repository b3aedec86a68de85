// P02: no output after the switch to EL1.
// After https://github.com/bztsrc/raspi3-tutorial/issues/6
// HCR_EL2.RW says whether EL1 is AArch64 (1) or AArch32 (0). ERET to an EL1 in AArch64 while it is 0 is an illegal exception
// return (Arm ARM D1.4.2): PSTATE.IL is set, the level stays EL2, and the next instruction is an Illegal Execution state exception.
#include "labs/lab.h"

function main
    print   "EL2: going down to EL1"
    b       enter_el1
end main

function enter_el1
#ifdef REPAIRED
    mov     x0, #HCR_EL2_RW
    msr     hcr_el2, x0
#endif
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
