// macros and more
.equ UART, 0x09000000
UARTDR = UART + 0
.macro putc c, reg=w0
  mov \reg, #\c
  ldr x1, =UARTDR
  str \reg, [x1]
.endm
.macro save_all
  .irp n, 0,2,4,6
  stp x\n, x\n+1, [sp, #-16]!
  .endr
.endm
.macro ventry label
  .balign 0x80
  b \label
.endm
.macro mov_imm r, v
  .if (\v) >> 16
  movz \r, #((\v) >> 16) & 0xffff, lsl #16
  movk \r, #(\v) & 0xffff
  .else
  movz \r, #\v
  .endif
.endm
.section .text
.global _start
.type _start, %function
_start:
  mrs x0, CurrentEL
  lsr x0, x0, #2
  cmp x0, #2
  b.ne 1f
  adr x1, vectors
  msr VBAR_EL2, x1
  putc 'A'
  putc 'B', w3
  putc reg=w4, c='C'
  mov_imm x5, 0x12345678
  mov_imm x6, 42
1: wfi
  b 1b
  cbz x0, 2f
  tbnz w1, #3, 2f
2: ret
  adrp x2, table
  add x2, x2, :lo12:table
  ldr x3, [x2, :lo12:table]
  ldr w4, [x2, #4]!
  ldrb w5, [x2], #1
  ldr x6, table
  movz x7, #:abs_g1:table
  movk x7, #:abs_g0_nc:table
  .rept 3
  nop
  .endr
base .req x9
  mov base, #1
  add base, base, base, lsl #2
  .unreq base
  ldr x0, =end_of_all
  ldr x1, =table + 8
  msr daifset, #0xf
  msr SPSel, #1
  tlbi vmalle1is
  tlbi vae1, x0
  dc civac, x1
  ic iallu
  at s1e1r, x2
  dsb ish; isb
  isb sy
  dmb oshst
  eret
  hvc #0
  smc 0
  svc #1
  fmov d0, #1.0
  fmov s1, 0.5
  fcmp d0, #0.0
  ldp q0, q1, [sp], #32
  movi v0.16b, #0xff
  mov v0.d[1], x1
  umov w0, v1.b[3]
  ld1 {v0.4s-v3.4s}, [x0], #64
  ld4 {v0.b, v1.b, v2.b, v3.b}[5], [x0]
  csel x0, x1, x2, lt
  cset w0, eq
  ccmp x0, #3, #0, ne
  ubfx x0, x1, #3, #4
  bfi w0, w1, 2, 3
  sxtw x0, w1
  uxtb w0, w1
  mvn x0, x1
  neg x0, x1, lsl #3
  tst x0, #0xff
  ands x0, x1, #(1<<5)
  orr x0, x0, #(1 << 31)
  and x0, x0, #~(0xf)
  movk x0, #0xabcd, lsl #48
  cmp w0, w1, uxtb #2
  add sp, sp, #0x10
  sub sp, sp, x0
  prfm pldl1keep, [x0, #8]
  stlr w0, [x1]
  ldaxr x0, [x1]
  stxr w2, x0, [x1]
  clrex
  sevl
  brk #0x1234
  hlt #0xf000
  msr S3_4_C12_C0_0, x0
  mrs x0, S3_0_C1_C0_0
  crc32cx w0, w1, x2
  aese v0.16b, v1.16b
  ldr x0, [x1, w2, uxtw #3]
  ldr d0, =0x3ff0000000000000
  ldrsw x0, =-5
  ldrsw x0, [x1, #-4]
  udf #7
.balign 0x800
vectors:
  ventry _start
  ventry 1b
.section .rodata
.balign 8
table: .quad _start, vectors, . - table
 .word 1, 2, -1, 0xffffffff, 'x'
 .byte 1,2,3
 .hword 0x1234
 .asciz "hello\n\t\"q\" \101\x42"
 .ascii "ab" "cd", "ef"
 .balign 4
 .word table_end - table
table_end:
.float 1.5, -2
.double 3.25
.data
counter: .quad 7
.fill 3, 2, 0xabcd
.skip 5, 0xee
.p2align 3
.quad counter + 4
.org 0x80
.byte 9
.bss
.balign 16
stack: .skip 4096
end_of_all:
