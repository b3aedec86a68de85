#pragma once
#include "el2/trap.h"

// The guest is to find that its access failed: makes its EL1 take a synchronous external abort for the address in FAR_EL2.
void inject_external_abort(struct context *context, u64 esr);
