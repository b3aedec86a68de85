// Memory on demand: the guest has been promised more than it has been given. The first access to a page faults, EL2 maps
// the next free page, and the same instruction runs again, this time with success. The guest never knows.
#include "el2/lazy_memory.h"
#include "common/print.h"
#include "common/sysreg.h"
#include "layout.h"

static struct page_tables *stage2_tables;
static u64 next_free_pa = LAZY_PA;

void lazy_memory_in(struct page_tables *tables) { stage2_tables = tables; }

bool lazy_memory_touch(u64 ipa) {
    if (!stage2_tables || ipa - LAZY_IPA >= LAZY_SIZE)
        return false;
    u64 page = ipa & ~(PAGE_SIZE - 1);
    if (!map(stage2_tables, page, next_free_pa, PAGE_SIZE, S2_RAM))
        return false;
    printf("[EL2] page on demand: IPA 0x%010lx -> PA 0x%010lx\n", page, next_free_pa);
    next_free_pa += PAGE_SIZE;
    // An invalid entry is never kept in the TLB, so there is nothing to invalidate: the new entry only has to be in memory
    // before the guest tries again.
    dsb(ishst);
    return true;
}
