// ID registers, trapped by HCR_EL2.TID3: the guest learns only about the processor it is meant to have.
#include "common/sysreg.h"
#include "el2/trap.h"

// ISS of a trapped MSR or MRS (Arm ARM D13.2.37): Op0 21..20, Op2 19..17, Op1 16..14, CRn 13..10, Rt 9..5, CRm 4..1, read 0.
#define SYSREG(op0, op1, crn, crm, op2) ((op0) << 20 | (op2) << 17 | (op1) << 14 | (crn) << 10 | (crm) << 1)
#define SYSREG_NAME(iss) ((iss)&SYSREG(3u, 7u, 15u, 15u, 7u))
#define SYSREG_RT(iss) (((iss) >> 5) & 31)
#define SYSREG_READ(iss) ((iss)&1)

#define ID_GROUP_3(name) (((name)&SYSREG(3u, 7u, 15u, 8u, 0u)) == SYSREG(3u, 0u, 0u, 0u, 0u)) // op1 = 0, CRn = 0, CRm = 1..7
#define PFR0_EL2 (0xful << 8)                                                                 // which states EL2 supports

static u64 guest_id_register(u32 name) {
    switch (name) {
    case SYSREG(3u, 0u, 0u, 4u, 0u): return read_sysreg(id_aa64pfr0_el1) & ~PFR0_EL2; // "there is no EL2": not for you
    case SYSREG(3u, 0u, 0u, 5u, 0u): return read_sysreg(id_aa64dfr0_el1);
    case SYSREG(3u, 0u, 0u, 6u, 0u): return read_sysreg(id_aa64isar0_el1);
    case SYSREG(3u, 0u, 0u, 7u, 0u): return read_sysreg(id_aa64mmfr0_el1);
    default: return 0; // the rest of the group reads as zero: no such feature
    }
}

bool handle_sysreg(struct context *context, u64 esr) {
    u32 iss = ESR_ISS(esr);
    if (!SYSREG_READ(iss) || !ID_GROUP_3(SYSREG_NAME(iss)))
        return false;
    if (SYSREG_RT(iss) != 31)
        context->x[SYSREG_RT(iss)] = guest_id_register(SYSREG_NAME(iss));
    skip_instruction(context);
    return true;
}
