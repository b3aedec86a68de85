#pragma once
#include "common/types.h"

// Where this program's PL011 is. The guest may point it at an address that only the hypervisor makes look like a UART.
extern volatile u32 *uart;

void uart_init(void);
void uart_putc(char c);
bool uart_has_input(void);
char uart_getc(void); // uart_has_input() must be true
void uart_listen(void); // interrupt whenever a character is waiting
