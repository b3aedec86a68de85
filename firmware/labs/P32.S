// P32: the hypervisor's timer never interrupts the guest.
// After https://github.com/ashwio/arm64-hypervisor-tutorial/issues/1 and https://github.com/genodelabs/genode/issues/3866
// While HCR_EL2.IMO is 0 physical interrupts go to EL1, where the guest may mask them. With IMO = 1 they go to EL2, and the guest's mask
// does not hold against that (Arm ARM D1.3.6).
#include "labs/lab.h"

    vector_table vectors, irq_lower=time_is_up

function main
    print   "EL2: going down to EL1, for 1000 ticks"
    mov     x0, #26                 // the INTID of EL2's physical timer
    bl      gic_on
    mov     x0, #1000
    msr     cnthp_tval_el2, x0
    mov     x0, #1                  // ENABLE
    msr     cnthp_ctl_el2, x0
#ifdef REPAIRED
    ldr     x0, =HCR_EL2_RW | HCR_EL2_IMO
#else
    ldr     x0, =HCR_EL2_RW
#endif
    msr     hcr_el2, x0
    b       enter_el1
end main

// A guest that keeps the processor.
function el1_main
    add     x0, x0, #1
    b       el1_main
end el1_main

function time_is_up
    print   "EL2: the guest's time is up"
    b       power_off
end time_is_up
