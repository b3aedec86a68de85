#include "guest/keyboard.h"
#include "guest/guest.h"

#define SIZE 256 // more than a line: what does not fit is dropped

static volatile char buffer[SIZE];
static volatile u32 added, taken;

void keyboard_add(char c) {
    if (added - taken < SIZE)
        buffer[added++ % SIZE] = c;
}

char keyboard_next(void) {
    while (added == taken)
        wait_for_interrupt(INTID_UART, interrupts_seen(INTID_UART));
    return buffer[taken++ % SIZE];
}
