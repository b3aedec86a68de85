// Exceptions taken to EL1.
#include "common/print.h"
#include "common/sysreg.h"
#include "guest/guest.h"

extern char guest_vectors[];

void guest_vectors_on(void) {
    write_sysreg(vbar_el1, guest_vectors);
    isb();
}

// The handler skips an access that was announced, and says so here.
static volatile bool abort_expected, abort_seen;

void expect_abort(void) {
    abort_seen = false;
    abort_expected = true;
}

bool abort_came(void) {
    abort_expected = false;
    return abort_seen;
}

bool try_read(u64 va, u32 *value) {
    expect_abort();
    *value = *(volatile u32 *)va;
    return !abort_came();
}

bool try_write(u64 va, u32 value) {
    expect_abort();
    *(volatile u32 *)va = value;
    return !abort_came();
}

void guest_exception(struct context *context, enum vector_slot slot) {
    u64 esr = read_sysreg(esr_el1);
    if (slot == CURRENT_SPX_IRQ || slot == LOWER_A64_IRQ) {
        guest_interrupt();
    } else if (slot == LOWER_A64_SYNC) {
        exception_from_el0(context, esr);
    } else if (slot == CURRENT_SPX_SYNC && ESR_EC(esr) == EC_DATA_ABORT_SAME && abort_expected) {
        abort_seen = true;
        context->elr += 4;
    } else {
        printf("[EL1] unexpected exception, vector slot %u: ESR_EL1 0x%08lx ELR_EL1 0x%016lx FAR_EL1 0x%016lx\n", (u32)slot, esr,
               context->elr, read_sysreg(far_el1));
        guest_exit();
    }
}
