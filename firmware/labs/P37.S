// P37: there is no device tree.
// After https://github.com/JackFurton/the_rack/issues/40 and https://github.com/HidenoriMatsubayashi/evisor/issues/1
// QEMU writes the device tree of an ELF program's machine at the start of RAM, 0x40000000, unless part of the program lies in the 1 MiB
// that it keeps for that.
#include "labs/lab.h"

#define RAM 0x40000000
#define MAGIC 0xd00dfeed    // of a flattened device tree, big-endian (Devicetree Specification 5.2)

#ifdef REPAIRED
    .data
#else
    .section .ram_start, "aw"
#endif
    .balign 16
log:
    .skip   64

function main
    ldr     x0, =log
    mov     x1, #1
    str     x1, [x0]
    print   "EL2: looking for the device tree"
    ldr     x0, =RAM
    ldr     w0, [x0]
    rev     w0, w0
    ldr     w1, =MAGIC
    cmp     w0, w1
    b.ne    no_tree
    print   "EL2: here it is"
    b       power_off
end main

function no_tree
    print   "EL2: it is not at the start of RAM"
    b       .
end no_tree
