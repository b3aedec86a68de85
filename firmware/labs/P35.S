// P35: the guest idles for ever.
// After https://github.com/islet-project/islet/pull/115 and https://github.com/minosproject/minos/pull/46
// WFI ends with a pending interrupt, masked in PSTATE or not. A timer whose CNTV_CTL_EL0.IMASK is 1 raises none (Arm ARM D11.2, D17.8).
#include "labs/lab.h"

function main
    print   "EL2: going down to EL1"
    ldr     x0, =HCR_EL2_RW
    msr     hcr_el2, x0
    b       enter_el1
end main

function el1_main
    print   "EL1: sleeping for 1000 ticks"
    mov     x0, #27                 // the INTID of EL1's virtual timer
    bl      gic_on
    mov     x0, #1000
    msr     cntv_tval_el0, x0
#ifdef REPAIRED
    mov     x0, #1                  // ENABLE
#else
    mov     x0, #3                  // ENABLE, IMASK
#endif
    msr     cntv_ctl_el0, x0
    isb
    wfi
    print   "EL1: awake again"
    b       power_off
end el1_main
