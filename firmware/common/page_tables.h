// Translation tables in the 4 KiB granule with a 39-bit input: three levels (1, 2, 3), one table of 512 entries at the top.
// EL2's stage 1, the guest's stage 2 and the guest's stage 1 all have this shape; only the attribute bits differ.
#pragma once
#include "common/types.h"

#define TABLE_ENTRIES 512

struct page_tables {
    u64 (*pool)[TABLE_ENTRIES]; // tables, each a 4 KiB page; the first is the one that TTBR points at
    u32 size;                   // tables in the pool
    u32 used;
};

#define DEFINE_PAGE_TABLES(name, count)                                                        \
    static u64 name##_pool[count][TABLE_ENTRIES] __attribute__((aligned(4096)));               \
    struct page_tables name = {.pool = name##_pool, .size = (count), .used = 1}

// Descriptor bits that all three kinds of table share (Arm ARM D5.3).
#define DESCRIPTOR_VALID (1ul << 0)
#define DESCRIPTOR_TABLE_OR_PAGE (1ul << 1) // levels 1 and 2: table (1) or block (0); level 3: always 1
#define DESCRIPTOR_SH_INNER (3ul << 8)      // inner shareable
#define DESCRIPTOR_AF (1ul << 10)           // access flag: 0 would fault on the first access
#define DESCRIPTOR_ADDRESS 0x0000fffffffff000ul

// Maps [input, input + size) to output with these attribute bits, in the largest blocks that fit. All page aligned.
// Only fills empty entries: false (and nothing more is mapped) where an entry is in use or the pool is empty.
__attribute__((warn_unused_result)) bool map(struct page_tables *tables, u64 input, u64 output, u64 size, u64 attributes);

// Before these tables are used for the first time, by a program that has built them with its MMU and so its caches off: the
// hardware reads tables through the cache, and must not find there what was in that memory earlier.
void tables_complete(const struct page_tables *tables);

// The level 3 entry for this input address; null where a level above has no table.
u64 *find_page(struct page_tables *tables, u64 input);
