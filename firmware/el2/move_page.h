#pragma once
#include "common/types.h"

// Gives the running guest's page at this IPA another physical page, with the same content. False where no memory is mapped.
bool move_page(u64 ipa);
