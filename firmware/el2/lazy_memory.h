#pragma once
#include "el2/stage2.h"

// The guest's memory at LAZY_IPA: no page is mapped until it is touched. If the IPA is in there, maps its page for the running
// guest; false if it is elsewhere.
bool lazy_memory_touch(u64 ipa);

// PA of a page that nothing uses yet.
u64 free_page(void);
