// Calling upwards.
#include "common/hypercalls.h"
#include "guest/guest.h"

s64 hypercall(u32 id, u64 argument) {
    register u64 x0 __asm__("x0") = id;
    register u64 x1 __asm__("x1") = argument;
    __asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1)::"memory");
    return (s64)x0;
}

s64 firmware_call(u32 id, u64 argument) {
    register u64 x0 __asm__("x0") = id;
    register u64 x1 __asm__("x1") = argument;
    __asm__ volatile("smc #0" : "+r"(x0), "+r"(x1)::"memory");
    return (s64)x0;
}

void guest_exit(void) {
    hypercall(HV_EXIT, 0);
    for (;;) // HV_EXIT does not return; the compiler has to be told
        ;
}
