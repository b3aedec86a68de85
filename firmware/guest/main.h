#pragma once
// Each guest's first instruction: ELR_EL2 of enter_el1. Runs at EL1 on _el1_stack_top, MMU off, interrupts enabled.
__attribute__((noreturn)) void guest_main(void);
