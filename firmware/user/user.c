// Calling the kernel.
#include "user/user.h"

s64 system_call(u64 number, u64 argument) {
    register u64 x0 __asm__("x0") = number;
    register u64 x1 __asm__("x1") = argument;
    __asm__ volatile("svc #0" : "+r"(x0), "+r"(x1)::"memory");
    return (s64)x0;
}

void print(const char *text) { system_call(SYS_PRINT, (u64)text); }

void exit(u64 code) {
    system_call(SYS_EXIT, code);
    for (;;) // SYS_EXIT does not return; the compiler has to be told
        ;
}
