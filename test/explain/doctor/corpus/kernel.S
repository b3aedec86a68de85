//: all -Wl,-Ttext=0x40200000
//: right
//: right -Wl,-Ttext=0x42000000
//: USER_AP fault-not-handled|P12 @user|@user_page|@demand_return
//: USER_UXN fault-not-handled|no-el0-access @user|@user_page
//: KERNEL_PXN P14 @mmu_on
//: ATTR_DEVICE P19 @unaligned
//: T1SZ fault-not-handled|P11|P15|P14 @to_high|@tcr
//: TG1 fault-not-handled|P11|P15|P14 @to_high|@tcr
//: TTBR1_UNSET fault-not-handled|P11|P15|P14 @to_high
//: NO_RET P12 @svc_return
//: WRONG_PAGE P12 @demand_return|@demand
//: NO_FPEN P12|P23 @lazy_return|@user_fp|@lazy
//: SP0_UNSET fault-not-handled|P03|stack-not-set|no-el0-access @user_push
//: USER_SPSR P01 @user_spsr|@user_eret
//: USER_ELR fault-not-handled|no-el0-access|P11 @user_eret|@user_elr|@user
//: CNTKCTL fault-not-handled|P31|trap-not-handled|el0-trap @user_clock
//: NO_VBAR P10 @user_push|@user|@user_svc
//: HCR_TGE P08 @down
//: STALE P22|P30 @remap
//: EL0_CLOBBER P13 @tick
//: POLL_FOREVER polling|spin|device-never-answers @poll
// A kernel at EL1 in the upper half, with a process at EL0: demand paging, lazy floating point, a clock tick, system calls.
#define UART 0x09000000
.macro put reg, value
        movz    \reg, #((\value) & 0xffff)
        movk    \reg, #(((\value) >> 16) & 0xffff), lsl #16
.endm
        .text
        .globl _start
_start: mov     x27, x0
#if 1
        ldr     x1, =__bss_start
        ldr     x2, =_end
0:      cmp     x1, x2
        b.hs    1f
        str     xzr, [x1], #8
        b       0b
#endif
1:      mrs     x3, CurrentEL
        cmp     x3, #8
        b.ne    at_el1
        mov     x3, #0x33ff
        msr     cptr_el2, x3
#ifndef NO_CNTHCTL
        mov     x3, #3
        msr     cnthctl_el2, x3
#endif
        msr     cntvoff_el2, xzr
        adr     x3, hyp
        msr     vbar_el2, x3
        put     x3, 0x80000000
#ifdef HCR_TGE
        orr     x3, x3, #(1 << 27)
#endif
        msr     hcr_el2, x3
        put     x3, 0x30d00800
        msr     sctlr_el1, x3
        mov     x3, #0x3c5
        msr     spsr_el2, x3
        adr     x3, at_el1
        msr     elr_el2, x3
        eret                            // @down

at_el1: ldr     x4, =stack_top
        mov     sp, x4
        bl      uart_on
        // Stage 1: 1 GiB blocks below, the same memory at the top, one page of a user.
        ldr     x5, =low
        put     x6, 0x00000401
        mov     x7, #(0x60 << 48)
        orr     x6, x6, x7
        str     x6, [x5]
#ifdef ATTR_DEVICE
        put     x6, 0x40000701
#else
        put     x6, 0x40000705
#endif
#ifdef KERNEL_PXN
        mov     x7, #(1 << 53)
        orr     x6, x6, x7
