//: all -Wl,-Ttext=0x40400000
//: right -O2
//: right -O0 -Wl,-Ttext=0x40800000
//: right -O3 -Wl,-Ttext=0x41000000
//: S1_NO_AF P14|P17 @mmu -O2
//: S1_NO_DEVICE P18 @out -O1
//: S1_TYPE fault-not-handled|P14 @mmu -O2
//: T0SZ P14|tcr @mmu|@tcr -O1
//: S2_NO_AF P17 @guest|@guest_begin -O2
//: S2_READONLY P27 @guest_store|@s2 -O2
//: S2_NO_CODE fault-not-handled|stage2-unmapped|P27 @guest|@guest_begin|@s2 -Os
//: S2_S2AP_NONE P27|fault-not-handled|stage2-permission @guest|@guest_store|@guest_begin|@s2 -O1
//: S2_WRONG_BASE P27|fault-not-handled|stage2-unmapped|guest-not-there @guest|@guest_begin|@s2 -O2
//: SL0 P26 @vtcr -O2
//: VTTBR fault-not-handled|P27|stage2-unmapped @vttbr|@guest|@guest_begin -O1
//: NO_VM stage2-off @hcr -O2
//: NO_RW P02 @eret|@hcr -O1
//: SPSR_EL2H P01 @spsr -O2
//: SPSR_BAD P01 @spsr|@eret -O3
//: SPSR_MASKED interrupt-masked @spsr|@guest_wait -O2
//: ELR_WRONG fault-not-handled|P11|P27|guest-not-there @elr|@eret -O1
//: NO_COPY P11|fault-not-handled|guest-not-there @eret|@guest|@guest_begin -O2
//: VBAR_UNSET P10 @guest_print|@guest|@guest_begin -O2
//: VBAR_MISALIGNED P09 @vbar -O2
//: NO_IMO P32|P34 @hcr -O1
//: NO_LR_STATE P34 @lr -O2
//: NO_GICH_EN P34 @lr|@gich -O2
//: NO_GROUP P34 @lr -O1
//: VTIMER_NOT_ENABLED P33 @gicd -O2
//: PMR_ZERO P33 @pmr|@gicd -O1
//: GICC_OFF P33 @gicd|@pmr -O2
//: GICD_OFF P33 @gicd|@gicd_ctlr -O2
//: PRIORITY P33 @priority|@pmr -O2
//: NO_EOI no-eoi @hyp_irq|@ack -O2
//: NO_SKIP P12 @guest_print -O2
//: SKIP_HVC P12 @skip_hvc -O1
//: NOT_SAVED P13 @hyp_sync -O1
//: HCD instruction-off @guest_call|@hcr -O2
//: IPA_SHIFT P28 @ipa -O2
//: POST_INDEX P29 @guest_post -O2
//: TID3 P31 @guest_id -O2
//: IMASK P35 @guest_timer -O2
//: FP_TRAP P23 @guest_fp -O2
//: moved guest_begin 0x40000000
// A hypervisor in C: its own MMU, a guest that is copied, stage 2, a UART that is emulated and a virtual timer through a list register.
typedef unsigned long u64;
typedef unsigned int u32;
#define MSR(r, v) asm volatile("msr " #r ", %0" ::"r"((u64)(v)) : "memory")
#define MRS(r) ({ u64 v_; asm volatile("mrs %0, " #r : "=r"(v_)); v_; })
#define MM(a) (*(volatile u32 *)(u64)(a))
enum { UART = 0x9000000, GICD = 0x8000000, GICC = 0x8010000, GICH = 0x8030000, GICV = 0x8040000 };
#define GUEST_PA 0x44000000ul
#define ALIGNED __attribute__((aligned(4096)))
static u64 own[512] ALIGNED, ipa1[512] ALIGNED, ipa2_low[512] ALIGNED, ipa2[512] ALIGNED, ipa3[512] ALIGNED;
static char stack[8192] __attribute__((used, aligned(16)));

asm(".globl _start\n"
    "_start:\n"
    "  ldr x9, =stack + 8192\n"
    "  mov sp, x9\n"
    "  ldr x9, =__bss_start\n"
    "  ldr x10, =_end\n"
    "0: cmp x9, x10\n"
    "  b.hs 1f\n"
    "  str xzr, [x9], #8\n"
    "  b 0b\n"
    "1: bl start\n"
    "2: wfi\n"
    "  b 2b\n");

