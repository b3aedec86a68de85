// Cache maintenance by address (Arm ARM D4.4.8).
#include "common/cache.h"
#include "common/sysreg.h"

#define CTR_DMINLINE(ctr) (((ctr) >> 16) & 15) // log2 of the smallest data cache line, in words of 4 bytes

static u64 line_size(void) { return 4ul << CTR_DMINLINE(read_sysreg(ctr_el0)); }

void clean_code(u64 start, u64 size) {
    u64 line = line_size();
    for (u64 address = start & ~(line - 1); address < start + size; address += line)
        __asm__ volatile("dc cvac, %0" ::"r"(address) : "memory"); // to the point of coherency: main memory
    dsb(ish);
    __asm__ volatile("ic iallu" ::: "memory");
    dsb(ish);
    isb();
}

void forget_cached(u64 start, u64 size) {
    u64 line = line_size();
    for (u64 address = start & ~(line - 1); address < start + size; address += line)
        __asm__ volatile("dc civac, %0" ::"r"(address) : "memory");
    dsb(sy);
}
