#pragma once
#include "el2/trap.h"

// One access by the guest to a device register, as the syndrome describes it.
struct mmio_access {
    u64 ipa;
    u32 bytes; // 1, 2, 4 or 8
    bool write;
    u64 value; // written; or to be filled in by the device for a read
};

// Decodes the trapped load or store, lets the emulated device answer, and goes on behind it. False where the syndrome has
// no description of the instruction (ISV = 0: pairs, write-back, exclusives), or no device is there.
bool emulate_mmio(struct context *context, u64 esr, u64 ipa);

// emulated_uart.c: true if the access was to that device.
bool emulated_uart_access(struct mmio_access *access);