static void out(char c)
{
    while (MM(UART + 0x18) & 0x20) // @out
        ;
    MM(UART) = c;
}
static void say(const char *s)
{
    while (*s)
        out(*s++);
}

static void mmu(void)
{
#ifndef S1_NO_DEVICE
    own[0] = 0x60000000000401ul;
#endif
#ifdef S1_NO_AF
    own[1] = 0x40000305ul;
#elif defined S1_TYPE
    own[1] = 0x40000704ul;
#else
    own[1] = 0x40000705ul;
#endif
    MSR(mair_el2, 0xff00);
#ifdef T0SZ
    MSR(tcr_el2, 0x80823500ul | 40); // @tcr
#else
    MSR(tcr_el2, 0x80823500ul | 25);
#endif
    MSR(ttbr0_el2, own);
    asm volatile("dsb sy; tlbi alle2; dsb sy; isb");
    MSR(sctlr_el2, 0x30c51835ul); // @mmu
    asm volatile("isb");
}

static void stage2(void)
{
    u64 attr = 0x7fc; // AF, inner shareable, S2AP read and write, Normal Write-Back
#ifdef S2_NO_AF
    attr &= ~0x400ul;
#elif defined S2_READONLY
    attr &= ~0x80ul;
#elif defined S2_S2AP_NONE
    attr &= ~0xc0ul;
#elif defined MEMATTR
    attr = 0x7c4;
#endif
    ipa1[0] = (u64)ipa2_low | 3;
    ipa2_low[64] = (u64)ipa3 | 3;
    for (u64 i = 0; i < 2; i++)
        ipa3[16 + i] = (GICV + i * 4096) | 0x7c7;
#ifdef S2_WRONG_BASE
    ipa1[2] = (u64)ipa2 | 3;
#else
    ipa1[1] = (u64)ipa2 | 3;
#endif
    for (u64 i = 0; i < 8; i++)
#ifdef S2_NO_CODE
        if (i)
#endif
        ipa2[i] = (GUEST_PA + (i << 21)) | attr | 1; // @s2
#ifdef SL0
    MSR(vtcr_el2, 0x80023500ul | 25); // @vtcr
#else
    MSR(vtcr_el2, 0x80023540ul | 25);
#endif
#ifdef VTTBR
    MSR(vttbr_el2, ((u64)ipa2_low + 0x8000) | 1ul << 48); // @vttbr
#else
    MSR(vttbr_el2, (u64)ipa1 | 1ul << 48);
#endif
    asm volatile("dsb ish; isb; tlbi vmalls12e1is; dsb ish; isb");
}

static void gic(void)
{
#ifndef GICD_OFF
    MM(GICD) = 1; // @gicd_ctlr
#endif
#ifdef PRIORITY
    MM(GICD + 0x418) = 0xf0f0f0f0; // @priority
#else
    MM(GICD + 0x418) = 0x80808080;
#endif
#ifdef VTIMER_NOT_ENABLED
    MM(GICD + 0x100) = 1u << 26; // @gicd
#else
    MM(GICD + 0x100) = 1u << 27; // @gicd
#endif
#ifdef PMR_ZERO
    MM(GICC + 4) = 0; // @pmr
#else
    MM(GICC + 4) = 0xf0; // @pmr
#endif
#ifndef GICC_OFF
    MM(GICC) = 1; // @gicc
#endif
#ifndef NO_GICH_EN
    MM(GICH) = 1; // @gich
#endif
}

#define FRAME                                                                                                            \
    "  sub sp, sp, #256\n  stp x0, x1, [sp]\n  stp x2, x3, [sp, #16]\n  stp x4, x5, [sp, #32]\n  stp x6, x7, [sp, #48]\n" \
    "  stp x8, x9, [sp, #64]\n  stp x10, x11, [sp, #80]\n  stp x12, x13, [sp, #96]\n  stp x14, x15, [sp, #112]\n"         \
    "  stp x16, x17, [sp, #128]\n  stp x18, x19, [sp, #144]\n  stp x20, x21, [sp, #160]\n  stp x22, x23, [sp, #176]\n"    \
    "  stp x24, x25, [sp, #192]\n  stp x26, x27, [sp, #208]\n  stp x28, x29, [sp, #224]\n  str x30, [sp, #240]\n"        \
    "  mov x0, sp\n"
