/**
 * A program for four CPUs at EL2 that prints the same on any machine with them: started by PSCI, they count under a spinlock, send SGIs to
 * each other in a ring, and one sees through its TLB what another has mapped.
 */
const GICV2 = `
.macro gic_start
  ldr x1, =0x08000000
  mov w0, #1
  str w0, [x1]                // GICD_CTLR, shared
  mov w0, #0x80
  strb w0, [x1, #0x401]       // priority of SGI 1, banked
  ldr x1, =0x08010000
  mov w0, #0xf0
  str w0, [x1, #4]            // GICC_PMR
  mov w0, #1
  str w0, [x1]                // GICC_CTLR
.endm
.macro gic_send                // to the CPU in w20, SGI 1
  mov w0, #0x10000
  lsl w0, w0, w20
  orr w0, w0, #1
  ldr x1, =0x08000f00
  str w0, [x1]
.endm
.macro gic_take                // into x2: what was acknowledged
  ldr x1, =0x08010000
  ldr w2, [x1, #0xc]
  str w2, [x1, #0x10]
.endm
.macro gic_facts               // into x2: what tells the CPU that asks
  ldr x1, =0x08000000
  ldr w2, [x1, #4]             // GICD_TYPER
  ldr w3, [x1, #0x800]         // GICD_ITARGETSR0
  orr x2, x2, x3, lsl #32
.endm
`;
const GICV3 = `
.macro gic_start
  ldr x1, =0x08000000
  mov w0, #2
  str w0, [x1]                // GICD_CTLR.EnableGrp1
  ldr x1, =0x080b0000
  add x1, x1, x19, lsl #17
  mov w0, #2
  str w0, [x1, #0x80]         // GICR_IGROUPR0
  str w0, [x1, #0x100]        // GICR_ISENABLER0
  mov w0, #0x80
  strb w0, [x1, #0x401]
  mov x0, #0xf0
  msr icc_pmr_el1, x0
  mov x0, #1
  msr icc_igrpen1_el1, x0
  isb
.endm
.macro gic_send
  mov w0, #1
  lsl w0, w0, w20
  orr w0, w0, #0x1000000
  msr icc_sgi1r_el1, x0
  isb
.endm
.macro gic_take
  mrs x2, icc_iar1_el1
  msr icc_eoir1_el1, x2
  isb
.endm
.macro gic_facts
  ldr x1, =0x080a0000
  add x1, x1, x19, lsl #17
  ldr x2, [x1, #8]             // GICR_TYPER
.endm
`;

