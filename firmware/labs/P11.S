// P11: "ESR: 86000000", and nothing else.
// After https://github.com/s-matyukevich/raspberry-pi-os/issues/226, https://github.com/s-matyukevich/raspberry-pi-os/issues/228 and
// https://github.com/seL4/seL4/issues/1639
// 0x86000000 is EC 0x21, an instruction abort without a change of level, with IFSC 0, address size fault at level 0: while the MMU is
// off a VA is the PA, and 0xffff000040100000 has more bits than a PA (Arm ARM D8.15, ESR_EL2).
#include "labs/lab.h"

#define KERNEL_VA 0xffff000000000000    // where kernel's memory will be seen, once the MMU is on

    vector_table vectors, sync=report

function main
    print   "EL2: calling the kernel"
#ifdef REPAIRED
    ldr     x0, =kernel
#else
    ldr     x0, =kernel + KERNEL_VA
#endif
    br      x0
end main

function kernel
    print   "EL2: the kernel runs"
    b       power_off
end kernel

function report
    print   "ESR_EL2:"
    mrs     x0, esr_el2
    bl      put_hex
    b       .
end report
