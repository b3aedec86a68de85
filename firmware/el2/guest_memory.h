#pragma once
#include "el2/stage2.h"

// The guest's memory in a guest's stage 2: GUEST_SIZE bytes at GUEST_IPA, which are physically at this PA.
void map_guest_memory(struct page_tables *tables, u64 pa);

// Where the byte at this VA of the running guest (as its EL1 would read it) is in physical memory; false where the guest's
// own stage 1, or stage 2, has no mapping for it.
bool guest_va_to_pa(u64 va, u64 *pa);

// The same for stage 1 alone: the IPA.
bool guest_va_to_ipa(u64 va, u64 *ipa);
