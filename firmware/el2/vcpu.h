#pragma once
#include "common/context.h"

// Gives the EL1 registers the values that a core has when it comes out of reset, and opens what the guest may use freely.
void vcpu_reset(void);

// The registers that a guest owns beside those of its context (the general ones, SP_EL0, ELR_EL2, SPSR_EL2): put away while
// another guest runs. A guest with virtual interrupts would also need its list registers, one with floating point the vector
// registers.
#define VCPU_REGISTERS(X)                                                                             \
    X(sctlr_el1) X(cpacr_el1) X(ttbr0_el1) X(ttbr1_el1) X(tcr_el1) X(mair_el1) X(vbar_el1) X(sp_el1)  \
    X(elr_el1) X(spsr_el1) X(esr_el1) X(far_el1) X(par_el1) X(contextidr_el1) X(tpidr_el1)            \
    X(tpidr_el0) X(tpidrro_el0) X(cntkctl_el1) X(cntv_ctl_el0) X(cntv_cval_el0) X(cntvoff_el2) X(vmpidr_el2)

#define COUNT_REGISTER(name) +1
#define VCPU_REGISTER_COUNT (0 VCPU_REGISTERS(COUNT_REGISTER))

struct page_tables;
struct vcpu {
    u8 vmid;
    bool finished;
    struct page_tables *stage2;
    struct context context;
    u64 registers[VCPU_REGISTER_COUNT];
};

// A virtual CPU that will start at guest_main as after reset. Uses the registers of this core: vcpu_reset comes before.
void vcpu_create(struct vcpu *vcpu);

// The trapped guest, whose context this is, becomes `from`; after the handler's return `to` runs.
void vcpu_switch(struct context *context, struct vcpu *from, struct vcpu *to);
