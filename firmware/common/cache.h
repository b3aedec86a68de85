#pragma once
#include "common/types.h"

// Writes what the data cache holds of [start, start + size) to memory, and forgets all cached instructions: for a program that
// will run with its caches off, or that has just been written.
void clean_code(u64 start, u64 size);
