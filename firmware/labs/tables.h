// Tables for a 32-bit input address and 4 KiB granule: T0SZ = 32, so that level 1 has four entries of 1 GiB (Arm ARM D8.2).
// Most are part of the image: nothing writes them while the caches are off.
#include "common/arm.h"

// Block at level 1 or 2 (Arm ARM D8.3). AttrIndx, bits 4 to 2, chooses a byte of MAIR.
#define BLOCK 1
#define TABLE 3
#define PAGE 3
#define ATTR(index) ((index) << 2)
#define AP1 BIT(6)          // EL1: EL0 may access this as well. EL2: RES1
#define AP_READ_ONLY BIT(7)
#define INNER_SHAREABLE (UL(3) << 8)
#define AF BIT(10)
#define XN BIT(54)          // EL1: UXN, at EL0
#define PXN BIT(53)         // EL1: at EL1

#define MAIR_NORMAL_0_DEVICE_1 0x04ff   // attribute 0: Normal, Write-Back; attribute 1: Device-nGnRE

#define NORMAL (ATTR(0) | INNER_SHAREABLE | AF)
#define DEVICE (ATTR(1) | XN | AF)
#define NORMAL_BLOCK (BLOCK | NORMAL | AP1)
#define DEVICE_BLOCK (BLOCK | DEVICE | AP1)
#define EL1_NORMAL_BLOCK (BLOCK | NORMAL | XN)
#define EL1_DEVICE_BLOCK (BLOCK | DEVICE | PXN)

// Stage 2 has other attributes in these bits: MemAttr, bits 5 to 2, is the memory type itself, and S2AP, bits 7 and 6, says who may
// read and write.
#define S2_NORMAL (UL(0xf) << 2)
#define S2_DEVICE (UL(0x1) << 2)        // Device-nGnRE
#define S2AP_READ_WRITE (UL(3) << 6)
#define S2_NORMAL_BLOCK (BLOCK | S2_NORMAL | S2AP_READ_WRITE | INNER_SHAREABLE | AF)
#define S2_DEVICE_BLOCK (BLOCK | S2_DEVICE | S2AP_READ_WRITE | XN | AF)

// TCR_EL2: 40-bit physical addresses; walks Inner Shareable, Write-Back; RES1.
#define TCR_EL2_32_BITS (0x80800000 | (PS_40_BITS << 16) | (3 << 12) | (1 << 10) | (1 << 8) | 32)
// TCR_EL1: the same, and nothing through TTBR1_EL1 (EPD1).
#define TCR_EL1_32_BITS ((PS_40_BITS << 32) | (1 << 23) | (3 << 12) | (1 << 10) | (1 << 8) | 32)
// VTCR_EL2: the same; SL0 = 1, so that walks start at level 1.
#define VTCR_EL2_32_BITS (0x80000000 | (PS_40_BITS << 16) | (3 << 12) | (1 << 10) | (1 << 8) | (1 << 6) | 32)

// A table of four entries, which must be aligned to 64 bytes (Arm ARM D8.2).
.macro level1_table name
    .data
    .balign 64
    .global \name
\name:
.endm
