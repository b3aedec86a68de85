// P07: how does the level change back?
// After https://github.com/s-matyukevich/raspberry-pi-os/issues/131, "without svc, how did the level change"
// Up is an exception, and down is ERET (Arm ARM D1.3, D1.4). RET is a branch: it changes the PC and not the level.
#include "labs/lab.h"

    vector_table vectors, sync_lower=guest_done

function main
    print   "EL2: running the guest"
    ldr     x30, =guest_done
    ldr     x0, =HCR_EL2_RW
    msr     hcr_el2, x0
    b       enter_el1
end main

function el1_main
    mov     x19, x30
    print   "EL1: done"
#ifdef REPAIRED
    hvc     #0
#else
    mov     x30, x19
    ret
#endif
end el1_main

// To be executed at EL2.
function guest_done
    msr     vttbr_el2, xzr
    print   "EL2: the guest is done"
    b       power_off
end guest_done
