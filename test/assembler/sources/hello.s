// Down from EL2 to EL1, a line from there, a hypercall, and off.
.equ UARTDR, 0x09000000
.equ SYSTEM_OFF, 0x84000008

.section .text
.global _start
.type _start, %function
_start:
        ldr     x0, =stack_top
        mov     sp, x0
        adr     x0, vectors
        msr     VBAR_EL2, x0
        mov     x0, #1 << 31            // HCR_EL2.RW: EL1 is AArch64
        msr     HCR_EL2, x0
        mov     x0, #0x3c5              // EL1h, interrupts masked
        msr     SPSR_EL2, x0
        adr     x0, guest
        msr     ELR_EL2, x0
        eret
.size _start, . - _start

guest:
        adrp    x0, greeting
        add     x0, x0, :lo12:greeting
        ldr     x1, =UARTDR
1:      ldrb    w2, [x0], #1
        cbz     w2, 2f
        str     w2, [x1]
        b       1b
2:      hvc     #7
        b       .

off:
        ldr     w0, =SYSTEM_OFF
        smc     #0

.macro vector to
        .balign 0x80
        b       \to
.endm

        .balign 0x800
vectors:
.rept 16
        vector  off
.endr

.section .rodata
greeting:
        .asciz  "hello from EL1\n"

.bss
        .balign 16
        .skip   4096
stack_top:
