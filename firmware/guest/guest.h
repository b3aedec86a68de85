// What the guest's programs share. They run at EL1 and know nothing about the hypervisor's memory.
#pragma once
#include "common/context.h"
#include "common/esr.h"
#include "common/vector_slots.h"

// hypercall.c: HVC #0 with the function id in x0 and one argument in x1; result in x0.
s64 hypercall(u32 id, u64 argument);
// SMC #0: a call to what the guest takes for the firmware.
s64 firmware_call(u32 id, u64 argument);

// exception.c: exceptions stay in EL1 from now on.
void guest_vectors_on(void);
void guest_exception(struct context *context, enum vector_slot slot);

// exception.c: 32-bit accesses that may fail. False if the access was answered by a data abort.
bool try_read(u64 va, u32 *value);
bool try_write(u64 va, u32 value);

// stage1.c: the guest's own MMU on: its memory where it is, and beside it WINDOW_VA and USER_VA.
void guest_mmu_on(void);
