// What the guest's programs share. They run at EL1 and know nothing about the hypervisor's memory.
#pragma once
#include "common/context.h"
#include "common/esr.h"
#include "common/vector_slots.h"

// hypercall.c: HVC #0 with the function id in x0 and one argument in x1; result in x0.
s64 hypercall(u32 id, u64 argument);
// SMC #0: a call to what the guest takes for the firmware.
s64 firmware_call(u32 id, u64 argument);
// Ends the guest.
__attribute__((noreturn)) void guest_exit(void);

// exception.c: exceptions stay in EL1 from now on.
void guest_vectors_on(void);
void guest_exception(struct context *context, enum vector_slot slot);

// exception.c: an access between these two may fail; the second says whether it was answered by a data abort.
void expect_abort(void);
bool abort_came(void);
// A 32-bit access that may fail. False if it did.
bool try_read(u64 va, u32 *value);
bool try_write(u64 va, u32 value);

// stage1.c: the guest's own MMU on: its memory where it is, and beside it WINDOW_VA and USER_VA.
void guest_mmu_on(void);
// The page at WINDOW_VA: access flag to 0 (the next access faults), or to 1.
void guest_window_unused(void);
void guest_window_used(void);

// interrupt.c: virtual interrupts on, at the interrupt controller and in PSTATE.
void guest_interrupts_on(void);
void guest_interrupt(void);
// How many interrupts of this number have come; 0 counts those without a number (HCR_EL2.VI).
u32 interrupts_seen(u32 intid);
// Waits, in WFI, until one more than `seen` has come.
void wait_for_interrupt(u32 intid, u32 seen);

#define INTID_TICK 26  // a virtual interrupt that the hypervisor sends
#define INTID_TIMER 27 // the guest's own timer, CNTV
#define INTID_UART 33

// user_mode.S: runs EL0 code at this VA with this stack until it makes SYS_EXIT; returns the argument of that.
s64 run_user(u64 entry, u64 stack);
// system_call.c: SVC and everything else that an EL0 program can run into.
void exception_from_el0(struct context *context, u64 esr);
