// P04: the first interrupt ends in endless aborts.
// After the Xen commit b7e5aee0, "xen/arm64: ensure that the correct SP is used for exceptions"
// With SPSel = 0 the name SP means SP_EL0. An exception sets SPSel to 1, so that the handler runs on SP_EL2 (Arm ARM D1.3), which is
// UNKNOWN after a reset; here it is 0.
#include "labs/lab.h"

    vector_table vectors, irq_sp0=interrupt, irq=interrupt, sync=fault

function _start
#ifdef REPAIRED
    msr     SPSel, #1
#else
    msr     SPSel, #0
#endif
    ldr     x1, =_stack_top
    mov     sp, x1
    ldr     x1, =vectors
    msr     vbar_el2, x1
    isb
    bl      uart_init
    print   "EL2: waiting for the timer"

    mov     x0, #26                 // the INTID of EL2's physical timer
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
end _start

function interrupt
    stp     x0, x30, [sp, #-16]!
    print   "EL2: the timer's interrupt"
    b       power_off
end interrupt

function fault
    stp     x0, x30, [sp, #-16]!
    print   "EL2: a fault"
    b       power_off
end fault
