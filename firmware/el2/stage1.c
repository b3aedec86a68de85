// EL2's own translation: one stage, one table (TTBR0_EL2), identity mapped. Without it every EL2 data access is
// Device-nGnRnE: no caches, no unaligned access, and nothing is write-protected.
#include "el2/stage1.h"
#include "common/arm.h"
#include "common/page_tables.h"
#include "common/sysreg.h"
#include "el2/power.h"
#include "layout.h"

// MAIR_EL2 lists memory types; AttrIndx in a descriptor (bits 4..2) picks one.
#define MAIR_DEVICE_nGnRE 0x04ul // index 0: registers of devices, in order, no early surprises but write acknowledgement
#define MAIR_NORMAL_WB 0xfful    // index 1: ordinary memory, write-back cacheable
#define ATTR_DEVICE (0ul << 2)
#define ATTR_NORMAL ((1ul << 2) | DESCRIPTOR_SH_INNER)

#define AP_RES1 (1ul << 6)  // AP[1] has no meaning in a regime without EL0, and must be 1
#define AP_READ_ONLY (1ul << 7)
#define XN (1ul << 54) // execute never

#define CODE (ATTR_NORMAL | DESCRIPTOR_AF | AP_RES1 | AP_READ_ONLY)
#define CONSTANTS (CODE | XN)
#define DATA (ATTR_NORMAL | DESCRIPTOR_AF | AP_RES1 | XN)
#define DEVICE (ATTR_DEVICE | DESCRIPTOR_AF | AP_RES1 | XN)

// TCR_EL2: how the walk is done.
#define TCR_EL2_RES1 ((1ul << 31) | (1ul << 23))
#define TCR_T0SZ 25ul                // 64 - 25 = 39 bits of VA: the walk starts at level 1
#define TCR_WALK_WB ((1ul << 8) | (1ul << 10)) // IRGN0, ORGN0: table reads are write-back cacheable
#define TCR_WALK_SH_INNER (3ul << 12)
#define TCR_EL2_VALUE (TCR_EL2_RES1 | TCR_T0SZ | TCR_WALK_WB | TCR_WALK_SH_INNER | (PS_40_BITS << 16))

extern char _text_start[], _rodata_start[], _data_start[], _hyp_end[]; // from link.ld

DEFINE_PAGE_TABLES(el2_tables, 5);

static void map_identity(u64 start, u64 end, u64 attributes) {
    if (!map(&el2_tables, start, start, end - start, attributes))
        panic("stage 1 of EL2: an entry is in use, or there are too few tables");
}

void el2_mmu_on(void) {
    u64 text = (u64)_text_start, rodata = (u64)_rodata_start, data = (u64)_data_start, end = (u64)_hyp_end;
    map_identity(0x08000000, 0x0a000000, DEVICE); // the interrupt controller, the UART and their neighbours
    map_identity(text, rodata, CODE);
    map_identity(rodata, data, CONSTANTS);
    map_identity(data, end, DATA);
    map_identity(GUEST_PA, RAM_END, DATA); // the guests' memory: EL2 reads and writes it, never executes it

    tables_complete(&el2_tables);

    write_sysreg(mair_el2, MAIR_DEVICE_nGnRE | (MAIR_NORMAL_WB << 8));
    write_sysreg(tcr_el2, TCR_EL2_VALUE);
    write_sysreg(ttbr0_el2, (u64)el2_tables.pool);

    isb();       // these three are in effect
    tlbi(alle2); // whatever an earlier program left in the TLB is not
    dsb(ish);
    isb();

    // The instruction after this one is fetched through the tables. It works because VA = PA.
    write_sysreg(sctlr_el2, SCTLR_EL2_RES1 | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_SA);
    isb();
}
