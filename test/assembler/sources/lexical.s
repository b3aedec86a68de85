// Comments, separators, tabs, capitals, character constants and brackets in all places.
.text
start:
    mov x0, #(1<<3)|(1<<4)      ; mov x1, #2 ; mov x2,#3
    mov x0 , #1 /* block */ ; nop // end
	mov	x1,	#0x1F	// tabs
    MOV X2, #3
    LDR X3, [SP, #8]!
    Mrs x4, CURRENTEL
    msr Vbar_El2, X5
    B.EQ start
    BL start
L1: L2: nop
    .macro MIXED Arg
    mov x0, #\Arg
    .endm
    mixed 5
    MIXED 6
    add x0, x0, #(end - start)
    sub x0, x0, #(end-start)/4
    ldr x1, [x2, #(8 * 3)]
    mov w5, #'A'
    mov w5, #' '
    mov w5, #';'
    mov w5, #'/'
    mov w5, '#'
    cmp w5, #'\n'
    mov w6, #'\\'
    mov w7, 'x'
    movk x0, #:abs_g0_nc:start
    movz x0, #:abs_g3:start
    movk x0, #:abs_g2_nc:start
    .asciz "semi;colon // not a comment /* nor this */ # @"
    .balign 4
end:
    nop
