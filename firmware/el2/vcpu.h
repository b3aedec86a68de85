#pragma once
#include "common/types.h"

// Gives the EL1 registers the values that a core has when it comes out of reset, and opens what the guest may use freely.
void vcpu_reset(void);
