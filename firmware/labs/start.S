// Where a lab starts, at EL2 with the MMU off: a stack, vectors, the UART, and a known value in each register that a lab's EL1
// depends on and that is UNKNOWN after a reset. main has no return.
#include "labs/lab.h"

function _start
    msr     SPSel, #1
    ldr     x1, =_stack_top
    mov     sp, x1
    ldr     x1, =vectors
    msr     vbar_el2, x1

    ldr     x1, =SCTLR_EL1_RES1     // EL1 starts with its MMU off
    msr     sctlr_el1, x1
    ldr     x1, =CPTR_EL2_RES1      // floating point does not come to EL2
    msr     cptr_el2, x1
    msr     hstr_el2, xzr
    mov     x1, #3                  // nor do EL1's timer and counter
    msr     cnthctl_el2, x1
    msr     cntvoff_el2, xzr
    isb

    bl      uart_init
    b       main
end _start
