// P29: "ldrb w3, [x1], #1 does not seem too complicated to me."
// After https://github.com/linux-nvme/nvme-cli/pull/2397, https://github.com/virtio-win/kvm-guest-drivers-windows/issues/177 and
// https://github.com/SerenityOS/serenity/pull/25557
// Of a load that also writes its address register, as of pairs and of V registers, ESR_EL2 does not describe the access: ISV is 0, and
// the other fields of ISS mean nothing (Arm ARM D17.2.37).
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
    print   "EL1: the device says"
    ldr     x19, =DEVICE_IPA
#ifdef REPAIRED
    ldrb    w0, [x19]
    add     x19, x19, #1
#else
    ldrb    w0, [x19], #1
#endif
    bl      put_hex
    b       power_off
end el1_main

// Emulates a read of the device: it always gives 0x42.
function trapped
    save_registers
    mrs     x1, esr_el2
    tbz     x1, #24, 1f             // ISS.ISV
    ubfx    x1, x1, #16, #5         // ISS.SRT: the register that is loaded
    mov     x0, #0x42
    str     x0, [sp, x1, lsl #3]
    mrs     x0, elr_el2
    add     x0, x0, #4
    msr     elr_el2, x0
    restore_registers
    eret

1:  print   "EL2: I cannot emulate this access: ESR_EL2.ISV is 0"
    b       .
end trapped
