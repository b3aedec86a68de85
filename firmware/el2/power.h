#pragma once
// Ends the machine; in QEMU this ends QEMU.
__attribute__((noreturn)) void power_off(void);

// The same after saying why: something is wrong that should not be.
__attribute__((noreturn)) void panic(const char *why);
