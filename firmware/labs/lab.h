// What the labs share: a vector table by its handlers, lines of text, register values by their fields.
// Read by the assembler.
#include "common/arm.h"

// HCR_EL2 beside what common/arm.h has.
#define HCR_EL2_TGE BIT(27) // EL1 is off: whatever would go there comes to EL2

// SPSR_EL2.M, with D, A, I and F masked.
#define SPSR_EL1T 0x3c4 // EL1, on SP_EL0
#define SPSR_EL1H 0x3c5 // EL1, on SP_EL1
#define SPSR_EL2H 0x3c9 // EL2, on SP_EL2

// A vector table of which a few slots have handlers. In all others the processor stays where it is.
.macro vector_table name, sync_sp0=unexpected, irq_sp0=unexpected, sync=unexpected, irq=unexpected, sync_lower=unexpected, irq_lower=unexpected
    .section .text.vectors, "ax"
    .balign 0x800
    .global \name
\name:
    // This level, on SP_EL0; this level, on SP_ELx; a lower level in AArch64; a lower level in AArch32.
    // Of each: synchronous, IRQ, FIQ, SError.
    .irp handler, \sync_sp0, \irq_sp0, unexpected, unexpected, \sync, \irq, unexpected, unexpected, \sync_lower, \irq_lower, unexpected, unexpected, unexpected, unexpected, unexpected, unexpected
    .balign 0x80
    b       \handler
    .endr
    .text
.endm

// A function that the symbol table knows with its size.
.macro function name
    .text
    .global \name
    .type   \name, %function
\name:
.endm
.macro end name
    .size   \name, . - \name
.endm

// Sends a line. Changes x0 to x2 and x30.
.macro print text
    .pushsection .rodata
.Ltext\@:
    .asciz  "\text\n"
    .popsection
    adr     x0, .Ltext\@
    bl      puts
.endm

// The way down as it should be, for the labs whose mistake is elsewhere, with HCR_EL2 as main leaves it. el1_main runs with all
// interrupts masked.
.macro enter_el1_function
function enter_el1
    ldr     x0, =_el1_stack_top
    msr     sp_el1, x0
    mov     x0, #SPSR_EL1H
    msr     spsr_el2, x0
    ldr     x0, =el1_main
    msr     elr_el2, x0
    isb
    eret
end enter_el1
.endm
