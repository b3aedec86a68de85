#pragma once
#include "el2/stage2.h"

// The guest's memory at LAZY_IPA, of which no page is mapped until it is touched, is to appear in these tables.
void lazy_memory_in(struct page_tables *tables);

// If the IPA is in that memory: maps its page. False if it is elsewhere.
bool lazy_memory_touch(u64 ipa);
