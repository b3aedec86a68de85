// Building translation tables: the reverse of the walk that the hardware does.
// Tables live at addresses where what this program uses (VA) is what the table walk uses (PA, or the guest's IPA), so a
// pointer to a table is also the address to put in a descriptor.
#include "common/page_tables.h"
#include "common/cache.h"
#include "common/sysreg.h"

#define FIRST_LEVEL 1
#define LAST_LEVEL 3

// How far to shift an input address so that the index of this level is in bits 8..0: 30, 21, 12.
static unsigned level_shift(unsigned level) { return 12 + 9 * (LAST_LEVEL - level); }

static u64 *entry_of(u64 *table, unsigned level, u64 input) {
    return &table[(input >> level_shift(level)) % TABLE_ENTRIES];
}

static u64 *next_table(struct page_tables *tables, u64 *entry) {
    if (!(*entry & DESCRIPTOR_VALID)) {
        if (tables->used == tables->size)
            return NULL;
        *entry = (u64)tables->pool[tables->used++] | DESCRIPTOR_TABLE_OR_PAGE | DESCRIPTOR_VALID;
    }
    return *entry & DESCRIPTOR_TABLE_OR_PAGE ? (u64 *)(*entry & DESCRIPTOR_ADDRESS) : NULL;
}

bool map(struct page_tables *tables, u64 input, u64 output, u64 size, u64 attributes) {
    while (size) {
        u64 *table = tables->pool[0];
        unsigned level = FIRST_LEVEL;
        u64 span = 1ul << level_shift(level);
        // Go down until one entry covers no more than what is left, and both addresses are aligned to it.
        while (level < LAST_LEVEL && (((input | output) & (span - 1)) || size < span)) {
            table = next_table(tables, entry_of(table, level, input));
            if (!table)
                return false;
            level++;
            span = 1ul << level_shift(level);
        }
        u64 *entry = entry_of(table, level, input);
        if (*entry & DESCRIPTOR_VALID)
            return false;
        *entry = output | attributes | DESCRIPTOR_VALID | (level == LAST_LEVEL ? DESCRIPTOR_TABLE_OR_PAGE : 0);
        input += span;
        output += span;
        size -= span;
    }
    return true;
}

u64 *find_page(struct page_tables *tables, u64 input) {
    u64 *table = tables->pool[0];
    for (unsigned level = FIRST_LEVEL; level < LAST_LEVEL; level++) {
        u64 entry = *entry_of(table, level, input);
        if (!(entry & DESCRIPTOR_VALID) || !(entry & DESCRIPTOR_TABLE_OR_PAGE))
            return NULL;
        table = (u64 *)(entry & DESCRIPTOR_ADDRESS);
    }
    return entry_of(table, LAST_LEVEL, input);
}

void tables_complete(const struct page_tables *tables) {
    dsb(sy); // all entries are in memory
    forget_cached((u64)tables->pool, tables->used * sizeof(*tables->pool));
}
