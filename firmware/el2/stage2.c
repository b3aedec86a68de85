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

void stage2_use(const struct page_tables *tables, u8 vmid) {
    write_sysreg(vtcr_el2, VTCR_EL2_VALUE);
    write_sysreg(vttbr_el2, (u64)tables->pool | ((u64)vmid << VTTBR_VMID_SHIFT));
    dsb(ish);           // the tables are in memory
    isb();              // the VMID is the current one, which is what the next line goes by
    tlbi(vmalls12e1);   // forget stage 1 and stage 2 entries of this VMID
    dsb(ish);
    isb();
}
