// P36: PSCI by HVC or by SMC?
// After https://github.com/arceos-hypervisor/arm_vcpu/pull/12 and https://github.com/rcore-os/tgoskits/pull/1692
// PSCI is answered by the firmware above. For a program at EL2 that is SMC, as the device tree's /psci node says ("method"): HVC comes to
// the program itself.
#include "labs/lab.h"
#include "common/hypercalls.h"

function main
    print   "EL2: which version of PSCI is there?"
    ldr     x0, =PSCI_VERSION
#ifdef REPAIRED
    smc     #0
#else
    hvc     #0
#endif
    mov     x19, x0
    print   "EL2: this one"
    mov     x0, x19
    bl      put_hex
    b       power_off
end main
