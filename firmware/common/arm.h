// Register fields by the names the Arm Architecture Reference Manual gives them (chapter D13).
// Read by C and by the assembler, so plain numbers only.
#pragma once

#ifdef __ASSEMBLER__
#define UL(number) number
#else
#define UL(number) number##ul
#endif
#define BIT(n) (UL(1) << (n))

// HCR_EL2, Hypervisor Configuration Register: what the guest may do alone, and what comes to EL2.
#define HCR_EL2_VM BIT(0)   // stage 2 translation of everything EL1 and EL0 access
#define HCR_EL2_IMO BIT(4)  // physical IRQs go to EL2, and virtual IRQs become possible
#define HCR_EL2_VI BIT(7)   // a virtual IRQ is pending for the guest
#define HCR_EL2_TWI BIT(13) // WFI traps
#define HCR_EL2_TID3 BIT(18) // reads of the ID registers (group 3) trap
#define HCR_EL2_TSC BIT(19) // SMC traps
#define HCR_EL2_RW BIT(31)  // EL1 is AArch64

// SPSR_EL2, Saved Program Status Register: the PSTATE that ERET makes current.
#define SPSR_M_EL0T 0x0 // EL0, stack pointer SP_EL0
#define SPSR_M_EL1H 0x5 // EL1, stack pointer SP_EL1 ("h", handler); 0x4 would be EL1t, on SP_EL0
#define SPSR_F BIT(6)   // FIQ masked
#define SPSR_I BIT(7)   // IRQ masked
#define SPSR_A BIT(8)   // SError masked
#define SPSR_D BIT(9)   // debug exceptions masked
#define SPSR_DAIF (SPSR_D | SPSR_A | SPSR_I | SPSR_F)

// SCTLR_ELx, System Control Register.
#define SCTLR_M BIT(0)  // stage 1 MMU on
#define SCTLR_C BIT(2)  // data accesses may be cached
#define SCTLR_SA BIT(3) // stack pointer alignment check
#define SCTLR_I BIT(12) // instruction fetches may be cached
#define SCTLR_EL1_RES1 UL(0x30d00800)
#define SCTLR_EL2_RES1 UL(0x30c50830)

// CPTR_EL2 and CPACR_EL1: who may use the floating-point and SIMD registers.
#define CPTR_EL2_RES1 UL(0x33ff)
#define CPTR_EL2_TFP BIT(10)
#define CPACR_EL1_FPEN (UL(3) << 20)

// The 40 bits of physical address that a Cortex-A53 has, as TCR_EL2.PS, TCR_EL1.IPS and VTCR_EL2.PS encode them.
#define PS_40_BITS UL(2)
