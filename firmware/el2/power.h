#pragma once
// Ends the machine; in QEMU this ends QEMU.
__attribute__((noreturn)) void power_off(void);
