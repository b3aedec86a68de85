// A UART that does not exist: the guest believes that a PL011 is at EMULATED_UART_IPA. What it sends goes to the real UART,
// each line marked, so that one can see which way it came.
#include "common/uart.h"
#include "el2/mmio.h"
#include "layout.h"

#define DR 0x000
#define FR 0x018
#define FR_NOTHING_RECEIVED_AND_ROOM_TO_SEND ((1u << 4) | (1u << 7)) // RXFE, TXFE

static bool in_line;

static void send(char c) {
    if (!in_line)
        for (const char *mark = "(emulated) "; *mark; mark++)
            uart_putc(*mark);
    in_line = c != '\n';
    uart_putc(c);
}

bool emulated_uart_access(struct mmio_access *access) {
    u64 offset = access->ipa - EMULATED_UART_IPA;
    if (offset >= PAGE_SIZE)
        return false;
    if (access->write && offset == DR)
        send((char)access->value);
    else if (!access->write)
        access->value = offset == FR ? FR_NOTHING_RECEIVED_AND_ROOM_TO_SEND : 0;
    return true; // writes to the other registers are accepted and have no effect
}
