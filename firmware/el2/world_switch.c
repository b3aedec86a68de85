// One core, several guests: the world switch. What the core holds of one guest is put away, and another's is taken out.
#include "common/arm.h"
#include "common/sysreg.h"
#include "el2/stage2.h"
#include "el2/vcpu.h"

extern char guest_main[], _el1_stack_top[]; // IPAs

static void save_registers(struct vcpu *vcpu) {
    u64 *next = vcpu->registers;
#define SAVE(name) *next++ = read_sysreg(name);
    VCPU_REGISTERS(SAVE)
}

static void restore_registers(const struct vcpu *vcpu) {
    const u64 *next = vcpu->registers;
#define RESTORE(name) write_sysreg(name, *next++);
    VCPU_REGISTERS(RESTORE)
}

void vcpu_create(struct vcpu *vcpu) {
    // What enter_el1 does in six steps for the first guest, done for a later one: the registers are filled in here, and the
    // ERET is that of an exception which another guest has made.
    write_sysreg(sp_el1, _el1_stack_top);
    write_sysreg(vmpidr_el2, (read_sysreg(mpidr_el1) & ~0xfful) | (vcpu->vmid - 1u)); // "core 0", "core 1" ... in MPIDR_EL1.Aff0
    save_registers(vcpu);
    vcpu->context = (struct context){.elr = (u64)guest_main, .spsr = SPSR_M_EL1H};
}

void vcpu_switch(struct context *context, struct vcpu *from, struct vcpu *to) {
    from->context = *context;
    save_registers(from);
    *context = to->context;
    restore_registers(to);
    stage2_switch(to->stage2, to->vmid);
}
