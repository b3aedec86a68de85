// The interrupt controller (GICv2) as EL2 uses it: physical interrupts come to EL2 (HCR_EL2.IMO).
#pragma once
#include "el2/trap.h"

// Interrupt numbers (INTID): 0..15 software, 16..31 private to a core (PPI), 32.. shared (SPI).
#define INTID_MAINTENANCE 25   // the virtual CPU interface wants attention
#define INTID_EL2_TIMER 26     // CNTHP
#define INTID_VIRTUAL_TIMER 27 // CNTV, the guest's
#define INTID_UART 33

// Switches the distributor, this core's CPU interface and the virtual CPU interface on.
void gic_on(void);
void gic_enable(u32 intid);

// Which interrupt is it? Acknowledges the highest pending one; 1023 for none.
u32 gic_acknowledge(void);
// Handled enough for others of its priority to arrive (EOImode = 1 splits the end of an interrupt in two).
void gic_drop_priority(u32 intid);
// Handled altogether: may become pending again.
void gic_deactivate(u32 intid);

// interrupt.c: the handler for a program's trap table. Forwards to the guest what is the guest's, and ticks.
void handle_interrupt(struct context *context);
