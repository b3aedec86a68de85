// The smallest printf that is pleasant to use.
#include "common/print.h"
#include "common/types.h"
#include "common/uart.h"
#include <stdarg.h>

void (*print_char)(char c) = uart_putc;

static void put(char c) {
    if (c == '\n')
        print_char('\r');
    print_char(c);
}

static void put_number(u64 value, unsigned base, unsigned width) {
    char digits[20];
    unsigned count = 0;
    do {
        digits[count++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    for (; width > count; width--)
        put('0');
    while (count)
        put(digits[--count]);
}

void printf(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    for (const char *f = format; *f; f++) {
        if (*f != '%') {
            put(*f);
            continue;
        }
        f++;
        unsigned width = 0;
        for (; *f >= '0' && *f <= '9'; f++)
            width = width * 10 + (unsigned)(*f - '0');
        bool wide = *f == 'l';
        if (wide)
            f++;
        switch (*f) {
        case 's':
            for (const char *s = va_arg(arguments, const char *); *s; s++)
                put(*s);
            break;
        case 'c':
            put((char)va_arg(arguments, int));
            break;
        case 'u':
            put_number(wide ? va_arg(arguments, u64) : va_arg(arguments, u32), 10, width);
            break;
        case 'x':
            put_number(wide ? va_arg(arguments, u64) : va_arg(arguments, u32), 16, width);
            break;
        case 'p':
            put('0');
            put('x');
            put_number((u64)va_arg(arguments, void *), 16, 16);
            break;
        default:
            put(*f);
        }
    }
    va_end(arguments);
}
