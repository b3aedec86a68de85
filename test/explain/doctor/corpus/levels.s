//: right
//: right -DEL1_IDLE
//: right -DPROBE
//: right -DSTEP_DOWN
//: NO_STACK stack-not-set|P03 @push
//: STACK_ODD stack-misaligned|alignment|P19|fault-not-handled|stack-not-set|P03 @push|@set_sp
//: SP_EL0 P03 @mode|@push
//: STACK_IN_FLASH stack-not-set @leaf
//: RET_LOST P11 @leaf
//: VBAR_EL1_UNSET P10 @trap
//: SCR P05 @early
//: EL2_AT_EL1 register-of-el2|P08 @late
//: AARCH32 P01 @mode|@down
//: EL3_MODE P01 @mode|@down
//: ZERO_ELR P10|P11|fault-not-handled|no-code @down
//: ODD_ELR P11|fault-not-handled @elr|@down
//: JUMP_DATA P11|fault-not-handled|no-code @jump
//: COMPARE_EL P06 @compare
//: BR_UP P11|P07|register-of-el2 @go_up|@mode
//: FP P23 @floating
//: FP_EL2 P23 @floating2
//: LOOPING_HANDLER P12 @handler_back|@call
//: HVC_DISABLED instruction-off @call
//: HVC_PSCI P36 @firmware2
//: OFF_IGNORED P36 @firmware
//: BAD_PSCI P36|psci-refused @cpu_on
//: NO_VECTOR_FOR_LOWER vector-empty @call
//: UNDEFINED fault-not-handled|undefined @odd
//: ALIGN_CHECK alignment|P19 @half
//: DEEP stack-overflow @recurse|@vectors
// Levels: from EL2 to EL1 by a function, a call up again, and off.
        .text
        .global _start
_start: mrs     x8, currentel
.ifdef COMPARE_EL
compare:
        cmp     x8, #2
.else
        cmp     x8, #8
.endif
        b.ne    not_el2
.ifdef SCR
        mov     x8, #0x401
early:  msr     scr_el3, x8
.endif
.ifndef NO_STACK
        ldr     x9, =stack_of_el2
.ifdef STACK_ODD
        add     x9, x9, #8
.endif
.ifdef STACK_IN_FLASH
        mov     x9, #0x1000
.endif
set_sp: mov     sp, x9
.endif
        ldr     x9, =table
.ifdef VECTOR_1K
        add     x9, x9, #0x400
.endif
set_vbar:
        msr     vbar_el2, x9
.ifdef STACK_ODD
        ldr     x9, =0x30c50838
        msr     sctlr_el2, x9
        isb
.endif
.ifdef ALIGN_CHECK
        ldr     x9, =0x30c5083a
        msr     sctlr_el2, x9
        isb
        ldr     x9, =table+1
half:   ldrh    w9, [x9]
.endif
.ifdef PROBE
        mrs     x9, s3_6_c1_c1_0
.endif
.ifdef FP_EL2
        mov     x9, #0x37ff
        msr     cptr_el2, x9
        isb
floating2:
        fadd    d0, d1, d2
.else
        mov     x9, #0x33ff
        msr     cptr_el2, x9
.endif
        bl      prepare
        ldr     x10, =resume
        br      x10

prepare:
push:   stp     x29, x30, [sp, #-16]!
        ldr     x11, =0x80000000
.ifdef HVC_DISABLED
        orr     x11, x11, #(1 << 29)
.endif
.ifdef SMC_TRAP
        orr     x11, x11, #(1 << 19)
.endif
        msr     hcr_el2, x11
        ldr     x11, =stack_of_el1
        msr     sp_el1, x11
        ldr     x11, =0x30d00800
        msr     sctlr_el1, x11
        ldr     x11, =table_of_el1
.ifndef VBAR_EL1_UNSET
        msr     vbar_el1, x11
.endif
        bl      leaf
.ifndef RET_LOST
        ldp     x29, x30, [sp], #16
.else
        mov     x30, #0x10
        add     x30, x30, x30
.endif
leaf:   ret

resume:
.ifdef JUMP_DATA
        ldr     x12, =empty
jump:   br      x12
.endif
.ifdef UNDEFINED
odd:    .word   0x00c0ffee
.endif
.ifdef DEEP
recurse:
        stp     x0, x1, [sp, #-256]!
        bl      recurse
.endif
.ifdef SP_EL0
        mov     x13, #0x3c4
.else
.ifdef AARCH32
        mov     x13, #0x1d3
.else
.ifdef EL3_MODE
        mov     x13, #0x3cd
.else
        mov     x13, #0x3c5
.endif
.endif
.endif
mode:   msr     spsr_el2, x13
.ifdef ZERO_ELR
        mov     x14, #0
.else
        ldr     x14, =inside
.endif
.ifdef ODD_ELR
        add     x14, x14, #2
.endif
elr:    msr     elr_el2, x14
        isb
down:   eret

inside: str     x0, [sp, #-16]!
        mov     x15, #5
.ifdef FP
floating:
        fmov    d3, x15
.endif
.ifdef EL2_AT_EL1
late:   msr     hcr_el2, x15
.endif
.ifdef VBAR_EL1_UNSET
trap:   svc     #0
.endif
.ifdef BR_UP
        ldr     x16, =resume
        ldr     x16, =resume
go_up:  br      x16
.endif
.ifdef BAD_PSCI
        ldr     x0, =0xc4000003
        mov     x1, #1
        mov     x2, #0
cpu_on: smc     #0
        ldr     x17, =started
0:      ldr     w18, [x17]
        cbz     w18, 0b
.endif
call:   hvc     #3
        nop
.ifdef EL1_IDLE
1:      wfi
        b       1b
.endif
        ldr     x0, =0x84000008
firmware:
.ifdef OFF_IGNORED
        hvc     #0
.else
        smc     #0
.endif
        b       .

not_el2:
        b       .

.ifdef HVC_PSCI
        .equ    UP, 1
.endif
from_el1:
        mrs     x17, esr_el2
        lsr     x17, x17, #26
        cmp     x17, #0x16
        b.ne    1f
.ifdef LOOPING_HANDLER
        mrs     x17, elr_el2
        sub     x17, x17, #4
        msr     elr_el2, x17
.endif
.ifdef HVC_PSCI
        ldr     x0, =0x84000008
firmware2:
        hvc     #0
.endif
handler_back:
        eret
1:      b       .

skip:   msr     tpidr_el2, x9
        mrs     x9, elr_el2
        add     x9, x9, #4
        msr     elr_el2, x9
        mrs     x9, tpidr_el2
        eret

        .balign 0x800
table:  .rept 4
        .balign 0x80
        b       .
        .endr
        .balign 0x80
.ifdef PROBE
        b       skip
.else
        b       .
.endif
        .rept 3
        .balign 0x80
        b       .
        .endr
        .balign 0x80
.ifdef NO_VECTOR_FOR_LOWER
        .word   0
.else
        b       from_el1
.endif
        .rept 7
        .balign 0x80
        b       .
        .endr
        .balign 0x800
table_of_el1:
        .rept 16
        .balign 0x80
        b       .
        .endr
        .balign 64
empty:  .space  64
started:
        .word   0
        .bss
        .balign 16
        .space  1024
stack_of_el2:
        .space  1024
stack_of_el1:
        .space  16
