//: right
//: right -DTIMEOUT
//: right -DBY_INTERRUPT
//: right -DPATCHED
//: right -DPROBE_BUS
//: PI_UART device-not-there|P18|fault-not-handled @print
//: PI_NO_VECTORS device-not-there|P18|P10|fault-not-handled @print
//: POLL_BIT polling|spin @poll
//: POLL_MEMORY polling|spin @poll
//: POLL_GIC polling|spin|P33 @poll
//: POLL_VIRTIO polling|spin @poll
//: POLL_COUNTER polling|spin @poll
//: POLL_NOTHING polling @poll
//: POLL_REGISTER polling @poll
//: LOCK_TWICE polling @taken
//: WRONG_FLAG uart-wrong-flag @wrong
//: UNALIGNED P19 @print
//: TREE P37 @tree|@look
//: MISSED_IRQ P33|P35|uart-interrupt|uart-mask @asleep|@mask
//: NO_IMSC P35|uart-interrupt|uart-mask @asleep|@mask
//: FALLS_THROUGH falls-through|fault-not-handled|P11|no-code @last
// The board's devices, by EL2 without an MMU.
        .text
        .global _start
        .equ    UART, 0x09000000
_start: msr     daifset, #15
.ifndef PI_NO_VECTORS
        adr     x7, vectors
        msr     vbar_el2, x7
        ldr     x7, =stack
        mov     sp, x7
.endif
.ifdef PI_NO_VECTORS
        .equ    PI_UART, 1
.endif
.ifdef PI_UART
        ldr     x9, =0x3f201000
.else
        ldr     x9, =UART
        mov     w10, #13
        str     w10, [x9, #0x24]
        str     wzr, [x9, #0x28]
        mov     w10, #0x70
        str     w10, [x9, #0x2c]
        mov     w10, #0x301
        str     w10, [x9, #0x30]
.endif
        mov     w10, #'>'
.ifdef UNALIGNED
        add     x9, x9, #1
.endif
.ifdef WRONG_FLAG
1:      ldr     w11, [x9, #0x18]
wrong:  tbz     w11, #6, 1b
.endif
print:  str     w10, [x9]
.ifdef PROBE_BUS
        ldr     x11, =0x20000000
        ldr     w12, [x11]
.endif
.ifdef PATCHED
        adr     x11, patch
        ldr     w12, =0xd503201f
        str     w12, [x11]
        dc      cvau, x11
        dsb     ish
        ic      ivau, x11
        dsb     ish
        isb
patch:  b       .
.endif
.ifdef POLL_BIT
poll:   ldr     w12, [x9, #0x18]
        tbz     w12, #3, poll
.endif
.ifdef POLL_MEMORY
        adr     x13, cell
poll:   ldr     w12, [x13]
        cbz     w12, poll
.endif
.ifdef POLL_NOTHING
        ldr     x13, =0x1c090018
poll:   ldr     w12, [x13]
        tbnz    w12, #5, poll
.endif
.ifdef POLL_REGISTER
        adr     x13, cell
        ldr     w12, [x13]
poll:   cbz     w12, poll
.endif
.ifdef LOCK_TWICE
        adr     x13, cell
        bl      lock
        bl      lock
        b       off_now
lock:   mov     w14, #1
taken:  ldaxr   w12, [x13]
        cbnz    w12, taken
        stxr    w15, w14, [x13]
        cbnz    w15, taken
        ret
.endif
.ifdef POLL_GIC
        ldr     x13, =0x08010000
poll:   ldr     w12, [x13, #0xc]
        cmp     w12, #1020
        b.hs    poll
.endif
.ifdef POLL_VIRTIO
        ldr     x13, =0x0a000000
        mov     w12, #4
        str     w12, [x13, #0x70]
poll:   ldr     w12, [x13, #0x70]
        tbz     w12, #2, poll
.endif
.ifdef POLL_COUNTER
        mov     x14, #100
poll:   ldr     w12, [x9, #0x20]
        cmp     w12, #55
        b.eq    1f
        add     x14, x14, #0
        b       poll
1:
.endif
.ifdef TREE
        mov     x13, #0x40000000
tree:
        str     wzr, [x13]
        ldr     w12, [x13]
        ldr     w14, =0xedfe0dd0
        cmp     w12, w14
look:   b.ne    .
.endif
.ifdef TIMEOUT
        mrs     x13, cntpct_el0
        add     x13, x13, #500
2:      ldr     w12, [x9, #0x18]
        tbz     w12, #4, 3f
        mrs     x14, cntpct_el0
        cmp     x14, x13
        b.lo    2b
3:      b       off_now
.endif
.ifdef MISSED_IRQ
        .equ    BY_INTERRUPT, 1
.endif
.ifdef NO_IMSC
        .equ    BY_INTERRUPT, 1
.endif
.ifdef BY_INTERRUPT
        mov     x13, #0x38
        msr     hcr_el2, x13
        ldr     x13, =0x08000000
        mov     w14, #1
        str     w14, [x13]
.ifndef MISSED_IRQ
        mov     w14, #2
        str     w14, [x13, #0x104]
.endif
        mov     w14, #1
        strb    w14, [x13, #(0x800 + 33)]
        ldr     x15, =0x08010000
        mov     w14, #0xff
        str     w14, [x15, #4]
        mov     w14, #1
        str     w14, [x15]
.ifndef NO_IMSC
        mov     w14, #0x10
mask:   str     w14, [x9, #0x38]
.endif
        msr     daifclr, #2
asleep: wfi
        b       asleep
.endif
.ifdef FALLS_THROUGH
        nop
last:   .space  64
.endif
read:   ldr     w12, [x9, #0x18]
        tbnz    w12, #4, read
        ldr     w12, [x9]
        cmp     w12, #'q'
        b.ne    read
off_now:
        ldr     x0, =0x84000008
off:
        smc     #0
        b       .

        .balign 0x800
vectors:
        .rept 4
        .balign 0x80
        b       .
        .endr
        .balign 0x80
.ifdef PROBE_BUS
        mrs     x2, elr_el2
        add     x2, x2, #4
        msr     elr_el2, x2
        eret
.else
        b       .
.endif
        .balign 0x80
        ldr     w2, [x15, #0xc]
        ldr     w3, [x9]
        str     w3, [x9]
        str     w2, [x15, #0x10]
        eret
        .rept 10
        .balign 0x80
        b       .
        .endr
cell:   .word   0
        .bss
        .balign 16
        .space 256
stack:
