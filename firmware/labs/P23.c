// P23: printf crashes at EL1.
// After https://github.com/freedomtan/aarch64-bare-metal-qemu/issues/1 and https://github.com/ziglang/zig/issues/11859
// A function with variable arguments saves q0 to q7, whether it is given floating-point numbers or not (Procedure Call Standard, AAPCS64),
// and while CPACR_EL1.FPEN is 0 every use of them at EL1 is trapped to EL1: ESR_EL1 = 0x1fe00000.
#include <stdarg.h>

void putc(char c);
void put_hex(unsigned long number);
void puts(const char *text);
void enter_el1(void);
void power_off(void);
void main(void);
void el1_main(void);

static __attribute__((noinline)) void print_list(const char *format, va_list arguments) {
    for (; *format; format++)
        if (*format == '%')
            put_hex(va_arg(arguments, unsigned long));
        else
            putc(*format);
}

static __attribute__((noinline)) void print(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_list(format, arguments);
    va_end(arguments);
}

void el1_main(void) {
#ifdef REPAIRED
    __asm__ volatile("msr cpacr_el1, %0; isb" ::"r"(3ul << 20)); // FPEN: no trap
#endif
    puts("EL1: here\n");
    print("EL1: a number: %", 42ul);
    power_off();
}

void main(void) {
    puts("EL2: going down to EL1\n");
    __asm__ volatile("msr hcr_el2, %0" ::"r"(1ul << 31)); // RW
    enter_el1();
}
