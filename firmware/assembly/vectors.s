// A vector table that tells its sixteen entries apart: the guest makes a hypercall, and reads a register that traps.

.equ UARTDR, 0x09000000
.equ SYSTEM_OFF, 0x84000008
.equ HCR_RW, 1 << 31
.equ HCR_TID3, 1 << 18                  // reads of ID registers trap
.equ SPSR_EL1H, 0x3c5
.equ EC_HVC, 0x16
.equ EC_SYSTEM_REGISTER, 0x18

.macro  entry to, number
        .balign 0x80
        stp     x0, x1, [sp, #-16]!     // what the handler uses is the guest's
        mov     x0, #\number
        b       \to
.endm

.section .text
.global _start
_start:
        ldr     x0, =stack_top
        mov     sp, x0
        adr     x0, vectors
        msr     VBAR_EL2, x0
        ldr     x0, =HCR_RW | HCR_TID3
        msr     HCR_EL2, x0
        mov     x0, #SPSR_EL1H
        msr     SPSR_EL2, x0
        adr     x0, guest
        msr     ELR_EL2, x0
        eret

guest:
        hvc     #1                      // ELR_EL2 will be the next instruction
        mrs     x5, ID_AA64MMFR0_EL1    // traps: ELR_EL2 will be this one
        hvc     #2
        b       .

// Entry 8: a synchronous exception from a lower level in AArch64.
synchronous:
        mrs     x0, ESR_EL2
        lsr     x1, x0, #26             // EC
        cmp     x1, #EC_HVC
        b.eq    hypercall
        cmp     x1, #EC_SYSTEM_REGISTER
        b.ne    unexpected
        mov     w0, #'r'
        bl      send
        mrs     x0, ELR_EL2             // the instruction is emulated: it is not to run again
        add     x0, x0, #4
        msr     ELR_EL2, x0
        mov     x5, #0                  // and this is its result
        b       resume

hypercall:
        and     w0, w0, #0xffff         // the immediate
        cmp     w0, #2
        b.eq    off
        mov     w0, #'h'
        bl      send
resume:
        ldp     x0, x1, [sp], #16
        eret

unexpected:
        mov     w0, #'?'
        bl      send
off:
        mov     w0, #'\n'
        bl      send
        ldr     w0, =SYSTEM_OFF
        smc     #0
        b       .

send:
        ldr     x1, =UARTDR
        str     w0, [x1]
        ret

        .balign 0x800
vectors:
        .irp    number, 0, 1, 2, 3, 4, 5, 6, 7
        entry   unexpected, \number
        .endr
        entry   synchronous, 8
        .irp    number, 9, 10, 11, 12, 13, 14, 15
        entry   unexpected, \number
        .endr

.bss
        .balign 16
        .skip   4096
stack_top:
