// P09: the wrong code runs on an exception, because the vector table is not aligned.
// After https://github.com/picolibc/picolibc/pull/847, https://github.com/zephyrproject-rtos/zephyr/pull/30172 and
// https://github.com/tianocore/edk2/issues/75
// VBAR_ELx holds bits 63 to 11 of the table's address: the low 11 bits are RES0, so the table must be aligned to 2 KiB
// (Arm ARM D1.3.4).
#include "labs/lab.h"

    .section .text.vectors, "ax"
    .balign 0x800
#ifndef REPAIRED
calls:
    .quad   0, 0
#endif
    .global vectors
vectors:
    // Two slots of the sixteen are in use, and nothing is in the others.
    .org    vectors + 0x200, 0
    b       unexpected
    .org    vectors + 0x400, 0
    b       called_by_el1
    .org    vectors + 0x480, 0
    .text
#ifdef REPAIRED
    .data
    .balign 16
calls:
    .quad   0, 0
#endif

function main
    print   "EL2: going down to EL1"
    ldr     x0, =vectors
    msr     vbar_el2, x0
    isb
    ldr     x0, =HCR_EL2_RW
    msr     hcr_el2, x0
    b       enter_el1
end main

function el1_main
    hvc     #0
    b       .
end el1_main

function called_by_el1
    ldr     x0, =calls              // counts
    ldr     x1, [x0]
    add     x1, x1, #1
    str     x1, [x0]
    print   "EL2: EL1 has called"
    b       power_off
end called_by_el1
