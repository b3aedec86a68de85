// Changing a mapping that is in use: break before make (Arm ARM D5.10.1). Were the entry overwritten directly, the TLB could
// hold the old and the new translation at once.
#include "el2/move_page.h"
#include "common/cache.h"
#include "common/print.h"
#include "common/sysreg.h"
#include "el2/lazy_memory.h"
#include "el2/stage2.h"

bool move_page(u64 ipa) {
    u64 *entry = find_page(stage2_current(), ipa);
    if (!entry || !(*entry & DESCRIPTOR_VALID) || (*entry & S2_MEMATTR) != S2_NORMAL_WB)
        return false; // nothing there, or a device, which cannot be copied
    u64 old_entry = *entry;
    u64 old_pa = old_entry & DESCRIPTOR_ADDRESS, new_pa = free_page();

    *entry = 0;         // break: no translation
    stage2_forget(ipa); // and none in the TLB

    for (u64 offset = 0; offset < PAGE_SIZE; offset += sizeof(u64))
        *(volatile u64 *)(new_pa + offset) = *(volatile u64 *)(old_pa + offset);
    clean_code(new_pa, PAGE_SIZE); // the guest may run with its caches off, and the page may hold instructions

    *entry = (old_entry & ~DESCRIPTOR_ADDRESS) | new_pa; // make
    dsb(ishst);
    printf("[EL2] moved: IPA 0x%010lx, PA 0x%010lx -> 0x%010lx\n", ipa & ~(PAGE_SIZE - 1), old_pa, new_pa);
    return true;
}
