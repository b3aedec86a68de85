#pragma once
#include "common/types.h"

// Characters between the interrupt that brings them and the program that wants them.
void keyboard_add(char c);
// Waits, in WFI, for the next one.
char keyboard_next(void);
