// Memory on demand: the guest has been promised more than it has been given. The first access to a page faults, EL2 maps
// the next free page, and the same instruction runs again, this time with success. The guest never knows.
#include "el2/lazy_memory.h"
#include "common/print.h"
#include "common/sysreg.h"
#include "el2/power.h"
#include "layout.h"

u64 free_page(void) {
    static u64 next = LAZY_PA;
    if (next == RAM_END)
        panic("no memory is left");
    u64 page = next;
    next += PAGE_SIZE;
    return page;
}

bool lazy_memory_touch(u64 ipa) {
    if (ipa - LAZY_IPA >= LAZY_SIZE)
        return false;
    u64 page = ipa & ~(PAGE_SIZE - 1);
    u64 pa = free_page();
    stage2_map(stage2_current(), page, pa, PAGE_SIZE, S2_RAM);
    printf("[EL2] page on demand: IPA 0x%010lx -> PA 0x%010lx\n", page, pa);
    // An invalid entry is never kept in the TLB, so there is nothing to invalidate: the new entry only has to be in memory
    // before the guest tries again.
    dsb(ishst);
    return true;
}
