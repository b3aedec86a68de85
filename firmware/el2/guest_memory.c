// Following the guest's pointers: the hardware does the walk. AT runs a translation and leaves the result in PAR_EL1
// (Arm ARM D5.2.11): address in bits 47..12, or bit 0 (F) set if the walk failed.
#include "el2/guest_memory.h"
#include "common/sysreg.h"

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
