// P34: the guest never gets the interrupt that is in the list register.
// After https://github.com/PG-MANA/MiniVisor/issues/9 and https://github.com/au-ts/libvmm/issues/56
// A GICv2 list register, GICH_LR, has 32 bits with the state in bits 29 and 28: 0b01 is pending, 0b00 is an empty list register
// (Arm IHI 0048, 5.3.8). Bits 63 and 62 are the state in ICH_LR_EL2 of a GICv3.
#include "labs/lab.h"
#include "layout.h"

    vector_table vectors, irq=guest_interrupt

#define INTID 27
#ifdef REPAIRED
#define PENDING BIT(28)
#else
#define PENDING BIT(62)
#endif

function main
    print   "EL2: an interrupt for the guest"
    ldr     x0, =GICH_PA
    ldr     x1, =PENDING | INTID    // priority 0
    str     w1, [x0, #0x100]        // GICH_LR0
    mov     w1, #1
    str     w1, [x0]                // GICH_HCR.En
    ldr     x0, =HCR_EL2_RW | HCR_EL2_IMO
    msr     hcr_el2, x0
    b       enter_el1
end main

function el1_main
    print   "EL1: waiting for an interrupt"
    ldr     x0, =GICV_PA            // there is no stage 2 to show it at the address of GICC
    mov     w1, #0xf8
    str     w1, [x0, #4]            // GICV_PMR
    mov     w1, #1
    str     w1, [x0]                // GICV_CTLR
    msr     DAIFClr, #2
1:  wfi
    b       1b
end el1_main

function guest_interrupt
    ldr     x0, =GICV_PA
    ldr     w19, [x0, #0xc]         // GICV_IAR
    str     w19, [x0, #0x10]        // GICV_EOIR
    print   "EL1: an interrupt, with the INTID"
    mov     x0, x19
    bl      put_hex
    b       power_off
end guest_interrupt
