// Virtual interrupts. The guest works with a GICv2 CPU interface at GICC_PA; stage 2 has put the virtual one (GICV) there,
// which has the same registers.
#include "common/arm.h"
#include "common/hypercalls.h"
#include "common/sysreg.h"
#include "common/uart.h"
#include "guest/guest.h"
#include "guest/keyboard.h"
#include "layout.h"

static volatile u32 *const cpu_interface = (volatile u32 *)GICC_PA;
#define GICC_CTLR (0x00 / 4)
#define GICC_PMR (0x04 / 4)
#define GICC_IAR (0x0c / 4)
#define GICC_EOIR (0x10 / 4)

#define NONE 1023 // GICC_IAR: nothing is pending

static volatile u32 counts[64];

void guest_interrupts_on(void) {
    cpu_interface[GICC_PMR] = 0xf0;
    cpu_interface[GICC_CTLR] = 1;
    __asm__ volatile("msr daifclr, #2" ::: "memory"); // PSTATE.I = 0
}

void guest_interrupt(void) {
    u32 intid = cpu_interface[GICC_IAR] & 0x3ff;
    switch (intid) {
    case NONE: // then it was HCR_EL2.VI, which stays until the hypervisor takes it back
        hypercall(HV_TICK_SEEN, 0);
        counts[0]++;
        return;
    case INTID_TIMER:
        write_sysreg(cntv_ctl_el0, 0); // off: its line goes down
        isb();
        break;
    case INTID_UART:
        while (uart_has_input()) // reading the last character takes the UART's line down
            keyboard_add(uart_getc());
        break;
    }
    if (intid < ARRAY_SIZE(counts))
        counts[intid]++;
    cpu_interface[GICC_EOIR] = intid;
}

u32 interrupts_seen(u32 intid) { return counts[intid]; }

void wait_for_interrupt(u32 intid, u32 seen) {
    for (;;) {
        // Between the look and the WFI no interrupt may slip in, or WFI would wait for the next one. So mask: a pending
        // interrupt ends WFI even while it is masked, and is taken at the daifclr.
        __asm__ volatile("msr daifset, #2" ::: "memory");
        bool come = counts[intid] > seen;
        if (!come)
            wfi();
        __asm__ volatile("msr daifclr, #2" ::: "memory");
        if (come)
            return;
    }
}
