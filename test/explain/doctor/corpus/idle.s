//: right
//: right -DHYP_TIMER
//: right -DMASKED_WFI
//: right -DVIRTUAL
//: right -DFIQ_GROUP0
//: right -DSLEEP_ONLY
//: NO_ENABLE P33 @isenabler|@wait
//: WRONG_INTID P33 @isenabler
//: NO_DISTRIBUTOR P33 @isenabler|@ctlr|@pmr
//: NO_INTERFACE P33 @pmr|@isenabler|@ctlr
//: LOW_PRIORITY P33 @pmr|@priority
//: GROUP1 P33 @ctlr|@group|@isenabler
//: MASK P35 @control
//: NO_CONTROL P35|P33 @wait|@compare
//: FAR_AWAY P35|P33|timer-far @compare|@wait
//: NO_UNMASK interrupt-masked @wait
//: POLL_MASKED interrupt-masked @wait
//: NO_ROUTE P32 @hcr
//: UNEXPECTED interrupt-not-handled @wait|@vectors|@irq_here|@control
//: NO_ACK storm|no-eoi|interrupt-storm|P13 @handler|@back
//: NO_EOI no-eoi|P33|eoi @acknowledge|@handler|@wait|@back
//: NOT_STOPPED storm|interrupt-storm|P33 @handler|@back|@end_it
//: EOI_WRONG no-eoi|P33|eoi @acknowledge|@end_it|@wait
// EL2 alone, asleep until the clock ticks: three ticks, then it sleeps on or ends.
        .text
        .global _start
_start: msr     daifset, #15
        ldr     x19, =0x08000000
        ldr     x20, =0x08010000
        adr     x0, vectors
        msr     vbar_el2, x0
        ldr     x1, =top
        mov     sp, x1
.ifdef NO_ROUTE
        mov     x2, #0
.else
        mov     x2, #0x38
.endif
hcr:    msr     hcr_el2, x2
        isb
.ifndef NO_DISTRIBUTOR
        mov     w3, #1
ctlr:   str     w3, [x19]
.endif
.ifdef HYP_TIMER
        .equ    PPI, 26
.else
.ifdef VIRTUAL
        .equ    PPI, 27
.else
        .equ    PPI, 30
.endif
.endif
        mov     w3, #(1 << PPI)
.ifdef WRONG_INTID
        mov     w3, #(1 << 29)
.endif
.ifndef NO_ENABLE
isenabler:
        str     w3, [x19, #0x100]
.endif
        mov     w3, #0x40
.ifdef LOW_PRIORITY
        mov     w3, #0xc0
.endif
priority:
        strb    w3, [x19, #(0x400 + PPI)]
.ifdef GROUP1
        mov     w3, #(1 << PPI)
group:  str     w3, [x19, #0x80]
.endif
        mov     w3, #0x80
pmr:    str     w3, [x20, #4]
        mov     w3, #1
.ifdef FIQ_GROUP0
        mov     w3, #9
.endif
.ifndef NO_INTERFACE
        str     w3, [x20]
.endif
        mov     x21, #0
again:  mov     x4, #300
.ifdef FAR_AWAY
        mov     x4, #0x7fffffff
        mov     x5, #-1
compare:
        msr     cntp_cval_el0, x5
.else
.ifdef HYP_TIMER
        msr     cnthp_tval_el2, x4
.else
.ifdef VIRTUAL
        msr     cntv_tval_el0, x4
.else
.ifndef FAR_AWAY
compare:
        msr     cntp_tval_el0, x4
.endif
.endif
.endif
.endif
        mov     x4, #1
.ifdef MASK
        mov     x4, #3
.endif
.ifndef NO_CONTROL
control:
.ifdef HYP_TIMER
        msr     cnthp_ctl_el2, x4
.else
.ifdef VIRTUAL
        msr     cntv_ctl_el0, x4
.else
        msr     cntp_ctl_el0, x4
.endif
.endif
.endif
.ifdef POLL_MASKED
        .equ    NO_UNMASK, 1
        adr     x6, ticks
.endif
.ifndef MASKED_WFI
.ifndef NO_UNMASK
        msr     daifclr, #3
.endif
.endif
.ifdef POLL_MASKED
wait:   ldr     x21, [x6]
.else
wait:   wfi
.endif
.ifdef MASKED_WFI
        msr     daifclr, #2
        nop
        msr     daifset, #2
.endif
        cbz     x21, wait
        add     x22, x22, #1
        mov     x21, #0
.ifdef SLEEP_ONLY
        b       again
.endif
        cmp     x22, #3
        b.ne    again
        ldr     x0, =0x84000008
        smc     #0
        b       .

        .balign 0x800
vectors:
        .rept 4
        .balign 0x80
        b       .
        .endr
        .balign 0x80
        b       .
        .balign 0x80
irq_here:
.ifdef UNEXPECTED
        b       .
.else
        b       handler
.endif
        .balign 0x80
        b       handler
        .rept 9
        .balign 0x80
        b       .
        .endr
handler:
        stp     x0, x1, [sp, #-16]!
.ifndef NO_ACK
acknowledge:
        ldr     w0, [x20, #0xc]
.endif
.ifndef NOT_STOPPED
.ifndef NO_ACK
        mov     x1, #2
.ifdef HYP_TIMER
        msr     cnthp_ctl_el2, x1
.else
.ifdef VIRTUAL
        msr     cntv_ctl_el0, x1
.else
        msr     cntp_ctl_el0, x1
.endif
.endif
.endif
.endif
.ifdef EOI_WRONG
        mov     w0, #0
.endif
.ifndef NO_EOI
end_it: str     w0, [x20, #0x10]
.endif
        adr     x0, ticks
        ldr     x1, [x0]
        add     x1, x1, #1
        str     x1, [x0]
        ldp     x0, x1, [sp], #16
        mov     x21, #1
back:   eret
        .balign 8
ticks:  .quad   0
        .bss
        .balign 16
        .space  512
top:
