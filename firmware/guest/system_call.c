// What comes up from EL0: requests (SVC), and things that EL0 may not do.
#include "common/arm.h"
#include "common/print.h"
#include "common/sysreg.h"
#include "guest/guest.h"
#include "user/system_calls.h"

extern char user_has_exited[];

// May EL0 read this byte? AT S1E0R translates as if EL0 were reading; PAR_EL1 bit 0 is set if it may not (Arm ARM D5.2.11).
static bool user_may_read(u64 va) {
    __asm__ volatile("at s1e0r, %0" ::"r"(va));
    isb();
    return (read_sysreg(par_el1) & 1) == 0;
}

static s64 sys_print(u64 va) {
    for (;; va++) {
        if (!user_may_read(va))
            return -1;
        char c = *(const char *)va;
        if (!c)
            return 0;
        printf("%c", c);
    }
}

static void system_call(struct context *context) {
    switch (context->x[0]) {
    case SYS_PRINT:
        context->x[0] = (u64)sys_print(context->x[1]);
        break;
    case SYS_EXIT: // the return goes to EL1 instead, into run_user
        context->x[0] = context->x[1];
        context->elr = (u64)user_has_exited;
        context->spsr = SPSR_M_EL1H;
        break;
    default:
        context->x[0] = (u64)-1;
    }
}

void exception_from_el0(struct context *context, u64 esr) {
    switch (ESR_EC(esr)) {
    case EC_SVC64: // ELR_EL1 is already behind the SVC
        system_call(context);
        return;
    case EC_FP: // allow it, and let the same instruction run again
        printf("[EL1] EL0 wants floating point: CPACR_EL1.FPEN = 3\n");
        write_sysreg(cpacr_el1, CPACR_EL1_FPEN);
        return; // the ERET is the context synchronization that the write needs
    case EC_WFX:
        printf("[EL1] EL0 waits (SCTLR_EL1.nTWI = 0): so does EL1\n");
        wfi();
        break;
    case EC_UNKNOWN:
        printf("[EL1] EL0 may not execute this: undefined instruction at VA 0x%lx\n", context->elr);
        break;
    case EC_DATA_ABORT_LOWER:
        printf("[EL1] EL0 may not touch VA 0x%lx: %s fault, level %u\n", read_sysreg(far_el1),
               FSC_KIND(ISS_FSC(esr)) == FSC_PERMISSION ? "permission" : "translation", ISS_FSC(esr) & 3);
        break;
    default:
        printf("[EL1] EL0 stopped by ESR_EL1 0x%08lx\n", esr);
        guest_exit();
    }
    context->elr += 4;
}
