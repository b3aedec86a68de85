// The guest's second stage of translation: IPA (what the guest takes for physical addresses) to PA.
#pragma once
#include "common/page_tables.h"

// Stage 2 attributes (Arm ARM D5.3.3). Unlike in stage 1, the memory type is in the descriptor itself (MemAttr, bits 5..2).
#define S2_DEVICE_nGnRE (1ul << 2)
#define S2_NORMAL_WB (0xful << 2)
#define S2_MEMATTR (0xful << 2)
#define S2_READ (1ul << 6)
#define S2_WRITE (2ul << 6)
#define S2_XN (1ul << 54)
#define S2_RAM (S2_NORMAL_WB | S2_READ | S2_WRITE | DESCRIPTOR_SH_INNER | DESCRIPTOR_AF)
#define S2_DEVICE (S2_DEVICE_nGnRE | S2_READ | S2_WRITE | S2_XN | DESCRIPTOR_AF)

// map(), or panic() where it fails.
void stage2_map(struct page_tables *tables, u64 ipa, u64 pa, u64 size, u64 attributes);

// Makes these the tables of the guest that runs next, under this VMID, with nothing stale left in the TLB.
// They take effect where HCR_EL2.VM is 1.
void stage2_use(struct page_tables *tables, u8 vmid);

// The same without the last: what the TLB holds of this VMID is still true. It is all tagged with the VMID, so nothing has to
// be forgotten when guests take turns.
void stage2_switch(struct page_tables *tables, u8 vmid);

// The tables in use now.
struct page_tables *stage2_current(void);

// After an entry for this IPA has been changed: forgets what the TLB has, in the running VMID.
void stage2_forget(u64 ipa);
