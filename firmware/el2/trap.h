// Exceptions taken to EL2. Each program says what it handles: it defines `traps`.
#pragma once
#include "common/context.h"
#include "common/esr.h"
#include "common/vector_slots.h"

// Returns false for "this one is not mine": it is then reported, and the machine stops.
typedef bool (*sync_handler)(struct context *context, u64 esr);

struct trap_table {
    sync_handler sync[64];                 // synchronous exceptions from the guest, by exception class (ESR_EL2.EC)
    void (*irq)(struct context *context); // physical interrupts that arrive while the guest runs
};
extern const struct trap_table traps;

// Called by the vector table.
void el2_exception(struct context *context, enum vector_slot slot);

// After a trapped instruction has been emulated: go on behind it. All A64 instructions are 4 bytes.
static inline void skip_instruction(struct context *context) { context->elr += 4; }

// report.c: says in words what happened.
void report_exception(const struct context *context, enum vector_slot slot);
const char *exception_class_name(u32 ec);
const char *fault_name(u32 fsc);

// Handlers, one file each.
bool handle_hypercall(struct context *context, u64 esr);  // hypercall.c: HVC
bool handle_smc(struct context *context, u64 esr);        // smc.c: SMC, trapped by HCR_EL2.TSC
bool handle_wfi(struct context *context, u64 esr);        // wfi.c: WFI, trapped by HCR_EL2.TWI
bool handle_system_register(struct context *context, u64 esr); // system_register.c: MRS, trapped by HCR_EL2.TID3 or CNTHCTL_EL2
bool handle_floating_point(struct context *context, u64 esr);  // floating_point.c: trapped by CPTR_EL2.TFP
bool handle_data_abort(struct context *context, u64 esr); // data_abort.c: a data access that stage 2 refused
