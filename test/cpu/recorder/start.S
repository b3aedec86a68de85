// Entry, and going to EL1 or EL0 for one instruction and back. Everything of the recorder runs at EL2 with the MMU off.

        .global _start
_start: ldr     x0, =stack_top
        mov     sp, x0
        bl      main
1:      wfi
        b       1b

// unsigned long run(void *code, unsigned long spsr, unsigned long x1)
// Returns to `code` with X0 = PSCI_VERSION, X1 = x1, X2 = 0; comes back, with X0, on any exception that reaches EL2.
        .global run
run:    stp     x29, x30, [sp, #-16]!
        stp     x19, x20, [sp, #-16]!
        stp     x21, x22, [sp, #-16]!
        stp     x23, x24, [sp, #-16]!
        stp     x25, x26, [sp, #-16]!
        stp     x27, x28, [sp, #-16]!
        mov     x9, sp
        adr     x10, saved_sp
        str     x9, [x10]
        msr     elr_el2, x0
        msr     spsr_el2, x1
        mov     x1, x2
        ldr     x0, =0x84000000
        mov     x2, xzr
        isb
        eret

back:   adr     x10, saved_sp
        ldr     x9, [x10]
        msr     spsel, #1
        mov     sp, x9
        ldp     x27, x28, [sp], #16
        ldp     x25, x26, [sp], #16
        ldp     x23, x24, [sp], #16
        ldp     x21, x22, [sp], #16
        ldp     x19, x20, [sp], #16
        ldp     x29, x30, [sp], #16
        ret

saved_sp:
        .quad   0

        .balign 2048
        .global vectors_el2
vectors_el2:
        .rept   16
        b       back
        .balign 128
        .endr

// What EL1 takes is reported to EL2; EL1 keeps its own ESR and ELR for the report.
        .balign 2048
        .global vectors_el1
vectors_el1:
        .rept   16
        hvc     #0x4321
        .balign 128
        .endr

        .bss
        .balign 16
        .space  65536
stack_top:
