// P31: the guest dies reading an ID register.
// After https://github.com/quic/gunyah-hypervisor/issues/14
// HCR_EL2.TID3 traps reads of the ID registers of group 3, all of them: also those that the hypervisor did not think of
// (Arm ARM D17.2, HCR_EL2). Reserved ones read as zero.
#include "labs/lab.h"

#define ISS_REGISTER 0x3ffc1e       // Op0, Op2, Op1, CRn, CRm of ISS: without Rt and the direction
#define ID_AA64PFR0 0x300008        // 3, 0, 0, 0, 4

    vector_table vectors, sync_lower=trapped

function main
    print   "EL2: going down to EL1"
    ldr     x0, =HCR_EL2_RW | HCR_EL2_TID3
    msr     hcr_el2, x0
    b       enter_el1
end main

function el1_main
    print   "EL1: ID_AA64PFR0_EL1"
    mrs     x0, id_aa64pfr0_el1
    bl      put_hex
    print   "EL1: ID_AA64ISAR1_EL1"
    mrs     x0, id_aa64isar1_el1
    bl      put_hex
    b       power_off
end el1_main

function trapped
    save_registers
    mrs     x0, esr_el2
    ubfx    x3, x0, #5, #5          // ISS.Rt
    ldr     x1, =ISS_REGISTER
    and     x0, x0, x1
    ldr     x1, =ID_AA64PFR0
    cmp     x0, x1
    b.ne    1f
    mov     x2, #0x11               // EL0 and EL1 are AArch64, and nothing else
    b       2f
1:
#ifdef REPAIRED
    mov     x2, #0
#else
    b       unexpected
#endif
2:  str     x2, [sp, x3, lsl #3]
    mrs     x0, elr_el2
    add     x0, x0, #4
    msr     elr_el2, x0
    restore_registers
    eret
end trapped
