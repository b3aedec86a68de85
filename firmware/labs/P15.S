// P15: a translation fault at the end of the image, right after the MMU was switched on.
// After https://community.arm.com/support-forums/f/dev-platforms-forum/52692/
// A page that is only partly used has to be mapped too: the number of pages is rounded up.
#include "labs/lab.h"
#include "labs/tables.h"

#define IMAGE 0x40100000

    level1_table level1
    .quad   DEVICE_BLOCK
    .quad   level2 + TABLE
    .quad   0, 0

    .bss
    .balign 0x1000
level2:                             // 512 entries of 2 MiB, from 0x40000000 on
    .skip   0x1000
level3:                             // 512 entries of 4 KiB, from 0x40000000 on
    .skip   0x1000

function main
    print   "EL2: mapping the image by pages"
    bl      map_image
    ldr     x0, =level1
    bl      mmu_on
    print   "EL2: the MMU is on"
    stp     x0, x30, [sp, #-16]!    // the stack is at the end of the image
    print   "EL2: the stack works"
    b       power_off
end main

function map_image
    mov     x19, x30
    ldr     x0, =level2
    ldr     x1, =level3
    add     x2, x1, #TABLE
    str     x2, [x0]

    ldr     x2, =IMAGE
    ldr     x3, =_image_end
    sub     x3, x3, x2
#ifdef REPAIRED
    add     x3, x3, #0xfff
#endif
    lsr     x3, x3, #12             // pages
    add     x1, x1, #8 * ((IMAGE >> 12) & 511)
    ldr     x4, =PAGE | NORMAL | AP1
    add     x2, x2, x4
1:  str     x2, [x1], #8
    add     x2, x2, #0x1000
    subs    x3, x3, #1
    b.ne    1b

    bl      table_written
    ldr     x0, =level3
    bl      table_written
    ret     x19
end map_image
