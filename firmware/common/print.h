#pragma once

// Where printf sends its characters: the UART, unless the program chooses another way.
extern void (*print_char)(char c);

// %s %c %u %x %lu %lx %p and a width with leading zeros (%016lx). %p is 0x and 16 digits, groups unbroken.
__attribute__((format(printf, 1, 2))) void printf(const char *format, ...);
