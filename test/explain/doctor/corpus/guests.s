//: right
//: right -DTWICE
//: right -DREMAPPED_WELL
//: VI_NEVER P35|vi-never|P34 @asleep
//: VI_NO_IMO virtual-interrupt-off @route|@asleep|@inject
//: VI_MASKED interrupt-masked @asleep
//: VI_STAYS storm|interrupt-storm @clear|@guest_irq|@inject|@guest_back|@hyp_back
//: TWI_LOOP P12 @hyp_back
//: REMAPPED P30 @change
//: SAME_VMID P30 @second|@change|@vttbr
//: CNTPCT cnthctl|P31|trap-not-handled @counter
//: TVM P31|trap-not-handled @mmu
//: CPTR P23 @vector_unit
//: TABLES_UNMAPPED P27|fault-not-handled|stage2-table @mmu|@walked
//: HOLE P27|fault-not-handled|stage2-unmapped @far_store
//: GUEST_STACK P27|fault-not-handled|stage2-unmapped @guest_push
//: XN P27|fault-not-handled @fetched
//: ID_TRAP P31 @identify
//: NO_ANSWER call-not-answered @call
// A guest of 2 MiB behind stage 2, with an interrupt that its hypervisor makes by HCR_EL2.VI.
        .equ    RAM, 0x40000000
        .text
        .global _start