#define UNFRAME                                                                                                           \
    "  ldp x0, x1, [sp]\n  ldp x2, x3, [sp, #16]\n  ldp x4, x5, [sp, #32]\n  ldp x6, x7, [sp, #48]\n"                     \
    "  ldp x8, x9, [sp, #64]\n  ldp x10, x11, [sp, #80]\n  ldp x12, x13, [sp, #96]\n  ldp x14, x15, [sp, #112]\n"         \
    "  ldp x16, x17, [sp, #128]\n  ldp x18, x19, [sp, #144]\n  ldp x20, x21, [sp, #160]\n  ldp x22, x23, [sp, #176]\n"    \
    "  ldp x24, x25, [sp, #192]\n  ldp x26, x27, [sp, #208]\n  ldp x28, x29, [sp, #224]\n  ldr x30, [sp, #240]\n"        \
    "  add sp, sp, #256\n  eret\n"
#ifdef NOT_SAVED
#define CLOBBER "  mov x21, #7\n" // @clobber_text
#else
#define CLOBBER
#endif
asm(".balign 0x800\n"
#ifdef VBAR_MISALIGNED
    "  .space 0x400\n"
#endif
    "hyp_vectors:\n"
    "  .rept 8\n  .balign 0x80\n  b hyp_dead\n  .endr\n"
    "  .balign 0x80\n  b hyp_sync\n"
    "  .balign 0x80\n  b hyp_irq\n"
    "  .rept 6\n  .balign 0x80\n  b hyp_dead\n  .endr\n"
    "hyp_dead: b .\n"
    "hyp_sync:\n" FRAME "  bl synchronous\n" UNFRAME
    "hyp_irq:\n" FRAME "  bl interrupt\n" UNFRAME);

void synchronous(u64 *x)
{
    u64 esr = MRS(esr_el2), far = MRS(far_el2);
    switch (esr >> 26) {
    case 0x16: // HVC
        if ((esr & 0xffff) == 9) {
            say("guest is done\n");
            asm volatile("mov x0, #0x84000000; add x0, x0, #8; smc #0" ::: "x0");
        }
        x[0] = 42;
#ifdef SKIP_HVC
        MSR(elr_el2, MRS(elr_el2) + 4); // @skip_hvc
#endif
#ifdef NOT_SAVED
        x[21] = 7; // @clobber
#endif
        return;
    case 0x18: // MRS
#ifdef TID3
        say("unknown register\n");
        for (;;)
            ;
#else
        x[(esr >> 5) & 31] = MRS(id_aa64mmfr0_el1);
        MSR(elr_el2, MRS(elr_el2) + 4);
        return;
#endif
    case 0x24: { // data abort
#ifdef IPA_SHIFT
        u64 ipa = (MRS(hpfar_el2) << 12) | (far & 0xfff); // @ipa
#else
        u64 ipa = ((MRS(hpfar_el2) & ~0xful) << 8) | (far & 0xfff);
#endif
        if (ipa == UART && (esr & 1 << 24)) {
            out(x[(esr >> 16) & 31]);
#ifndef NO_SKIP
            MSR(elr_el2, MRS(elr_el2) + 4);
#endif
            return; // @skip
        }
    }
    }
    say("guest died\n");
    for (;;)
        ;
}

void interrupt(u64 *x)
{
    u32 id = MM(GICC + 0xc); // @ack
    if ((id & 0x3ff) == 27) {
        MSR(cntv_ctl_el0, 3);
#ifdef NO_LR_STATE
        MM(GICH + 0x100) = 27 | 0x10 << 23; // @lr
#elif defined NO_GROUP
        MM(GICH + 0x100) = 27 | 0x10 << 23 | 1 << 28 | 1 << 30; // @lr
#else
        MM(GICH + 0x100) = 27 | 0x10 << 23 | 1 << 28; // @lr
#endif
    }
#ifndef NO_EOI
    MM(GICC + 0x10) = id;
#endif
} // @irq

