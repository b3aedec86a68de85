#pragma once
// Reads commands from the UART and carries them out; `off` ends it, with the machine.
__attribute__((noreturn)) void shell(void);
