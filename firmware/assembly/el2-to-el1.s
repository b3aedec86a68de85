// From EL2 down to EL1 in six steps; a line from there; a hypercall that leads back up.

.equ UARTDR, 0x09000000
.equ SYSTEM_OFF, 0x84000008
.equ HCR_RW, 1 << 31                    // EL1 is AArch64
.equ SPSR_EL1H, 0x3c5                   // EL1 with SP_EL1; D, A, I and F masked

.section .text
.global _start
.type _start, %function
_start:
        adr     x0, vectors             // 1. where exceptions to EL2 go
        msr     VBAR_EL2, x0
        ldr     x0, =HCR_RW             // 2. what EL1 is, and what traps
        msr     HCR_EL2, x0
        ldr     x0, =guest_stack_top    // 3. a stack for EL1
        msr     SP_EL1, x0
        mov     x0, #SPSR_EL1H          // 4. the PSTATE to return with
        msr     SPSR_EL2, x0
        adr     x0, guest               // 5. the address to return to
        msr     ELR_EL2, x0
        eret                            // 6. down
.size _start, . - _start

guest:
        adrp    x0, greeting
        add     x0, x0, :lo12:greeting
        ldr     x1, =UARTDR
1:      ldrb    w2, [x0], #1
        cbz     w2, 2f
        str     w2, [x1]
        b       1b
2:      hvc     #7                      // up again, to vectors + 0x400
        b       .

off:
        ldr     w0, =SYSTEM_OFF
        smc     #0
        b       .

        .balign 0x800
vectors:
.rept 16
        .balign 0x80
        b       off
.endr

.section .rodata
greeting:
        .asciz  "hello from EL1\n"

.bss
        .balign 16
        .skip   4096
guest_stack_top:
