// Every address the firmware chooses, in one place. PA: physical; IPA: what the guest takes for physical; VA: virtual.
// The board (QEMU virt) has RAM from PA 0x40000000; its first 512 KiB stay free, because QEMU puts the device tree there.
// Read by C, the assembler and the linker script, so plain numbers only.
#pragma once

#define RAM_END 0x48000000 // QEMU's default of 128 MiB

#define GICD_PA 0x08000000 // interrupt controller: distributor
#define GICC_PA 0x08010000 // CPU interface, 8 KiB
#define GICH_PA 0x08030000 // hypervisor's view of the virtual CPU interface: list registers
#define GICV_PA 0x08040000 // guest's view of it, 8 KiB; stage 2 shows it at GICC_PA
#define GICC_SIZE 0x2000
#define UART_PA 0x09000000 // PL011

// The hypervisor. EL2 maps itself one to one, so VA = PA.
#define HYP_PA 0x40080000

// The guest's memory. With stage 2 the guest sees it at GUEST_IPA; a scenario without stage 2 runs where it was loaded.
#define GUEST_PA 0x41000000
#define GUEST_SIZE 0x00080000
#ifdef NO_STAGE2
#define GUEST_IPA GUEST_PA
#else
#define GUEST_IPA 0x80000000
#endif
#define GUEST_DATA_OFFSET 0x00040000 // in the guest's memory: the page behind WINDOW_VA
#define USER_OFFSET 0x00060000       // in the guest's memory: the EL0 program; its stack is 64 KiB further
#define USER_STACK_OFFSET 0x00010000 // from the start of the EL0 program

// A second guest has its own memory behind the same IPA.
#define GUEST2_PA 0x42000000

// Guest memory that exists only once it is touched: no page is mapped at first.
#define LAZY_IPA 0x80200000
#define LAZY_SIZE 0x00010000
#define LAZY_PA 0x43000000

// A UART that does not exist: stage 2 maps nothing here, and the hypervisor emulates what the guest does
// (the address is that of UART0 on the Arm FVP Base board).
#define EMULATED_UART_IPA 0x1c090000

// Virtual addresses that the guest's own stage 1 gives out.
#define WINDOW_VA 0xffffff8000000000 // TTBR1_EL1: the data page
#define USER_VA 0x0000000000400000   // TTBR0_EL1: the EL0 program
