// Short names for the fixed-width integers; pointers and addresses are 64 bits.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define PAGE_SIZE 4096ul
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
