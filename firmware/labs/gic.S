// The GICv2, as far as one interrupt needs it (Arm IHI 0048, chapter 4).
#include "labs/lab.h"
#include "layout.h"

// Lets the private interrupt with the INTID x0 (16 to 31) through to this processor. Changes x1 and x2.
function gic_on
    ldr     x1, =GICD_PA
    mov     w2, #1
    str     w2, [x1]                // GICD_CTLR
    lsl     w2, w2, w0
    str     w2, [x1, #0x100]        // GICD_ISENABLER0
    ldr     x1, =GICC_PA
    mov     w2, #0xf0
    str     w2, [x1, #4]            // GICC_PMR: lets every priority but the lowest through
    mov     w2, #1
    str     w2, [x1]                // GICC_CTLR
    ret
end gic_on
