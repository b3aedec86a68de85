// A trapped MRS or MSR: which register, and who answers in its place.
#pragma once
#include "common/types.h"

// The name of a system register as ESR_EL2.ISS has it (Arm ARM D13.2.37): Op0 21..20, Op2 19..17, Op1 16..14, CRn 13..10, CRm 4..1.
#define SYSREG(op0, op1, crn, crm, op2) ((op0) << 20 | (op2) << 17 | (op1) << 14 | (crn) << 10 | (crm) << 1)
#define SYSREG_NAME(iss) ((iss)&SYSREG(3u, 7u, 15u, 15u, 7u))
#define SYSREG_RT(iss) (((iss) >> 5) & 31)
#define SYSREG_READ(iss) ((iss)&1) // 1: MRS

// True if the register is one that the function stands in for; the value is what the guest reads.
bool read_id_register(u32 name, u64 *value);
bool read_counter(u32 name, u64 *value);
