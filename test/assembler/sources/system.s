// System registers and operations by name, by number and as SYS; barriers, hints, exceptions.
.set HCR_RW,        (1 << 31)
.set HCR_VALUE,     HCR_RW
SCTLR_RESERVED = (3 << 28) | (3 << 22) | (1 << 20) | (1 << 11)
SCTLR_EE_LITTLE_ENDIAN = (0 << 25)
SCTLR_VALUE_MMU_DISABLED = (SCTLR_RESERVED | SCTLR_EE_LITTLE_ENDIAN)
.text
.global el2_entry
el2_entry:
    ldr x0, =SCTLR_VALUE_MMU_DISABLED
    msr sctlr_el1, x0
    ldr x0, =HCR_VALUE
    msr hcr_el2, x0
    mov x0, #0x33ff
    msr cptr_el2, x0
    msr hstr_el2, xzr
    mov x0, #(3 << 20)
    msr cpacr_el1, x0
    mrs x0, cnthctl_el2
    orr x0, x0, #3
    msr cnthctl_el2, x0
    msr cntvoff_el2, xzr
    ldr x0, =0x3c5
    msr spsr_el2, x0
    adr x0, el1_entry
    msr elr_el2, x0
    eret
el1_entry:
    msr DAIFSet, #0xf
    msr daifclr, 0b0010
    msr SPSel, #1
    dsb ish
    isb sy
    isb
    dmb oshst
    tlbi vmalle1is
    tlbi vae1, x3
    tlbi alle2
    tlbi ipas2e1is, x4
    ic iallu
    ic ivau, x1
    dc zva, x2
    dc cvau, x0
    dc civac, x1
    at s1e1r, x0
    at s12e1w, x7
    mrs x0, par_el1
    mrs x1, S3_0_C4_C2_2
    msr S3_4_c1_c1_0, x2
    mrs x3, s3_3_c13_c0_2
    sys #0, c7, c5, #0
    sys #3, C7, C4, #1, x5
    hint #3
    yield
    sevl
    svc #0
    hvc #0x1234
    smc 0
    brk #0xf000
    hlt 3
    drps
