// The guest is interrupted in every way that a hypervisor has.
#include "common/hypercalls.h"
#include "common/print.h"
#include "common/sysreg.h"
#include "guest/guest.h"
#include "guest/main.h"

#define ISR_I (1ul << 7) // ISR_EL1: an IRQ is pending; at EL1 under a hypervisor, a virtual one

static u64 millisecond;

static void by_vi(void) {
    u32 seen = interrupts_seen(0);
    hypercall(HV_TICK_VI, millisecond);
    wait_for_interrupt(0, seen);
    printf("[EL1] virtual IRQ by HCR_EL2.VI taken; GICC_IAR had no number for it\n");
}

static void by_list_register(void) {
    u32 seen = interrupts_seen(INTID_TICK);
    hypercall(HV_TICK_LR, millisecond);
    wait_for_interrupt(INTID_TICK, seen);
    printf("[EL1] virtual interrupt %u by list register taken\n", INTID_TICK);
}

// The guest's own timer is real hardware; its interrupt goes to EL2, and from there back to the guest (HW = 1).
static void own_timer(void) {
    u32 seen = interrupts_seen(INTID_TIMER);
    write_sysreg(cntv_tval_el0, millisecond);
    write_sysreg(cntv_ctl_el0, 1);
    isb();
    wait_for_interrupt(INTID_TIMER, seen);
    printf("[EL1] own timer: interrupt %u taken\n", INTID_TIMER);
}

// PSTATE.I keeps virtual IRQs from EL1. It does not keep physical ones from EL2, or the tick could never become pending.
static void masked(void) {
    u32 seen = interrupts_seen(INTID_TICK);
    __asm__ volatile("msr daifset, #2" ::: "memory");
    hypercall(HV_TICK_LR, millisecond);
    while (!(read_sysreg(isr_el1) & ISR_I))
        ;
    printf("[EL1] masked: pending in ISR_EL1, %u taken\n", interrupts_seen(INTID_TICK) - seen);
    __asm__ volatile("msr daifclr, #2" ::: "memory");
    printf("[EL1] unmasked: %u taken\n", interrupts_seen(INTID_TICK) - seen);
}

// The virtual counter runs behind the physical one by CNTVOFF_EL2. EL2 hides the difference by trapping the physical one.
static void counters(void) {
    u64 virtual_before = read_sysreg(cntvct_el0);
    u64 physical = read_sysreg(cntpct_el0);
    u64 virtual_after = read_sysreg(cntvct_el0);
    bool same = virtual_before <= physical && physical <= virtual_after;
    printf("[EL1] CNTVCT_EL0 and (trapped) CNTPCT_EL0 tell the %s time\n", same ? "same" : "wrong");
}

void guest_main(void) {
    guest_vectors_on();
    guest_interrupts_on();
    millisecond = read_sysreg(cntfrq_el0) / 1000;
    by_vi();
    by_list_register();
    own_timer();
    masked();
    counters();
    guest_exit();
}
