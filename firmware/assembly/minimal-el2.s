// The smallest program: a line from EL2, then the machine is switched off.

.equ UARTDR, 0x09000000                 // PL011: what is written here is sent
.equ SYSTEM_OFF, 0x84000008             // PSCI

.section .text
.global _start
_start:
        adr     x0, greeting
        ldr     x1, =UARTDR
1:      ldrb    w2, [x0], #1
        cbz     w2, 2f
        str     w2, [x1]
        b       1b

2:      ldr     w0, =SYSTEM_OFF
        smc     #0
        b       .

greeting:
        .asciz  "hello from EL2\n"
