#pragma once
// Turns EL2's own MMU on. VA = PA everywhere; what changes is that memory gets types and permissions.
void el2_mmu_on(void);
