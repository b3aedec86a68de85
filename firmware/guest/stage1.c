// The guest's own translation, stage 1: VA to what the guest takes for physical addresses (IPA).
// TTBR0_EL1 translates the lower half of the address space, TTBR1_EL1 the upper half.
#include "common/arm.h"
#include "common/page_tables.h"
#include "common/print.h"
#include "common/sysreg.h"
#include "guest/guest.h"
#include "layout.h"

// MAIR_EL1 lists memory types; AttrIndx in a descriptor (bits 4..2) picks one.
#define MAIR_DEVICE_nGnRE 0x04ul // index 0
#define MAIR_NORMAL_WB 0xfful    // index 1
#define ATTR_DEVICE (0ul << 2)
#define ATTR_NORMAL ((1ul << 2) | DESCRIPTOR_SH_INNER)

#define AP_EL0 (1ul << 6)       // AP[1]: EL0 may access it too
#define AP_READ_ONLY (1ul << 7) // AP[2]: neither may write
#define NG (1ul << 11)          // not global: belongs to the current ASID
#define PXN (1ul << 53)         // EL1 may not execute it
#define UXN (1ul << 54)         // EL0 may not execute it

#define CODE (ATTR_NORMAL | DESCRIPTOR_AF | AP_READ_ONLY | UXN)
#define DATA (ATTR_NORMAL | DESCRIPTOR_AF | PXN | UXN)
#define DEVICE (ATTR_DEVICE | DESCRIPTOR_AF | PXN | UXN)
#define USER_CODE (ATTR_NORMAL | DESCRIPTOR_AF | AP_EL0 | AP_READ_ONLY | PXN | NG)
#define USER_DATA (ATTR_NORMAL | DESCRIPTOR_AF | AP_EL0 | PXN | UXN | NG)

// TCR_EL1: 39 bits of VA in each half, 4 KiB granule in both (TG1 = 2; TG0 = 0), cacheable table walks.
#define TCR_T0SZ (25ul << 0)
#define TCR_WALK_0 ((1ul << 8) | (1ul << 10) | (3ul << 12))
#define TCR_T1SZ (25ul << 16)
#define TCR_WALK_1 ((1ul << 24) | (1ul << 26) | (3ul << 28))
#define TCR_TG1_4K (2ul << 30)
#define TCR_VALUE (TCR_T0SZ | TCR_WALK_0 | TCR_T1SZ | TCR_WALK_1 | TCR_TG1_4K | (PS_40_BITS << 32))

#define ASID 1ul // in TTBR0_EL1, bits 63..48

extern char _guest_start[], _guest_code_end[], _guest_window[], _user_ipa[]; // from link.ld: IPAs

DEFINE_PAGE_TABLES(guest_low, 12); // TTBR0_EL1
DEFINE_PAGE_TABLES(guest_high, 3);  // TTBR1_EL1

static void map_or_stop(struct page_tables *tables, u64 va, u64 ipa, u64 size, u64 attributes) {
    if (!map(tables, va, ipa, size, attributes)) {
        printf("[EL1] stage 1: an entry is in use, or there are too few tables\n");
        guest_exit();
    }
}

static void map_identity(u64 start, u64 size, u64 attributes) { map_or_stop(&guest_low, start, start, size, attributes); }

void guest_mmu_on(void) {
    u64 start = (u64)_guest_start, code_end = (u64)_guest_code_end, user = (u64)_user_ipa;
    map_identity(start, code_end - start, CODE);
    map_identity(code_end, start + GUEST_SIZE - code_end, DATA);
    map_identity(LAZY_IPA, LAZY_SIZE, DATA);
    map_identity(GICC_PA, GICC_SIZE, DEVICE);
    map_identity(UART_PA, PAGE_SIZE, DEVICE);
    map_identity(EMULATED_UART_IPA, PAGE_SIZE, DEVICE);
    map_identity(HYP_PA, PAGE_SIZE, DATA); // the guest may map what it likes; whether there is anything is for stage 2 to say
    map_or_stop(&guest_low, USER_VA, user, PAGE_SIZE, USER_CODE);
    map_or_stop(&guest_low, USER_VA + USER_STACK_OFFSET, user + USER_STACK_OFFSET, PAGE_SIZE, USER_DATA);
    map_or_stop(&guest_high, WINDOW_VA, (u64)_guest_window, PAGE_SIZE, DATA);

    tables_complete(&guest_low);
    tables_complete(&guest_high);

    write_sysreg(mair_el1, MAIR_DEVICE_nGnRE | (MAIR_NORMAL_WB << 8));
    write_sysreg(tcr_el1, TCR_VALUE);
    write_sysreg(ttbr0_el1, (u64)guest_low.pool | (ASID << 48));
    write_sysreg(ttbr1_el1, (u64)guest_high.pool);
    isb();
    tlbi(vmalle1); // of this VMID: whatever the TLB holds of an earlier MMU
    dsb(ish);
    isb();

    write_sysreg(sctlr_el1, SCTLR_EL1_RES1 | SCTLR_M | SCTLR_C | SCTLR_I | SCTLR_SA);
    isb(); // fetched through the new tables: the guest's code is still where it was
}

static void set_window_flag(u64 flag) {
    u64 *entry = find_page(&guest_high, WINDOW_VA);
    *entry = (*entry & ~DESCRIPTOR_AF) | flag;
    dsb(ishst);                                  // the new entry is in memory
    tlbi_va(vaae1, WINDOW_VA >> 12 & 0xfffffffffff); // the old one is nowhere: by VA, all ASIDs
    dsb(ish);
    isb();
}

void guest_window_unused(void) { set_window_flag(0); }
void guest_window_used(void) { set_window_flag(DESCRIPTOR_AF); }
