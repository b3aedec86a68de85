// Down to EL0 and back. The way down is the one from EL2 to EL1, one level lower; the way back is an exception.
#include "common/arm.h"

    .text
    .global run_user, user_has_exited
    .type   run_user, %function

// x0: entry, a VA that EL0 may execute. x1: its stack pointer. Returns in x0 what the program gave to SYS_EXIT.
run_user:
    // This is a function call that ends in another function's handler: keep what a caller expects to be kept.
    stp     x29, x30, [sp, #-96]!
    stp     x19, x20, [sp, #16]
    stp     x21, x22, [sp, #32]
    stp     x23, x24, [sp, #48]
    stp     x25, x26, [sp, #64]
    stp     x27, x28, [sp, #80]

    msr     sp_el0, x1
    msr     elr_el1, x0
    mov     x2, #SPSR_M_EL0T    // EL0, on SP_EL0, interrupts enabled
    msr     spsr_el1, x2
    eret

// SYS_EXIT comes back here, at EL1, on the stack as run_user left it.
user_has_exited:
    ldp     x19, x20, [sp, #16]
    ldp     x21, x22, [sp, #32]
    ldp     x23, x24, [sp, #48]
    ldp     x25, x26, [sp, #64]
    ldp     x27, x28, [sp, #80]
    ldp     x29, x30, [sp], #96
    ret
    .size   run_user, . - run_user
