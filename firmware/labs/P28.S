// P28: the hypervisor looks for the device at the wrong address.
// After http://xenbits.xensource.com/gitweb?a=object&h=c051618&p=xen.git and the Linux commit fb8a3eba (KVM)
// HPFAR_EL2 has bits 39 to 12 of the faulting IPA in its bits 31 to 4 (Arm ARM D17.2, HPFAR_EL2): the page's IPA is HPFAR_EL2 << 8.
#include "labs/lab.h"
#include "labs/tables.h"

#define DEVICE_IPA 0x90000000       // emulated: not in stage 2

    vector_table vectors, sync_lower=trapped

    level1_table stage2
    .quad   S2_DEVICE_BLOCK
    .quad   S2_NORMAL_BLOCK + 0x40000000
    .quad   0, 0

function main
    print   "EL2: going down to EL1, with stage 2"
    ldr     x0, =stage2
    bl      stage2_on
    ldr     x0, =HCR_EL2_RW | HCR_EL2_VM
    msr     hcr_el2, x0
    b       enter_el1
end main

function el1_main
    ldr     x1, =DEVICE_IPA
    ldr     w19, [x1]
    print   "EL1: the device says"
    mov     x0, x19
    bl      put_hex
    b       power_off
end el1_main

// Emulates a read of the device: it always gives 0x42.
function trapped
    save_registers
    mrs     x0, hpfar_el2
#ifdef REPAIRED
    lsl     x0, x0, #8
#else
    lsl     x0, x0, #12
#endif
    ldr     x1, =DEVICE_IPA
    cmp     x0, x1
    b.ne    1f
    mrs     x1, esr_el2
    ubfx    x1, x1, #16, #5         // ISS.SRT: the register that is loaded
    mov     x0, #0x42
    str     x0, [sp, x1, lsl #3]
    mrs     x0, elr_el2
    add     x0, x0, #4
    msr     elr_el2, x0
    restore_registers
    eret

1:  mov     x19, x0
    print   "EL2: there is no device at"
    mov     x0, x19
    bl      put_hex
    b       .
end trapped
