// EL2's own timer (CNTHP), with which it keeps an appointment for the guest.
#pragma once
#include "common/types.h"

// How a tick reaches the guest.
enum tick_kind {
    TICK_BY_VI,            // HCR_EL2.VI: "an interrupt is pending", without a number
    TICK_BY_LIST_REGISTER, // as virtual interrupt INTID_EL2_TIMER
};

// Once, in so many ticks of the counter (CNTFRQ_EL0 per second).
void timer_start(u64 ticks, enum tick_kind kind);
// The timer has fired: stops it and gives the guest its tick.
void timer_fired(void);
// The guest has seen the tick by HCR_EL2.VI.
void tick_seen(void);
