// In assembly, because the compiler is told not to use these registers.
    .text
    .global through_d0
    .type   through_d0, %function
through_d0:
    fmov    d0, x0
    fmov    x0, d0
    ret
    .size   through_d0, . - through_d0
