// MRS trapped to EL2: find who answers, put the value in the guest's register, go on behind the instruction.
#include "el2/system_register.h"
#include "el2/trap.h"

bool handle_system_register(struct context *context, u64 esr) {
    u32 iss = ESR_ISS(esr);
    u64 value;
    if (!SYSREG_READ(iss) || !(read_id_register(SYSREG_NAME(iss), &value) || read_counter(SYSREG_NAME(iss), &value)))
        return false;
    if (SYSREG_RT(iss) != 31) // XZR: read and thrown away
        context->x[SYSREG_RT(iss)] = value;
    skip_instruction(context);
    return true;
}
