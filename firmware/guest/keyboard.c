// A ring between the interrupt that brings characters (it alone moves `added`) and the program that reads them (`taken`).
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
    for (;;) {
        // Count first, look then: a character that comes between the two has been counted, and the wait is none.
        u32 seen = interrupts_seen(INTID_UART);
        if (added != taken)
            return buffer[taken++ % SIZE];
        wait_for_interrupt(INTID_UART, seen);
    }
}
