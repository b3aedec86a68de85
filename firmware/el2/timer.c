// The EL2 physical timer (Arm ARM D11.2): counts down from CNTHP_TVAL_EL2; at zero its interrupt line goes up, and stays up
// while the condition holds.
#include "el2/timer.h"
#include "common/arm.h"
#include "common/print.h"
#include "common/sysreg.h"
#include "el2/gic.h"
#include "el2/vgic.h"

#define CNT_CTL_ENABLE 1ul

static enum tick_kind next_tick;

void timer_start(u64 ticks, enum tick_kind kind) {
    next_tick = kind;
    write_sysreg(cnthp_tval_el2, ticks);
    write_sysreg(cnthp_ctl_el2, CNT_CTL_ENABLE);
    isb();
}

void timer_fired(void) {
    write_sysreg(cnthp_ctl_el2, 0);
    isb();
    if (next_tick == TICK_BY_VI) {
        printf("[EL2] timer: HCR_EL2.VI = 1, a virtual IRQ without a number\n");
        write_sysreg(hcr_el2, read_sysreg(hcr_el2) | HCR_EL2_VI);
    } else {
        printf("[EL2] timer: list register, virtual interrupt %u\n", INTID_EL2_TIMER);
        vgic_inject(INTID_EL2_TIMER, true);
    }
}

void tick_seen(void) { write_sysreg(hcr_el2, read_sysreg(hcr_el2) & ~HCR_EL2_VI); }
