// The first instructions. QEMU jumps here at EL2, MMU off, all interrupts masked, everything else unknown.
#include "common/arm.h"
#include "layout.h"

    .section .text.start, "ax"
    .global _start
    .type   _start, %function
_start:
    // Which exception level is this? CurrentEL has it in bits 3..2. Only EL2 can be a hypervisor.
    mrs     x0, CurrentEL
    ubfx    x0, x0, #2, #2
    cmp     x0, #2
    b.ne    not_at_el2

    // One core does the work; any other sleeps for good. MPIDR_EL1.Aff0 is the core's number.
    mrs     x1, mpidr_el1
    and     x1, x1, #0xff
    cbnz    x1, park

    // The EL2 stack. "h" mode (SPSel = 1) means that EL2 runs on SP_EL2, not on SP_EL0.
    msr     SPSel, #1
    ldr     x1, =_stack_top
    mov     sp, x1

    // C expects its zero-initialised variables to be zero: clear .bss, 16 bytes at a time.
    ldr     x1, =_bss_start
    ldr     x2, =_bss_end
1:  cmp     x1, x2
    b.hs    2f
    stp     xzr, xzr, [x1], #16
    b       1b
2:
    // From here on an exception taken to EL2 finds its handler.
    ldr     x1, =el2_vectors
    msr     vbar_el2, x1
    isb

    // main prepares the machine and returns in x0 the HCR_EL2 bits that its guest needs. It has given the stack
    // back by then, so enter_el1 is reached with SP_EL2 = _stack_top.
    bl      main
    b       enter_el1

park:
    wfe
    b       park

// Not at EL2: say so on the UART (w0 is the level), then stop. No stack is needed for that.
not_at_el2:
    ldr     x1, =UART_PA
    mov     w3, #0x301          // UARTCR: enable, transmit, receive
    str     w3, [x1, #0x30]
    adr     x2, need_el2
1:  ldrb    w3, [x2], #1
    cbz     w3, 2f
    str     w3, [x1]
    b       1b
2:  add     w0, w0, #'0'
    str     w0, [x1]
    mov     w3, #'\n'
    str     w3, [x1]
    b       park

    .size   _start, . - _start

need_el2:
    .asciz  "This is a hypervisor: it must start at EL2 (QEMU: -machine virt,virtualization=on), but this is EL"
    .balign 4
