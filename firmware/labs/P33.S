// P33: the timer's condition is true (ISTATUS = 1), and there is no interrupt.
// After https://github.com/eggman/raspberrypi/issues/1 and https://github.com/richlowe/illumos-gate/pull/44
// Each timer has a private interrupt of its own: on this board EL2's physical timer has INTID 26, EL1's virtual one 27 and EL1's physical
// one 30. Another one being enabled in the distributor does not help.
#include "labs/lab.h"

    vector_table vectors, irq=interrupt

function main
    print   "EL2: waiting for the timer"
#ifdef REPAIRED
    mov     x0, #26
#else
    mov     x0, #30
#endif
    bl      gic_on
    ldr     x0, =HCR_EL2_RW | HCR_EL2_IMO
    msr     hcr_el2, x0
    mov     x0, #1000
    msr     cnthp_tval_el2, x0
    mov     x0, #1                  // ENABLE
    msr     cnthp_ctl_el2, x0
    isb
    msr     DAIFClr, #2
1:  wfi
    b       1b
end main

function interrupt
    print   "EL2: the timer's interrupt"
    b       power_off
end interrupt
