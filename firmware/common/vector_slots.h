// The sixteen slots of a vector table (Arm ARM D1.10.2): where the exception came from, times what it is.
#pragma once
enum vector_slot {
    CURRENT_SP0_SYNC, CURRENT_SP0_IRQ, CURRENT_SP0_FIQ, CURRENT_SP0_SERROR, // this level, running on SP_EL0
    CURRENT_SPX_SYNC, CURRENT_SPX_IRQ, CURRENT_SPX_FIQ, CURRENT_SPX_SERROR, // this level, running on its own SP
    LOWER_A64_SYNC, LOWER_A64_IRQ, LOWER_A64_FIQ, LOWER_A64_SERROR,         // a lower level in AArch64
    LOWER_A32_SYNC, LOWER_A32_IRQ, LOWER_A32_FIQ, LOWER_A32_SERROR,         // a lower level in AArch32
};