#endif
        str     x6, [x5, #8]
        ldr     x8, =user2
        orr     x7, x8, #3
        str     x7, [x5, #(8 * 4)]
        ldr     x9, =user3
        orr     x7, x9, #3
        str     x7, [x8]
        ldr     x10, =user
#ifdef USER_AP
        put     x7, 0x707
#else
        put     x7, 0x747
#endif
#ifdef USER_UXN
        mov     x11, #(1 << 54)
        orr     x7, x7, x11
#endif
        orr     x7, x7, x10
        str     x7, [x9]                // @user_page
        ldr     x12, =high
#ifdef ATTR_DEVICE
        put     x6, 0x40000701
#else
        put     x6, 0x40000705
#endif
        mov     x7, #(1 << 54)
        orr     x6, x6, x7
        str     x6, [x12, #(8 * 511)]
        put     x6, 0x00000401
        mov     x7, #(0x60 << 48)
        orr     x6, x6, x7
        str     x6, [x12, #(8 * 510)]
        put     x6, 0xff00
        msr     mair_el1, x6
        ldr     x6, =0x2b5193519        // T0SZ = T1SZ = 25, TG1 = 4 KiB
#ifdef T1SZ
        ldr     x6, =0x2b5283519
#endif
#ifdef TG1
        ldr     x6, =0x2f5193519
#endif
        msr     tcr_el1, x6             // @tcr
        msr     ttbr0_el1, x5
#ifndef TTBR1_UNSET
        msr     ttbr1_el1, x12
#endif
        dsb     sy
        tlbi    vmalle1
        dsb     sy
        isb
        put     x6, 0x30d0180d
        mrs     x7, sctlr_el1
        put     x6, 0x30d01805
        msr     sctlr_el1, x6           // @mmu_on
        isb
        adr     x6, up
        ldr     x7, =0xffffffff80000000 // 0x40000000 is entry 511
        orr     x6, x6, x7
        bic     x6, x6, #0x40000000
        orr     x6, x6, #0x40000000
        ldr     x7, =0xffffffffc0000000
        adr     x6, up
        and     x6, x6, #0x3fffffff
        orr     x6, x6, x7
        br      x6                      // @to_high
up:     mov     x28, x7
#ifndef NO_VBAR
        adr     x6, vectors
        msr     vbar_el1, x6
#endif
        adr     x6, text
        ldur    w6, [x6, #1]            // @unaligned
        // The GIC, by its address in the upper half.
        ldr     x20, =0xffffffff88000000
        mov     w6, #1
        str     w6, [x20]
#ifdef TIMER_NS
        mov     w6, #(1 << 27)
#else
        mov     w6, #(1 << 30)
#endif
        str     w6, [x20, #0x100]       // @enable
        add     x21, x20, #0x10000
        mov     w6, #0xff
        str     w6, [x21, #4]
        mov     w6, #1
        str     w6, [x21]
        ldr     x6, =flag
        ldr     x7, [x6]
wait_flag:
        cbnz    x7, wait_flag
#ifdef POLL_FOREVER
        ldr     x22, =0xffffffff89030000
poll:   ldr     w6, [x22, #0x410]
        tbz     w6, #5, poll
#endif
        mov     x6, #100
use_timer:
        msr     cntp_tval_el0, x6
        mov     x6, #1
        msr     cntp_ctl_el0, x6
#ifndef CNTKCTL
        mov     x6, #3
        msr     cntkctl_el1, x6
#endif
#ifdef STALE
        put     x6, 0x100000000
        mov     x6, #(1 << 32)
        ldr     x7, [x6]
        ldr     x9, =user3
        ldr     x7, =text
        and     x7, x7, #~0xfff
        put     x8, 0x747
        orr     x7, x7, x8
        mov     x23, #0
        str     x7, [x9]                // @remap
        dsb     sy
        ldr     x24, =text
        and     x25, x24, #0xfff
        add     x25, x25, x6
        ldr     w26, [x24]
        ldr     w27, [x25]
        cmp     w26, w27
        b.ne    .
#endif
#ifndef SP0_UNSET
        mov     x6, #(1 << 32)
        add     x6, x6, #0x2000
        msr     sp_el0, x6
#endif
#ifdef USER_SPSR
        mov     x6, #0x1
#else
        mov     x6, #0
#endif
        msr     spsr_el1, x6            // @user_spsr
#ifdef USER_ELR
        adr     x6, user
#else
        mov     x6, #(1 << 32)
#endif
        msr     elr_el1, x6             // @user_elr
        eret                            // @user_eret

uart_on:
        put     x14, UART
        mov     w15, #13
        str     w15, [x14, #0x24]
        str     wzr, [x14, #0x28]
        mov     w15, #0x70
        str     w15, [x14, #0x2c]
        mov     w15, #0x301
        str     w15, [x14, #0x30]
        ret

        .balign 0x1000
user:   adr     x1, user_data
user_push:
        str     x1, [sp, #-16]!
        mov     x5, #17
user_fp:
        fmov    d1, x5
        mov     x0, #'u'
user_svc:
        svc     #1
        nop
user_clock:
        mrs     x2, cntvct_el0
2:      ldr     x3, [x1]
        cmp     x5, #17
        b.ne    .
        add     x4, x4, #1
        tbz     x4, #11, 2b
        svc     #2
        b       .
user_data:
        .quad   0
        .balign 0x1000

        .balign 0x800
vectors:
        .rept 4
        .balign 0x80
        b       .
        .endr
        .balign 0x80
        b       .
        .balign 0x80
        b       .
        .balign 0x80
        b       .
        .balign 0x80
        b       .
        .balign 0x80
        b       from_user
        .balign 0x80
        b       clock
        .rept 6
        .balign 0x80
        b       .
        .endr

from_user:
        stp     x16, x17, [sp, #-32]!
        mrs     x16, esr_el1
        lsr     x17, x16, #26
        cmp     x17, #0x15
        b.eq    call
        cmp     x17, #0x07
        b.eq    lazy
        cmp     x17, #0x24
        b.eq    demand
        b       .
call:   and     x16, x16, #0xffff
        cmp     x16, #2
        b.eq    off
        ldr     x17, =0xffffffff89000000
        str     w0, [x17]
#ifdef NO_RET
        mrs     x17, elr_el1
        add     x17, x17, #4
        msr     elr_el1, x17            // @svc_return
#endif
        ldp     x16, x17, [sp], #32
        eret
lazy:   mrs     x16, cpacr_el1
        orr     x16, x16, #(3 << 20)
#ifndef NO_FPEN
        msr     cpacr_el1, x16
        isb
#endif
        ldp     x16, x17, [sp], #32
        eret                            // @lazy_return
demand: str     x18, [sp, #16]
        ldr     x16, =frame
        put     x17, 0x747
        orr     x16, x16, x17
        mov     x17, #(3 << 53)
        orr     x16, x16, x17
        ldr     x17, =user3
        and     x17, x17, #0x3fffffff
        ldr     x18, =0xffffffffc0000000
        orr     x17, x17, x18
#ifdef WRONG_PAGE
        str     x16, [x17, #16]
#else
        str     x16, [x17, #8]
#endif
        dsb     ish
        isb
        ldr     x18, [sp, #16]
        ldp     x16, x17, [sp], #32
        eret                            // @demand_return

clock:  stp     x16, x17, [sp, #-16]!
        ldr     w16, [x21, #0xc]
        mov     x17, #2
        msr     cntp_ctl_el0, x17
        str     w16, [x21, #0x10]
        ldp     x16, x17, [sp], #16
#ifdef EL0_CLOBBER
        mov     x5, #0                  // @tick
#endif
        eret

off:    ldr     x0, =0x84000008
        smc     #0
        b       .

        .balign 0x800
hyp:    .rept 16
        .balign 0x80
        b       .
        .endr
        .pool
text:   .ascii  "user\n\0\0\0\0\0\0\0"
        .bss
        .balign 4096
low:    .space  4096
high:   .space  4096
user2:  .space  4096
user3:  .space  4096
frame:  .space  4096
        .space  4096
stack_top:
flag:   .quad   0