void start(void)
{
    MM(UART + 0x24) = 1;
    MM(UART + 0x28) = 0;
    MM(UART + 0x2c) = 0x70;
    MM(UART + 0x30) = 0x301;
    mmu();
    say("hypervisor\n");
    gic();
    stage2();
    extern u32 guest_begin[], guest_end[];
#ifndef NO_COPY
    for (u32 *from = guest_begin, *to = (u32 *)GUEST_PA; from < guest_end; from++, to++) {
        *to = *from;
        asm volatile("dc civac, %0; ic ivau, %0" ::"r"(to) : "memory");
    }
#endif
    asm volatile("dsb sy; isb");
    extern char hyp_vectors[];
#ifndef VBAR_UNSET
    MSR(vbar_el2, hyp_vectors); // @vbar
#endif
    u64 hcr = 1ul << 31 | 1 << 5 | 1 << 4 | 1 << 3 | 1;
#ifdef NO_VM
    hcr &= ~1ul;
#endif
#ifdef TID3
    hcr |= 1 << 18;
#endif
#ifdef NO_RW
    hcr &= ~(1ul << 31);
#endif
#ifdef NO_IMO
    hcr &= ~0x10ul;
#endif
#ifdef HCD
    hcr |= 1ul << 29;
#endif
    MSR(hcr_el2, hcr); // @hcr
    MSR(cptr_el2, 0x33ff);
    MSR(cnthctl_el2, 3);
    MSR(cntvoff_el2, 0);
    MSR(sctlr_el1, 0x30d00800);
#ifdef FP_TRAP
    MSR(cpacr_el1, 0);
#else
    MSR(cpacr_el1, 3 << 20);
#endif
#ifdef SPSR_EL2H
    MSR(spsr_el2, 0x3c9); // @spsr
#elif defined SPSR_BAD
    MSR(spsr_el2, 0x3c6); // @spsr
#else
    MSR(spsr_el2, 0x3c5); // @spsr
#endif
#ifdef ELR_WRONG
    MSR(elr_el2, guest_begin); // @elr
#else
    MSR(elr_el2, 0x40000000);
#endif
    asm volatile("eret"); // @eret
}

asm(".balign 0x800\n"
    ".globl guest_begin, guest_end\n"
    "guest_begin:\n"
    "  adr x0, gvectors\n"
    "  msr vbar_el1, x0\n"
    "guest: movz x21, #0x900, lsl #16\n"
    "  mov w1, #'g'\n"
#ifdef POST_INDEX
    "guest_post: str w1, [x21], #0\n"
#else
    "guest_print: str w1, [x21]\n"
#endif
    "  mov w1, #'\\n'\n"
    "  str w1, [x21]\n"
    "  adr x2, gcell\n"
    "guest_store: str x1, [x2]\n"
    "guest_lock: ldxr x3, [x2]\n"
    "  stxr w4, x3, [x2]\n"
    "  cbnz w4, guest_lock\n"
    "guest_fp: fmov d0, x3\n"
    "guest_id: mrs x5, id_aa64mmfr0_el1\n"
    "  mov x21, #5\n"
    "guest_call: hvc #1\n"
    "  add x21, x21, #1\n"
    "  movz x6, #0x801, lsl #16\n"
    "  mov w7, #0xf0\n"
    "  str w7, [x6, #4]\n"
    "  mov w7, #1\n"
    "  str w7, [x6]\n"
    "  mov x8, #2000\n"
    "  msr cntv_tval_el0, x8\n"
#ifdef IMASK
    "  mov x8, #3\n"
#else
    "  mov x8, #1\n"
#endif
    "guest_timer: msr cntv_ctl_el0, x8\n"
#ifndef SPSR_MASKED
    "  msr daifclr, #2\n"
#endif
    "guest_wait: wfi\n"
    "  ldr x9, [x2]\n"
    "  cmp x9, #77\n"
    "  b.ne guest_wait\n"
    "  cmp x21, #6\n"
    "  b.ne .\n"
#ifdef NO_EOI
    "  str xzr, [x2]\n  mov x8, #2000\n  msr cntv_tval_el0, x8\n  mov x8, #1\n  msr cntv_ctl_el0, x8\n  b guest_wait\n"
#endif
    "  hvc #9\n"
    ".balign 0x800\n"
    "gvectors:\n"
    "  .rept 4\n  .balign 0x80\n  b .\n  .endr\n"
    "  .balign 0x80\n  b .\n"
    "  .balign 0x80\n"
    "  stp x0, x1, [x2, #16]\n"
    "  ldr w0, [x6, #0xc]\n"
    "  mov x1, #77\n"
    "  str x1, [x2]\n"
    "  str w0, [x6, #0x10]\n"
    "  ldp x0, x1, [x2, #16]\n"
    "  eret\n"
    "  .rept 10\n  .balign 0x80\n  b .\n  .endr\n"
    ".balign 16\n"
    "gcell: .quad 0, 0, 0, 0\n"
    "guest_end:\n");
