#pragma once
#include "common/types.h"

// Each program's main: called once by start.S, on EL2's stack, MMU off. Returns the HCR_EL2 bits (beside RW) that its guest
// needs; enter_el1 then starts that guest.
u64 main(void);
