// For programs that run at EL0, linked at USER_VA. One page for code and constants, one for the stack, nothing else.
#pragma once
#include "common/types.h"
#include "user/system_calls.h"

s64 system_call(u64 number, u64 argument);
void print(const char *text);
__attribute__((noreturn)) void exit(u64 code);

// Each program's first instruction.
__attribute__((noreturn)) void user_main(void);

// floating_point.S: moves the value to a floating-point register and back.
u64 through_d0(u64 value);
