// Macros with defaults, keywords, strings and conditions, as sources of courses and kernels have them.
    .macro print_str lbl, str
    .section .rodata
\lbl: .asciz "\str"
    .text
    ldr x0, =\lbl
    bl puts
    .endm
    .macro defstr name, text="default, with comma"
\name: .ascii "\text"
\name\()_len = . - \name
    .endm
    .macro irq_gate n
    .globl irq_\n
irq_\n:
    mov x0, #\n
    b common
    .endm
    .macro saveregs base=sp, a=0, b=1
    stp x\a, x\b, [\base, #16 * \a / 2]
    .endm
    .macro branch_if cond:req, to:req
    b.\cond \to
    .endm
    .macro sys reg op=mrs
    .ifc \op,mrs
    \op x0, \reg
    .else
    \op \reg, x0
    .endif
    .endm
    .text
puts: ret
common: ret
    print_str hello, "hello, world\n"
    print_str msg2 "a b c"
    irq_gate 0
    irq_gate 15
    saveregs
    saveregs x1
    saveregs a=2, b=3
    saveregs b=5, a=4, base=x9
    branch_if eq, puts
    branch_if ne puts
    sys HCR_EL2
    sys VBAR_EL2, msr
    sys VBAR_EL2 op=msr
    .section .rodata
    defstr one
    defstr two, "x"
    .byte two_len
    .text
    mov x1, #one_len
