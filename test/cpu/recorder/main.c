/*
 * For every configuration, instruction and level: sets the control registers, executes the one instruction at EL1 or EL0, and prints what
 * became of it: "configuration, level, word, text, ok | EL1 | EL2, ESR, ELR - address". matrix.h is written by make-sample.ts.
 */
typedef unsigned long u64;
typedef unsigned int u32;

/* The registers of a configuration, in the order of `values`. */
enum { HCR, CPTR, MDCR, CNTHCTL, HSTR, ICH_HCR, SCTLR1, CPACR, CNTKCTL, PMUSER, MDSCR, ICC_SRE2, REGISTERS };
struct configuration {
    const char *name;
    u64 values[REGISTERS];
};
struct instruction {
    u32 word;
    const char *text;
};
#include "matrix.h"

#define WRITE(name, value) __asm__ volatile("msr " name ", %0; isb" ::"r"((u64)(value)) : "memory")
#define READ(name)                                     \
    ({                                                 \
        u64 read_value;                                \
        __asm__ volatile("mrs %0, " name : "=r"(read_value)); \
        read_value;                                    \
    })

#define HVC_DONE 0x1234
#define CPTR_NO_TRAPS 0x33ff
#define HCR_RW (1ul << 31)
#define WFI 0xd503207f

extern char vectors_el1[], vectors_el2[];
u64 run(void *code, u64 spsr, u64 x1);

static u32 code[16] __attribute__((aligned(4096)));
static u64 stage2[512] __attribute__((aligned(4096)));
static char data[4096] __attribute__((aligned(4096)));

static void put_char(char c) { *(volatile u32 *)0x09000000 = (u32)c; }
static void put(const char *s) {
    while (*s) put_char(*s++);
}
static void put_hex(u64 value, int digits) {
    while (digits--) put_char("0123456789abcdef"[(value >> (4 * digits)) & 15]);
}

static void set_code(u32 first, u32 second) {
    code[0] = first;
    code[1] = second;
    __asm__ volatile("dsb sy; ic iallu; dsb sy; isb" ::: "memory");
}

/* What MRS reads at EL2 from the register that an MSR writes; 0 where it cannot be read. */
static u64 value_at_el2(u32 msr) {
    set_code((msr & ~31u) | (1u << 21), 0xd4000002 | (HVC_DONE << 5));
    u64 value = run(code, 0x3c9, 0);
    return (READ("esr_el2") & 0xffff) == HVC_DONE ? value : 0;
}

static int is_msr(u32 word) { return (word >> 20) == 0xd51; }

static void configure(const u64 *v) {
    WRITE("mdcr_el2", v[MDCR]);
    WRITE("cnthctl_el2", v[CNTHCTL]);
    WRITE("hstr_el2", v[HSTR]);
    WRITE("s3_4_c12_c11_0", v[ICH_HCR]);
    WRITE("s3_4_c12_c9_5", v[ICC_SRE2]);
    WRITE("sctlr_el1", v[SCTLR1]);
    WRITE("cpacr_el1", v[CPACR]);
    WRITE("cntkctl_el1", v[CNTKCTL]);
    WRITE("pmuserenr_el0", v[PMUSER]);
    WRITE("mdscr_el1", v[MDSCR]);
    WRITE("tcr_el1", 0);
    WRITE("mair_el1", 0);
    WRITE("vbar_el1", vectors_el1);
    WRITE("hcr_el2", v[HCR]);
    WRITE("cptr_el2", v[CPTR]);
}

static void try(const struct configuration *c, const struct instruction *i, int el) {
    const u64 *v = c->values;
    /* With TGE there is no EL1; a WFI that nothing traps would wait for ever. */
    if (el == 1 && (v[HCR] >> 27 & 1)) return;
    if (i->word == WFI && !(v[HCR] >> 13 & 1) && !(el == 0 && !(v[SCTLR1] >> 16 & 1))) return;
    u64 x1 = is_msr(i->word) ? value_at_el2(i->word) : (u64)data;
    set_code(i->word, el ? 0xd4000002 | (HVC_DONE << 5) : 0xd4000001 | (HVC_DONE << 5));
    configure(v);
    run(code, el ? 0x3c5 : 0x3c0, x1);
    WRITE("cptr_el2", CPTR_NO_TRAPS);
    u64 esr = READ("esr_el2"), elr = READ("elr_el2");
    WRITE("hcr_el2", HCR_RW);
    int target = 2;
    if ((esr & 0xffff) == 0x4321 && elr >= (u64)vectors_el1 && elr < (u64)vectors_el1 + 2048) {
        target = 1;
        esr = READ("esr_el1");
        elr = READ("elr_el1");
    }
    put(c->name);
    put(el ? "\tEL1\t" : "\tEL0\t");
    put_hex(i->word, 8);
    put("\t");
    put(i->text);
    if ((esr & 0xffff) == HVC_DONE && elr == (u64)&code[2]) {
        put("\tok\t-\t-\n");
        return;
    }
    put(target == 1 ? "\tEL1\t" : "\tEL2\t");
    put_hex(esr, 8);
    put(elr == (u64)code ? "\t0\n" : "\t4\n");
}

int main(void) {
    WRITE("hcr_el2", HCR_RW);
    WRITE("cptr_el2", CPTR_NO_TRAPS);
    WRITE("vbar_el2", vectors_el2);
    /* Stage 2 for the configurations with HCR_EL2.VM: devices, then RAM, one to one. */
    stage2[0] = 0x4c5;
    stage2[1] = 0x400007fd;
    WRITE("vttbr_el2", stage2);
    WRITE("vtcr_el2", 25 | 1 << 6 | 2 << 16 | 1ul << 31);
    __asm__ volatile("tlbi alle1; dsb sy; isb" ::: "memory");
    for (u32 c = 0; c < sizeof configurations / sizeof *configurations; c++)
        for (u32 i = 0; i < sizeof instructions / sizeof *instructions; i++)
            for (int el = 0; el < 2; el++) try(&configurations[c], &instructions[i], el);
    put("# end\n");
    register u64 system_off __asm__("x0") = 0x84000008;
    __asm__ volatile("smc #0" ::"r"(system_off));
    return 0;
}
