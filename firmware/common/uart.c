// The serial port: an Arm PL011 (PrimeCell UART, Arm DDI 0183, chapter 3). Four registers are enough to talk.
#include "common/uart.h"
#include "layout.h"

#define DR (0x000 / 4)   // data: write sends, read receives
#define FR (0x018 / 4)   // flags
#define LCRH (0x02c / 4) // line control
#define CR (0x030 / 4)   // control
#define IMSC (0x038 / 4) // interrupt mask: 1 lets the interrupt through

#define FR_RXFE (1u << 4) // nothing received
#define FR_TXFF (1u << 5) // no room to send
#define LCRH_WLEN_8 (3u << 5)
#define CR_UARTEN (1u << 0)
#define CR_TXE (1u << 8)
#define CR_RXE (1u << 9)
#define IMSC_RXIM (1u << 4)

volatile u32 *uart = (volatile u32 *)UART_PA;

void uart_init(void) {
    // 8 bits, no parity. The FIFO stays off, as after reset: one character at a time is easier to follow,
    // and a character that came before this line is not lost.
    uart[LCRH] = LCRH_WLEN_8;
    uart[CR] = CR_UARTEN | CR_TXE | CR_RXE;
}

void uart_putc(char c) {
    while (uart[FR] & FR_TXFF)
        ;
    uart[DR] = (u8)c;
}

bool uart_has_input(void) { return (uart[FR] & FR_RXFE) == 0; }

char uart_getc(void) { return (char)uart[DR]; }

void uart_listen(void) { uart[IMSC] = IMSC_RXIM; }