export const fourCpus = (gic: 2 | 3): string => `${gic === 2 ? GICV2 : GICV3}
.global _start
_start:
  mov x19, #0
  bl start_cpu
  // CPU_ON and AFFINITY_INFO of CPUs that are off, on, and not there
  adr x25, calls
  bl make_calls
1:
  adr x0, arrived
  ldar x0, [x0]
  cmp x0, #3
  b.ne 1b
  adr x25, calls_again
  bl make_calls
  bl work
  // all have done everything: what each has left
  mov x26, #0
3:
  adr x25, results
  add x25, x25, x26, lsl #5
  ldr x0, [x25]
  bl print
  ldr x0, [x25, #8]
  bl print
  ldr x0, [x25, #16]
  bl print
  ldr x0, [x25, #24]
  bl print
  add x26, x26, #1
  cmp x26, #4
  b.lt 3b
  adr x0, counter
  ldr x0, [x0]
  bl print
  // the others switch themselves off
  adr x0, leave
  mov x1, #1
  stlr x1, [x0]
  sev
  mov x25, #1
4:
  mov x1, x25
  ldr x0, =0xc4000004
  mov x2, #0
  smc #0
  cmp x0, #1
  b.ne 4b
  add x25, x25, #1
  cmp x25, #4
  b.lt 4b
  mov x0, x25
  bl print
  // and are switched on again
  ldr x0, =0xc4000003
  mov x1, #3
  adr x2, again
  mov x3, #0x77
  smc #0
5:
  wfe
  adr x0, came
  ldar x0, [x0]
  cbz x0, 5b
  bl print
  ldr x0, =0x84000008
  smc #0

again:
  adr x1, came
  stlr x0, [x1]
  sev
  ldr x0, =0x84000002
  smc #0

secondary:
  mov x19, x0
  bl start_cpu
  bl work
6:
  adr x0, leave
  ldar x0, [x0]
  cbnz x0, 7f
  wfe
  b 6b
7:
  ldr x0, =0x84000002
  smc #0

start_cpu:
  adr x0, stacks
  add x0, x0, x19, lsl #12
  add sp, x0, #4096
  adr x0, vectors
  msr vbar_el2, x0
  mov x0, #0x10                // HCR_EL2.IMO
  msr hcr_el2, x0
  gic_start
  ret

work:
  stp x29, x30, [sp, #-16]!
  adr x25, results
  add x25, x25, x19, lsl #5
  mrs x0, mpidr_el1
  mrs x1, currentel
  orr x0, x0, x1, lsl #32
  str x0, [x25]
  gic_facts
  str x2, [x25, #8]
  bl barrier
  // count under the lock
  mov x24, #400
8:
  adr x0, lock
  mov w1, #1
9:
  ldaxr w2, [x0]
  cbnz w2, 10f
  stxr w3, w1, [x0]
  cbnz w3, 9b
  b 11f
10:
  wfe
  b 9b
11:
  adr x1, counter
  ldr x2, [x1]
  add x2, x2, #1
  str x2, [x1]
  stlr wzr, [x0]
  sev
  subs x24, x24, #1
  b.ne 8b
  bl barrier
  // an SGI to the next CPU, by the one that got its own; CPU 0 begins
  cbnz x19, 12f
  mov w20, #1
  gic_send
12:
  wfi
  msr daifclr, #2
  isb
  msr daifset, #2
  ldr x0, [x25, #16]
  cbz x0, 12b
  cbz x19, 13f
  add w20, w19, #1
  and w20, w20, #3
  gic_send
13:
  bl barrier
  // the page tables: CPU 0 maps, the others have the old page in their TLBs
  cbnz x19, 14f
  adr x0, level3
  adr x1, level2
  orr x2, x0, #3
  str x2, [x1]
  adr x0, level1
  orr x2, x1, #3
  str x2, [x0, #16]            // VA 0x80000000
  ldr x1, =0x40000000
  ldr x2, =0x40000701
  str x2, [x0, #8]             // RAM as a block
  ldr x2, =0x401
  str x2, [x0]                 // devices
  adr x0, page_a
  ldr x1, =0x703
  orr x0, x0, x1
  adr x1, level3
  str x0, [x1]
  dsb ish
14:
  bl barrier
  adr x0, level1
  msr ttbr0_el2, x0
  ldr x0, =0x80803519
  msr tcr_el2, x0
  ldr x0, =0xff00
  msr mair_el2, x0
  dsb ish
  isb
  ldr x0, =0x30c51835
  msr sctlr_el2, x0
  isb
  ldr x0, =0x80000000
  ldr x24, [x0]
  bl barrier
  cbnz x19, 15f
  adr x1, level3
  str xzr, [x1]
  dsb ishst
  ldr x0, =0x80000
  tlbi vae2is, x0
  dsb ish
  adr x0, page_b
  ldr x2, =0x703
  orr x0, x0, x2
  str x0, [x1]
  dsb ish
  isb
15:
  bl barrier
  ldr x0, =0x80000000
  ldr x1, [x0]
  orr x24, x1, x24, lsl #8
  str x24, [x25, #24]
  // code that CPU 0 changes, which all have executed
  bl patched
  bl barrier
  cbnz x19, 16f
  adr x0, patched
  ldr w1, replacement
  str w1, [x0]
  dc cvau, x0
  dsb ish
  ic ialluis
  dsb ish
16:
  bl barrier
  isb
  bl patched
  ldr x1, [x25, #24]
  orr x1, x1, x0, lsl #32
  str x1, [x25, #24]
  bl barrier
  ldp x29, x30, [sp], #16
  ret
replacement:
  mov x0, #0x22
patched:
  mov x0, #0x11
  ret

make_calls:
  mov x28, x30
2:
  ldp x1, x0, [x25], #16
  cmn x1, #1
  b.eq 21f
  and x2, x0, #4               // AFFINITY_INFO of the CPU itself
  sub x2, x2, #4
  adr x3, secondary
  and x2, x2, x3
  mov x3, x1
  smc #0
  bl print
  b 2b
21:
  ret x28

barrier:
  adr x0, arrived
17:
  ldaxr x1, [x0]
  add x1, x1, #1
  stlxr w2, x1, [x0]
  cbnz w2, 17b
  add x1, x1, #3
  and x1, x1, #-4              // all of this round
18:
  ldar x2, [x0]
  cmp x2, x1
  b.lt 18b
  ret

print:
  ldr x5, =0x09000000
  mov w6, #60
19:
  lsr x7, x0, x6
  and x7, x7, #15
  add x7, x7, #48
  cmp x7, #58
  b.lt 20f
  add x7, x7, #39
20:
  str w7, [x5]
  subs w6, w6, #4
  b.ge 19b
  mov w6, #10
  str w6, [x5]
  ret

.balign 2048
vectors:
.org vectors + 0x280
  stp x0, x1, [sp, #-32]!
  stp x2, x3, [sp, #16]
  gic_take
  orr x2, x2, #0x80000000
  str x2, [x25, #16]
  ldp x2, x3, [sp, #16]
  ldp x0, x1, [sp], #32
  eret
.org vectors + 0x800

.balign 8
calls:
  .quad 1, 0xc4000004
  .quad 1, 0xc4000003
  .quad 2, 0xc4000003
  .quad 3, 0xc4000003
  .quad 0, 0xc4000003
  .quad 4, 0xc4000003
  .quad 0x100, 0xc4000003
  .quad -1, 0
calls_again:
  .quad 1, 0xc4000003
  .quad 1, 0xc4000004
  .quad -1, 0
.balign 64
lock: .quad 0
.balign 64
counter: .quad 0
.balign 64
arrived: .quad 0
.balign 64
leave: .quad 0
came: .quad 0
.balign 64
results: .space 128
.balign 4096
page_a: .quad 0xa
.balign 4096
page_b: .quad 0xb
.balign 4096
level1: .space 4096
level2: .space 4096
level3: .space 4096
stacks: .space 16384
`;
