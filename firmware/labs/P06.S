// P06: "Which exception level did I boot in?"
// After https://github.com/s-matyukevich/raspberry-pi-os/issues/118, https://github.com/s-matyukevich/raspberry-pi-os/issues/216 and
// https://github.com/seL4/microkit/issues/413
// CurrentEL has the level in bits 3 to 2 (Arm ARM C5.2, CurrentEL): at EL2 it reads as 8.
#include "labs/lab.h"

    vector_table vectors

function _start
    msr     SPSel, #1
    ldr     x1, =_stack_top
    mov     sp, x1
    bl      uart_init
    mrs     x0, CurrentEL
#ifdef REPAIRED
    lsr     x0, x0, #2
#endif
    cmp     x0, #2
    b.ne    not_at_el2
    print   "This is EL2"
    b       power_off
end _start

function not_at_el2
    print   "This is not EL2: start QEMU with -machine virt,virtualization=on"
    b       .
end not_at_el2
