#pragma once
#include "common/types.h"

// Writes what the data cache holds of [start, start + size) to memory, and forgets all cached instructions: for a program that
// will run with its caches off, or that has just been written.
void clean_code(u64 start, u64 size);

// The cache holds nothing of [start, start + size): for memory written with the caches off that is to be read with them on.
void forget_cached(u64 start, u64 size);
