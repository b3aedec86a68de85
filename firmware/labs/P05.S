// P05: silence after MSR SCR_EL3 at EL2.
// After https://github.com/s-matyukevich/raspberry-pi-os/issues/207
// A register whose name ends in _EL3 can be accessed at EL3 alone: at EL2 the instruction is UNDEFINED, and is taken to EL2 itself.
#include "labs/lab.h"

function main
    print   "EL2: EL1 shall be AArch64"
#ifdef REPAIRED
    mov     x0, #HCR_EL2_RW
    msr     hcr_el2, x0
#else
    mov     x0, #0x501              // SCR_EL3: RW, HCE, NS
    msr     scr_el3, x0
#endif
    print   "EL2: done"
    b       power_off
end main
