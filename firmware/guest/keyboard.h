#pragma once
#include "common/types.h"

// From the interrupt handler: a character has come.
void keyboard_add(char c);
// Waits, in WFI, for the next one.
char keyboard_next(void);
