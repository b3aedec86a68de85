// Runs prepared cases one after the other and records every exception that they take to EL2, with all registers. The same image runs in QEMU
// and in our machine; what it recorded is compared byte by byte. See cases.ts for the form of a case.
//
// EL2 itself has its MMU off while it records. EL1 has vectors that pass every exception on by HVC.

.arch armv8-a+crc
#define CASES   0x50000000
#define LOG     0x60000000
#define RECORD  512
// What loads and stores are meant for, and what is there at the start of each case.
#define DATA    0x48000000
#define PRISTINE 0x4a000000
#define DATA_BYTES 0x4000
// Exceptions that a case may take before it ends.
#define LIMIT   24
// Ticks of the counter that a case may take.
#define WATCHDOG 2000
// SCTLR_EL2 with MMU and alignment checks off.
#define SAFE_LOW 0x0830
#define SAFE_HIGH 0x30c5
// Positions in a record, beside X0 to X30.
#define SLOT    248

    .text
    .globl _start
_start:
    ldr     x0, =vectors
    msr     vbar_el2, x0
    // The EL2 timer (PPI 26) ends a case that loops below EL2 without exceptions; cases have HCR_EL2.IMO = 1.
    mov     x0, #0x08000000             // GICD
    mov     w1, #1
    str     w1, [x0]
    mov     w1, #1 << 26
    str     w1, [x0, #0x100]
    mov     x0, #0x08010000             // GICC
    mov     w1, #0xff
    str     w1, [x0, #4]
    mov     w1, #1
    str     w1, [x0]
    mov     x28, #CASES
    ldr     x27, [x28], #8              // cases left
next:
    cbz     x27, off
    sub     x27, x27, #1
    adr     x0, case_now
    str     x28, [x0]
    adr     x0, cases_left
    str     x27, [x0]
    mov     x1, #LIMIT
    adr     x0, limit
    str     x1, [x0]
    // A case: setup code, ELR, SPSR, SCTLR_EL2, X0..X30, SP_EL0, SP_EL1, SP_EL2, number of memory words, {PA, value} ...
    add     x1, x28, #8*39
    ldr     x2, [x28, #8*38]
1:  cbz     x2, 2f
    ldp     x3, x4, [x1], #16
    ldr     x5, [x3]
    str     x4, [x3]
    str     x5, [x1, #-8]               // what was there, for the end
    sub     x2, x2, #1
    b       1b
2:  mov     x1, #DATA
    mov     x2, #PRISTINE
    mov     x3, #DATA_BYTES / 32
1:  ldp     x4, x5, [x2], #16
    ldp     x6, x7, [x2], #16
    stp     x4, x5, [x1], #16
    stp     x6, x7, [x1], #16
    sub     x3, x3, #1
    cbnz    x3, 1b
    ldr     x0, [x28]
    blr     x0
    dsb     sy
    tlbi    alle1
    tlbi    alle2
    ic      iallu
    dsb     sy
    isb
    ldr     x0, [x28, #8]
    msr     elr_el2, x0
    ldr     x0, [x28, #16]
    msr     spsr_el2, x0
    ldr     x1, [x28, #24]
    adr     x0, case_sctlr
    str     x1, [x0]
    ldr     x0, [x28, #8*35]
    msr     sp_el0, x0
    ldr     x0, [x28, #8*36]
    msr     sp_el1, x0
    ldr     x0, [x28, #8*37]
    mov     sp, x0
    mov     x0, #WATCHDOG
    msr     cnthp_tval_el2, x0
    mov     x0, #1
    msr     cnthp_ctl_el2, x0
    add     x0, x28, #32
    b       resume

// Loads or stores X2 to X29 of the record at x0.
    .macro  x2_to_x29 op
    \op     x2, x3, [x0, #16]
    \op     x4, x5, [x0, #32]
    \op     x6, x7, [x0, #48]
    \op     x8, x9, [x0, #64]
    \op     x10, x11, [x0, #80]
    \op     x12, x13, [x0, #96]
    \op     x14, x15, [x0, #112]
    \op     x16, x17, [x0, #128]
    \op     x18, x19, [x0, #144]
    \op     x20, x21, [x0, #160]
    \op     x22, x23, [x0, #176]
    \op     x24, x25, [x0, #192]
    \op     x26, x27, [x0, #208]
    \op     x28, x29, [x0, #224]
    .endm

// Goes on with the registers at x0: those of a case or of a record.
resume:
    x2_to_x29 ldp
    ldr     x30, [x0, #240]
    ldr     x1, [x0, #8]
    msr     tpidrro_el0, x1
    ldr     x1, [x0]
    msr     tpidr_el2, x1
    ldr     x0, case_sctlr
    msr     sctlr_el2, x0
    isb
    mrs     x0, tpidr_el2
    mrs     x1, tpidrro_el0
    eret

    .macro  slot offset
    .balign 0x80
    msr     tpidr_el2, x0
    msr     tpidrro_el0, x1
    mov     x1, #\offset
    b       record
    .endm
    .balign 0x800
vectors:
    .irp offset, 0x000, 0x080, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380, 0x400, 0x480, 0x500, 0x580, 0x600, 0x680, 0x700, 0x780
    slot    \offset
    .endr

record:
    mov     x0, #SAFE_LOW
    movk    x0, #SAFE_HIGH, lsl #16
    msr     sctlr_el2, x0
    isb
    ldr     x0, cursor
    x2_to_x29 stp
    stp     x30, x1, [x0, #240]         // slot at 248
    mrs     x2, tpidr_el2
    mrs     x3, tpidrro_el0
    stp     x2, x3, [x0]
    mrs     x2, esr_el2
    mrs     x3, elr_el2
    stp     x2, x3, [x0, #256]
    mrs     x4, spsr_el2
    mrs     x5, far_el2
    stp     x4, x5, [x0, #272]
    mrs     x6, hpfar_el2
    mrs     x7, esr_el1
    stp     x6, x7, [x0, #288]
    mrs     x8, elr_el1
    mrs     x9, spsr_el1
    stp     x8, x9, [x0, #304]
    mrs     x10, far_el1
    mrs     x11, par_el1
    stp     x10, x11, [x0, #320]
    mrs     x10, sp_el0
    mrs     x11, sp_el1
    stp     x10, x11, [x0, #336]
    mov     x10, sp
    ldr     x11, cases_left
    stp     x10, x11, [x0, #352]
    mrs     x10, hcr_el2
    mrs     x11, cntvct_el0
    stp     x10, x11, [x0, #368]
    // HPFAR_EL2 and PAR_EL1 change only where an exception or AT writes them; what was there is seen once.
    add     x10, x0, #RECORD
    adr     x11, cursor
    str     x10, [x11]

    // What now? x1: slot, x2: ESR, x3: ELR, x4: SPSR. An exception that EL1 passed on counts as what it was there.
    and     x10, x1, #0x180
    cbnz    x10, end                    // an interrupt or SError
    lsr     x10, x2, #26
    cmp     x10, #0x16
    b.ne    1f
    and     x11, x2, #0xffff
    and     x12, x11, #0xff80
    lsr     x12, x12, #8
    cmp     x12, #1
    b.ne    1f
    tst     x11, #3
    b.ne    end                         // an interrupt at EL1
    mov     x2, x7
    mov     x3, x8
    mov     x4, x9
    lsr     x10, x2, #26
1:  ubfx    x11, x2, #0, #16
    cmp     x10, #0x15                  // SVC #1, HVC #1: the end of the case
    b.eq    2f
    cmp     x10, #0x16
    b.ne    3f
2:  cmp     x11, #1
    b.eq    end
    b       go                          // the return address is behind it
3:  and     x11, x10, #0x3e
    cmp     x11, #0x20                  // no fetch there
    b.eq    end
    cmp     x10, #0x22
    b.eq    end
    cmp     x11, #0x32                  // a software step: one more
    b.ne    4f
    orr     x4, x4, #1 << 21
    b       go
4:  add     x3, x3, #4
    bic     x4, x4, #1 << 20
go: adr     x10, limit
    ldr     x11, [x10]
    sub     x11, x11, #1
    str     x11, [x10]
    cbz     x11, end
    msr     elr_el2, x3
    msr     spsr_el2, x4
    b       resume

end:
    msr     cnthp_ctl_el2, xzr
    isb
    mov     x0, #0x08010000             // GICC: acknowledge and end the interrupt, if there was one
    ldr     w1, [x0, #0xc]
    str     w1, [x0, #0x10]
    // What the case left in memory, as a checksum in its last record.
    mov     x1, #DATA
    mov     x3, #DATA_BYTES / 32
    mov     w0, #0
1:  ldp     x4, x5, [x1], #16
    ldp     x6, x7, [x1], #16
    crc32cx w0, w0, x4
    crc32cx w0, w0, x5
    crc32cx w0, w0, x6
    crc32cx w0, w0, x7
    sub     x3, x3, #1
    cbnz    x3, 1b
    ldr     x1, cursor
    str     x0, [x1, #384 - RECORD]
    ldr     x28, case_now
    ldr     x27, cases_left
    ldr     x2, [x28, #8*38]
    add     x28, x28, #8*39
    add     x28, x28, x2, lsl #4        // the next case
    mov     x1, x28
    // The memory words of a case become again what they were, the last first.
1:  cbz     x2, next
    sub     x2, x2, #1
    ldp     x3, x4, [x1, #-16]!
    str     x4, [x3]
    b       1b

off:
    mov     w0, #8
    movk    w0, #0x8400, lsl #16        // PSCI SYSTEM_OFF
    smc     #0
    b       .

    .balign 8
cursor:     .quad LOG
case_now:   .quad 0
cases_left: .quad 0
case_sctlr: .quad 0
limit:      .quad 0
    .ltorg

// EL1's vectors: slot number n says HVC #0x100 + n.
    .balign 0x10000
    .globl el1_vectors
el1_vectors:
    .set n, 0
    .rept 16
    .balign 0x80
    hvc     #0x100 + n
    .set n, n + 1
    .endr
