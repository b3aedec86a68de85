// Interrupts for the guest. The guest has a CPU interface of its own (GICV, which stage 2 shows it where it expects GICC); EL2
// fills it through list registers.
#pragma once
#include "common/types.h"

void vgic_on(void);

// A virtual interrupt becomes pending for the guest. With the flag, EL2 gets a maintenance interrupt once the guest has ended it.
// False if all list registers are in use.
bool vgic_inject(u32 virtual_intid, bool tell_me_at_the_end);

// The same for a physical interrupt that EL2 has acknowledged, and whose priority it has dropped: the guest's end of interrupt
// deactivates it in the distributor, without EL2.
bool vgic_forward(u32 physical_intid);

// At a maintenance interrupt: an INTID that the guest has ended; 1023 when there is no more.
u32 vgic_take_ended(void);
