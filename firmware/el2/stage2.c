// Stage 2 registers.
#include "el2/stage2.h"
#include "common/arm.h"
#include "common/sysreg.h"
#include "el2/power.h"

// VTCR_EL2: 64 - 25 = 39 bits of IPA. SL0 = 1 starts the walk at level 1, whose one table of 512 entries of 1 GiB covers
// exactly that; 40 bits would need two such tables side by side ("concatenated").
#define VTCR_RES1 (1ul << 31)
#define VTCR_T0SZ 25ul
#define VTCR_SL0_LEVEL_1 (1ul << 6)
#define VTCR_WALK_WB ((1ul << 8) | (1ul << 10))
#define VTCR_WALK_SH_INNER (3ul << 12)
#define VTCR_EL2_VALUE (VTCR_RES1 | VTCR_T0SZ | VTCR_SL0_LEVEL_1 | VTCR_WALK_WB | VTCR_WALK_SH_INNER | (PS_40_BITS << 16))

#define VTTBR_VMID_SHIFT 48

void stage2_map(struct page_tables *tables, u64 ipa, u64 pa, u64 size, u64 attributes) {
    if (!map(tables, ipa, pa, size, attributes))
        panic("stage 2: an entry is in use, or there are too few tables");
}

static struct page_tables *current;

void stage2_switch(struct page_tables *tables, u8 vmid) {
    current = tables;
    write_sysreg(vttbr_el2, (u64)tables->pool | ((u64)vmid << VTTBR_VMID_SHIFT));
    isb();
}

void stage2_use(struct page_tables *tables, u8 vmid) {
    write_sysreg(vtcr_el2, VTCR_EL2_VALUE);
    dsb(ish); // the tables are in memory
    stage2_switch(tables, vmid);
    tlbi(vmalls12e1); // forget stage 1 and stage 2 entries of the VMID that is now current
    dsb(ish);
    isb();
}

struct page_tables *stage2_current(void) { return current; }

void stage2_forget(u64 ipa) {
    dsb(ishst); // the changed entry is in memory
    tlbi_va(ipas2e1is, ipa >> 12);
    dsb(ish);
    // That was for stage 2 alone. The TLB may also hold the two stages combined, by VA: which VA leads to this IPA only the
    // guest knows, so all of them go (Arm ARM D5.10.2).
    tlbi(vmalle1is);
    dsb(ish);
    isb();
}
