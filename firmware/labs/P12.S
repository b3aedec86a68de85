// P12: an instruction behind HVC is skipped.
// After https://github.com/rcore-os/tgoskits/pull/1953 and https://github.com/arceos-hypervisor/arm_vcpu/pull/23
// The preferred return address of HVC, SVC and SMC is the instruction behind them: ELR_EL2 is right as it is. Of a trapped
// instruction or an abort it is that instruction itself (Arm ARM D1.3).
#include "labs/lab.h"

    vector_table vectors, sync_lower=hypercall

function main
    print   "EL2: going down to EL1, which adds 1, 2 and 3"
    ldr     x0, =HCR_EL2_RW
    msr     hcr_el2, x0
    b       enter_el1
end main

function el1_main
    mov     x19, #0
    mov     x0, #1
    hvc     #0
    add     x19, x19, x0
    mov     x0, #2
    hvc     #0
    add     x19, x19, x0
    mov     x0, #3
    hvc     #0
    add     x19, x19, x0
    print   "EL1: the sum is"
    mov     x0, x19
    bl      put_hex
    b       power_off
end el1_main

// Returns its argument: there is nothing to do.
function hypercall
#ifndef REPAIRED
    mrs     x1, elr_el2
    add     x1, x1, #4
    msr     elr_el2, x1
#endif
    eret
end hypercall
