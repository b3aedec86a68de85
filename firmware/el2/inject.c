// Giving the guest an exception: EL2 does by hand what the processor does on an exception taken to EL1 (Arm ARM D1.10.5).
#include "el2/inject.h"
#include "common/arm.h"
#include "common/sysreg.h"

#define ESR_IL_32_BIT (1ul << 25)

void inject_external_abort(struct context *context, u64 esr) {
    bool from_el0 = ((context->spsr >> 2) & 3) == 0;
    bool on_sp_elx = context->spsr & 1;
    u64 ec = from_el0 ? EC_DATA_ABORT_LOWER : EC_DATA_ABORT_SAME;

    write_sysreg(spsr_el1, context->spsr); // PSTATE -> SPSR
    write_sysreg(elr_el1, context->elr);   // return address -> ELR
    write_sysreg(esr_el1, (ec << 26) | ESR_IL_32_BIT | (ISS_WNR(esr) << 6) | FSC_EXTERNAL_ABORT);
    write_sysreg(far_el1, read_sysreg(far_el2));

    u64 slot = from_el0 ? LOWER_A64_SYNC : on_sp_elx ? CURRENT_SPX_SYNC : CURRENT_SP0_SYNC;
    context->spsr = (context->spsr & ~0x3fful) | SPSR_DAIF | SPSR_M_EL1H; // interrupts masked, EL1 on SP_EL1
    context->elr = read_sysreg(vbar_el1) + slot * 0x80;                   // PC = VBAR_EL1 + offset
}
