// A physical interrupt arrives while the guest runs (HCR_EL2.IMO): EL2 decides whose it is.
#include "common/print.h"
#include "el2/gic.h"
#include "el2/timer.h"
#include "el2/vgic.h"

static void guest_has_ended(void) {
    for (u32 intid = vgic_take_ended(); intid != 1023; intid = vgic_take_ended())
        printf("[EL2] maintenance: the guest has ended virtual interrupt %u\n", intid);
}

void handle_interrupt(struct context *context) {
    (void)context; // the interrupted guest goes on where it was; the virtual interrupt is taken there
    u32 intid = gic_acknowledge();
    if (intid == 1023)
        return; // it went away before it was acknowledged
    gic_drop_priority(intid);
    switch (intid) {
    case INTID_VIRTUAL_TIMER:
    case INTID_UART:
        vgic_forward(intid); // stays active: the guest deactivates it
        return;
    case INTID_EL2_TIMER:
        timer_fired();
        break;
    case INTID_MAINTENANCE:
        guest_has_ended();
        break;
    default:
        printf("[EL2] interrupt %u, which nobody enabled\n", intid);
    }
    gic_deactivate(intid);
}
