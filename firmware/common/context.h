// What an exception handler must give back unchanged: the general registers, and the three system registers that a
// further exception (or another guest) would overwrite. The assembler needs the offsets, C the struct.
#pragma once

#define CONTEXT_X30_SP_EL0 (30 * 8)
#define CONTEXT_ELR_SPSR (32 * 8)
#define CONTEXT_SIZE (34 * 8) // a multiple of 16: SP stays aligned

#ifndef __ASSEMBLER__
#include "common/types.h"

struct context {
    u64 x[31];  // x0..x30
    u64 sp_el0; // stack pointer of EL0
    u64 elr;    // where ERET goes on
    u64 spsr;   // with which PSTATE
};
_Static_assert(sizeof(struct context) == CONTEXT_SIZE, "the assembler's offsets must match");
#endif
