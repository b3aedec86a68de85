// System registers and barriers as C expressions: read_sysreg(esr_el2), write_sysreg(hcr_el2, v).
// A write is guaranteed to be seen by later instructions only after isb() (Arm ARM B2.7.5, context synchronization).
#pragma once
#include "common/types.h"

#define read_sysreg(name)                                     \
    ({                                                        \
        u64 value_;                                           \
        __asm__ volatile("mrs %0, " #name : "=r"(value_));    \
        value_;                                               \
    })
#define write_sysreg(name, value) __asm__ volatile("msr " #name ", %0" ::"r"((u64)(value)) : "memory")

#define isb() __asm__ volatile("isb" ::: "memory")
#define dsb(domain) __asm__ volatile("dsb " #domain ::: "memory")
#define tlbi(operation) __asm__ volatile("tlbi " #operation ::: "memory")
#define tlbi_va(operation, operand) __asm__ volatile("tlbi " #operation ", %0" ::"r"((u64)(operand)) : "memory")
#define wfi() __asm__ volatile("wfi" ::: "memory")