_start: adr     x28, monitor
        msr     vbar_el2, x28
        adr     x28, boot_stack
        mov     sp, x28
        // IPA 0x40000000 is where the guest lies: 2 MiB at the same address, so that IPA = PA.
        adrp    x26, level1
        adrp    x27, level2
        orr     x25, x27, #3
        str     x25, [x26, #8]
        ldr     x25, =(RAM + 0x7fd)
.ifdef XN
        orr     x25, x25, #(1 << 54)
.endif
        str     x25, [x27]
.ifndef HOLE
        add     x25, x25, #0x200000
        str     x25, [x27, #8]
.endif
        ldr     x25, =0x80023558
        msr     vtcr_el2, x25
        mov     x25, #(3 << 48)
        orr     x25, x25, x26
vttbr:  msr     vttbr_el2, x25
        dsb     sy
        tlbi    vmalls12e1
        dsb     sy
        isb
        mov     x24, #0x80000000
.ifndef VI_NO_IMO
        orr     x24, x24, #0x10
.endif
        orr     x24, x24, #1
.ifdef TWI_LOOP
        orr     x24, x24, #(1 << 13)
.endif
.ifdef TVM
        orr     x24, x24, #(1 << 26)
.endif
.ifdef TSC
        orr     x24, x24, #(1 << 19)
.endif
.ifdef ID_TRAP
        orr     x24, x24, #(1 << 18)
.endif
route:  msr     hcr_el2, x24
        mov     x23, #0x33ff
.ifdef CPTR
        orr     x23, x23, #(1 << 10)
.endif
        msr     cptr_el2, x23
        mov     x23, #3
.ifdef CNTPCT
        mov     x23, #0
.endif
        msr     cnthctl_el2, x23
        msr     cntvoff_el2, xzr
        ldr     x23, =0x30d00800
        msr     sctlr_el1, x23
        mov     x23, #0x3c5
        msr     spsr_el2, x23
        adr     x23, guest
        msr     elr_el2, x23
        isb
enter:  eret

guest:
fetched:
        adr     x1, guest_vectors
        msr     vbar_el1, x1
.ifdef GUEST_STACK
        mov     x1, #0x60000000
        mov     sp, x1
guest_push:
        str     x1, [sp, #-16]!
.endif
.ifdef ID_TRAP
identify:
        mrs     x1, id_aa64pfr0_el1
.endif
.ifdef CNTPCT
counter:
        mrs     x1, cntpct_el0
.endif
.ifdef TVM
        ldr     x1, =0x30d00800
mmu:    msr     sctlr_el1, x1
.endif
.ifdef TABLES_UNMAPPED
        mov     x1, #0x50000000
        msr     ttbr0_el1, x1
        ldr     x1, =0x200803519
        msr     tcr_el1, x1
        isb
        ldr     x1, =0x30d00801
mmu:    msr     sctlr_el1, x1
walked: isb
.endif
.ifdef CPTR
        mov     x1, #(3 << 20)
        msr     cpacr_el1, x1
        isb
vector_unit:
        movi    v0.2d, #0
.endif
.ifdef HOLE
        ldr     x1, =(RAM + 0x200000)
far_store:
        str     x1, [x1]
.endif
        mov     x0, #1
        mov     x2, #0
call:   hvc     #1
.ifdef VI_MASKED
        msr     daifset, #2
.else
        msr     daifclr, #2
.endif
        cbnz    x2, awake
asleep: wfi
        cbz     x2, asleep
awake:
.ifdef REMAPPED
        .equ    REMAP, 1
.endif
.ifdef REMAPPED_WELL
        .equ    REMAP, 1
.endif
.ifdef SAME_VMID
        .equ    REMAP, 1
.endif
.ifdef REMAP
        ldr     x5, =(RAM + 0x200000)
        ldr     x6, [x5]
        mov     x0, #3
        hvc     #3
        ldr     x7, [x5]
        cmp     x6, x7
        b.eq    .
.endif
.ifdef ENDED
        brk     #7
.endif
        ldr     x0, =0x84000008
power:  smc     #0
        b       .

        .balign 0x800
guest_vectors:
        .rept 4
        .balign 0x80
        b       .
        .endr
        .balign 0x80
        b       .
        .balign 0x80
guest_irq:
        mov     x2, #1
        mov     x0, #2
        hvc     #2
guest_back:
        eret
        .rept 10
        .balign 0x80
        b       .
        .endr

        .balign 0x800
monitor:
        .rept 8
        .balign 0x80
        b       .
        .endr
        .balign 0x80
        b       1f
        .rept 7
        .balign 0x80
        b       .
        .endr
1:      stp     x10, x11, [sp, #-16]!
        mrs     x10, esr_el2
        lsr     x10, x10, #26
        cmp     x10, #0x16
        b.ne    other
.ifdef NO_ANSWER
        b       .
.endif
        mrs     x10, hcr_el2
        cmp     x0, #2
        b.eq    clear
        b.hi    change_map
        .ifdef TWI_LOOP
        .equ VI_NEVER, 1
        .endif
.ifndef VI_NEVER
        orr     x10, x10, #0x80
.endif
inject: msr     hcr_el2, x10
        b       hyp_back0
clear:
.ifndef VI_STAYS
        bic     x10, x10, #0x80
        msr     hcr_el2, x10
.endif
hyp_back0:
        ldp     x10, x11, [sp], #16
hyp_back:
        eret
other:
.ifdef TWI_LOOP
        b       hyp_back0
.endif
        b       .
change_map:
.ifdef SAME_VMID
        adrp    x10, other1
        adrp    x11, other2
        orr     x11, x11, #3
        str     x11, [x10, #8]
        ldr     x11, =(RAM + 0x7fd)
        adrp    x10, other2
        str     x11, [x10]
        add     x11, x11, #0x600000
        str     x11, [x10, #8]
        dsb     sy
        adrp    x10, other1
        mov     x11, #(3 << 48)
        orr     x10, x10, x11
second: msr     vttbr_el2, x10
        isb
        b       hyp_back0
.endif
        adrp    x10, level2
.ifdef REMAPPED_WELL
        str     xzr, [x10, #8]
        dsb     sy
        ldr     x11, =((RAM + 0x200000) >> 12)
        tlbi    ipas2e1is, x11
        dsb     sy
        tlbi    vmalle1is
        dsb     sy
.endif
        ldr     x11, =(RAM + 0x6007fd)
change: str     x11, [x10, #8]
        dsb     sy
        isb
        ldr     x10, =(RAM + 0x600000)
        str     x11, [x10]
        b       hyp_back0

        .balign 16
        .space  256
boot_stack:
        .bss
        .balign 4096
level1: .space  4096
level2: .space  4096
other1: .space  4096
other2: .space  4096
