// What the labs share: a vector table by its handlers, lines of text, register values by their fields.
// Read by the assembler.
#include "common/arm.h"

// HCR_EL2 beside what common/arm.h has.
#define HCR_EL2_PTW BIT(2)  // a stage 1 walk may not read Device memory
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

// All general-purpose registers onto the stack, by their number, and back: for a handler of a guest's traps. The last place stands for
// XZR, which as the target of a load is number 31 (ESR_EL2, ISS.SRT).
.macro save_registers
    sub     sp, sp, #8 * 32
    stp     x0, x1, [sp, #8 * 0]
    stp     x2, x3, [sp, #8 * 2]
    stp     x4, x5, [sp, #8 * 4]
    stp     x6, x7, [sp, #8 * 6]
    stp     x8, x9, [sp, #8 * 8]
    stp     x10, x11, [sp, #8 * 10]
    stp     x12, x13, [sp, #8 * 12]
    stp     x14, x15, [sp, #8 * 14]
    stp     x16, x17, [sp, #8 * 16]
    stp     x18, x19, [sp, #8 * 18]
    stp     x20, x21, [sp, #8 * 20]
    stp     x22, x23, [sp, #8 * 22]
    stp     x24, x25, [sp, #8 * 24]
    stp     x26, x27, [sp, #8 * 26]
    stp     x28, x29, [sp, #8 * 28]
    stp     x30, xzr, [sp, #8 * 30]
.endm
.macro restore_registers
    ldp     x0, x1, [sp, #8 * 0]
    ldp     x2, x3, [sp, #8 * 2]
    ldp     x4, x5, [sp, #8 * 4]
    ldp     x6, x7, [sp, #8 * 6]
    ldp     x8, x9, [sp, #8 * 8]
    ldp     x10, x11, [sp, #8 * 10]
    ldp     x12, x13, [sp, #8 * 12]
    ldp     x14, x15, [sp, #8 * 14]
    ldp     x16, x17, [sp, #8 * 16]
    ldp     x18, x19, [sp, #8 * 18]
    ldp     x20, x21, [sp, #8 * 20]
    ldp     x22, x23, [sp, #8 * 22]
    ldp     x24, x25, [sp, #8 * 24]
    ldp     x26, x27, [sp, #8 * 26]
    ldp     x28, x29, [sp, #8 * 28]
    ldr     x30, [sp, #8 * 30]
    add     sp, sp, #8 * 32
.endm
