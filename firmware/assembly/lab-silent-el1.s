// To repair: the line of EL2 comes, and then nothing. EL1 should say "hello from EL1" and switch the machine off.
// Every address is right, and the machine takes no interrupt. Which register decides what an ERET to EL1 may be?

.equ UARTDR, 0x09000000
.equ SYSTEM_OFF, 0x84000008
.equ SPSR_EL1H, 0x3c5                   // EL1 with SP_EL1; D, A, I and F masked

.section .text
.global _start
_start:
        ldr     x0, =stack_top
        mov     sp, x0
        adr     x0, vectors
        msr     VBAR_EL2, x0
        adr     x0, at_el2
        bl      print

        ldr     x0, =guest_stack_top
        msr     SP_EL1, x0
        mov     x0, #SPSR_EL1H
        msr     SPSR_EL2, x0
        adr     x0, guest
        msr     ELR_EL2, x0
        isb
        eret

guest:
        adr     x0, at_el1
        bl      print
        hvc     #0
        b       .

// x0: a string. Changes x0 to x2.
print:
        ldr     x1, =UARTDR
1:      ldrb    w2, [x0], #1
        cbz     w2, 2f
        str     w2, [x1]
        b       1b
2:      ret

hypercall:
        ldr     w0, =SYSTEM_OFF
        smc     #0
        b       .

at_el2: .asciz  "EL2: going down to EL1\n"
at_el1: .asciz  "hello from EL1\n"
        .balign 8
        .ltorg

        .balign 0x800
vectors:
.rept 8                                 // from EL2 itself: nothing is expected
        .balign 0x80
        b       .
.endr
        .balign 0x80
        b       hypercall               // from EL1, synchronous
.rept 7
        .balign 0x80
        b       .
.endr

.bss
        .balign 16
        .skip   4096
stack_top:
        .skip   4096
guest_stack_top:
