// Where every exception taken to EL2 arrives: find the handler by exception class.
#include "el2/trap.h"
#include "common/sysreg.h"
#include "el2/power.h"

void el2_exception(struct context *context, enum vector_slot slot) {
    if (slot == LOWER_A64_SYNC) {
        u64 esr = read_sysreg(esr_el2);
        sync_handler handler = traps.sync[ESR_EC(esr)];
        if (handler && handler(context, esr))
            return;
    } else if (slot == LOWER_A64_IRQ && traps.irq) {
        traps.irq(context);
        return;
    }
    report_exception(context, slot);
    panic("nothing handles this");
}
