// Tables of EL2's stage 1 for a 32-bit input address and 4 KiB granule: T0SZ = 32, so that level 1 has four entries of 1 GiB
// (Arm ARM D8.2). They are part of the image: nothing writes them while the caches are off.
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
#define XN BIT(54)

#define MAIR_NORMAL_0_DEVICE_1 0x04ff   // attribute 0: Normal, Write-Back; attribute 1: Device-nGnRE

#define NORMAL (ATTR(0) | INNER_SHAREABLE | AF)
#define DEVICE (ATTR(1) | XN | AF)
#define NORMAL_BLOCK (BLOCK | NORMAL | AP1)
#define DEVICE_BLOCK (BLOCK | DEVICE | AP1)

// TCR_EL2: 40-bit physical addresses; walks Inner Shareable, Write-Back; RES1.
#define TCR_EL2_32_BITS (0x80800000 | (PS_40_BITS << 16) | (3 << 12) | (1 << 10) | (1 << 8) | 32)

// A table of four entries, which must be aligned to 64 bytes (Arm ARM D8.2).
.macro level1_table name
    .data
    .balign 64
    .global \name
\name:
.endm
