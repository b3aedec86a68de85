// The guest's memory, and following the guest's pointers into it.
//
// For the pointers the hardware does the walk. AT runs a translation and leaves the result in PAR_EL1
// (Arm ARM D5.2.11): address in bits 47..12, or bit 0 (F) set if the walk failed.
#include "el2/guest_memory.h"
#include "common/sysreg.h"
#include "layout.h"

extern char _guest_start[], _guest_code_end[]; // from link.ld: IPAs

void map_guest_memory(struct page_tables *tables, u64 pa) {
    u64 code_size = (u64)(_guest_code_end - _guest_start);
    // Whatever the guest's own tables say, it cannot change its code: the stricter of the two stages wins.
    stage2_map(tables, GUEST_IPA, pa, code_size, S2_RAM & ~S2_WRITE);
    stage2_map(tables, GUEST_IPA + code_size, pa + code_size, GUEST_SIZE - code_size, S2_RAM);
}

#define PAR_F 1ul
#define PAR_ADDRESS 0x0000fffffffff000ul

static bool read_par(u64 va, u64 *address) {
    isb(); // PAR_EL1 is written by the AT, for a read after this
    u64 par = read_sysreg(par_el1);
    if (par & PAR_F)
        return false;
    *address = (par & PAR_ADDRESS) | (va & (PAGE_SIZE - 1));
    return true;
}

bool guest_va_to_pa(u64 va, u64 *pa) {
    u64 saved = read_sysreg(par_el1); // the guest may be in the middle of using it
    __asm__ volatile("at s12e1r, %0" ::"r"(va));
    bool found = read_par(va, pa);
    write_sysreg(par_el1, saved);
    return found;
}

bool guest_va_to_ipa(u64 va, u64 *ipa) {
    u64 saved = read_sysreg(par_el1);
    __asm__ volatile("at s1e1r, %0" ::"r"(va));
    bool found = read_par(va, ipa);
    write_sysreg(par_el1, saved);
    return found;
}
