// Runs prepared cases one after the other and records every exception that they take to EL2, with all registers and a checksum of the data.
// The same image runs in QEMU and in our machine; what it recorded is compared. See cases.ts for the form of a case, compare.ts for that of a
// record.
//
// EL2 itself has its MMU off, and floating point untrapped, while it records. EL1 has vectors that pass every exception on by HVC.

.arch armv8-a+crc
#define CASES   0x50000000
#define LOG     0x60000000
#define RECORD  1024
// What loads and stores are meant for, and what is there at the start of each case.
#define DATA    0x48000000
#define PRISTINE 0x4a000000
#define DATA_BYTES 0x4000
// Ticks of the counter that a case may run without an exception.
#define WATCHDOG 2000
// SCTLR_EL2 with MMU and alignment checks off.
#define SAFE_LOW 0x0830
#define SAFE_HIGH 0x30c5
// CPTR_EL2 that traps nothing.
#define CPTR_LOW 0x33ff
// CPTR_EL2.TFP, and CPACR_EL1.FPEN.
#define TFP     (1 << 10)
#define FPEN    (3 << 20)
// Parts of a case, in doublewords: setup code, ELR, SPSR, SCTLR_EL2, X0..X30, SP_EL0, SP_EL1, SP_EL2, FPCR, FPSR, V0..V31, number of memory
// words, nothing, {PA, value} ... V registers are loaded from Device memory: they are aligned.
#define CASE_X  4
#define CASE_SP 35
#define CASE_FP 38
#define CASE_V  40
#define CASE_MEMORY 104
#define CASE_WORDS 106
// Positions in a record, beside X0 to X30.
#define SLOT    248
#define DATA_SUM 384
#define RECORD_FP 392
#define GOES_ON 408
#define RECORD_V 512

// Loads or stores all V registers at x0.
    .macro  all_v op
    .irp    n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    \op     q\n, [x0, #16 * \n]
    .endr
    .endm
    .macro  untrap
    mov     x0, #CPTR_LOW
    msr     cptr_el2, x0
    isb
    .endm

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
    ldp     x27, x0, [x28], #16         // cases left, exceptions that a case may take before it ends
    ldp     x2, xzr, [x28], #16         // whether each record has a checksum of the data: the last of a case always has one
    adr     x1, most
    stp     x0, x2, [x1]
next:
    cbz     x27, off
    sub     x27, x27, #1
    adr     x0, case_now
    str     x28, [x0]
    adr     x0, cases_left
    str     x27, [x0]
    ldr     x1, most
    adr     x0, limit
    str     x1, [x0]
    add     x1, x28, #8 * CASE_WORDS
    ldr     x2, [x28, #8 * CASE_MEMORY]
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
    untrap
    ldp     x1, x2, [x28, #8 * CASE_FP]
    msr     fpcr, x1
    msr     fpsr, x2
    add     x0, x28, #8 * CASE_V
    all_v   ldr
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
    ldr     x0, [x28, #8 * CASE_SP]
    msr     sp_el0, x0
    ldr     x0, [x28, #8 * (CASE_SP + 1)]
    msr     sp_el1, x0
    ldr     x0, [x28, #8 * (CASE_SP + 2)]
    mov     sp, x0
    mov     x0, #1
    msr     cnthp_ctl_el2, x0
    add     x0, x28, #8 * CASE_X
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
    mov     x1, #WATCHDOG
    msr     cnthp_tval_el2, x1
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
    mov     x10, x0
    mrs     x11, cptr_el2
    untrap
    mrs     x12, fpcr
    mrs     x13, fpsr
    stp     x12, x13, [x10, #RECORD_FP]
    add     x0, x10, #RECORD_V
    all_v   str
    msr     cptr_el2, x11
    mov     x0, x10
    ldr     x10, sums
    cbz     x10, 1f
    bl      checksum
    str     x12, [x0, #DATA_SUM]
1:
    // HPFAR_EL2 and PAR_EL1 change only where an exception or AT writes them; what was there is seen once.
    add     x10, x0, #RECORD
    adr     x11, cursor
    str     x10, [x11]

    // What now? x1: slot, x2: ESR, x3: ELR, x4: SPSR. An exception that EL1 passed on counts as what it was there. Floating point that is
    // trapped is made available, by the level that trapped it, and goes on: as an operating system switches it lazily.
    and     x10, x1, #0x180
    cbnz    x10, end                    // an interrupt or SError
    lsr     x10, x2, #26
    cmp     x10, #0x07
    b.eq    lazy_el2
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
    cmp     x10, #0x07
    b.eq    lazy_el1
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
lazy_el2:
    mrs     x10, cptr_el2
    bic     x10, x10, #TFP
    msr     cptr_el2, x10
    b       go
lazy_el1:
    mrs     x10, cpacr_el1
    orr     x10, x10, #FPEN
    msr     cpacr_el1, x10
    b       go
4:  add     x3, x3, #4
    bic     x4, x4, #1 << 20
go: str     x3, [x0, #GOES_ON]
    adr     x10, limit
    ldr     x11, [x10]
    sub     x11, x11, #1
    str     x11, [x10]
    cbz     x11, end
    msr     elr_el2, x3
    msr     spsr_el2, x4
    b       resume

// What the case has in memory, as a checksum in X12.
checksum:
    mov     x10, #DATA
    mov     x11, #DATA_BYTES / 32
    mov     w12, #0
1:  ldp     x13, x14, [x10], #16
    ldp     x15, x16, [x10], #16
    crc32cx w12, w12, x13
    crc32cx w12, w12, x14
    crc32cx w12, w12, x15
    crc32cx w12, w12, x16
    sub     x11, x11, #1
    cbnz    x11, 1b
    ret

end:
    bl      checksum
    ldr     x0, cursor
    sub     x0, x0, #RECORD
    str     x12, [x0, #DATA_SUM]
    msr     cnthp_ctl_el2, xzr
    isb
    mov     x0, #0x08010000             // GICC: acknowledge and end the interrupt, if there was one
    ldr     w1, [x0, #0xc]
    str     w1, [x0, #0x10]
    ldr     x28, case_now
    ldr     x27, cases_left
    ldr     x2, [x28, #8 * CASE_MEMORY]
    add     x28, x28, #8 * CASE_WORDS
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
most:       .quad 0
sums:       .quad 0
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
