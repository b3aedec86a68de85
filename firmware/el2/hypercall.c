// HVC: the guest asks the hypervisor for something. A table maps function ids to functions.
#include "common/hypercalls.h"
#include "common/print.h"
#include "common/sysreg.h"
#include "common/uart.h"
#include "el2/guest_memory.h"
#include "el2/move_page.h"
#include "el2/power.h"
#include "el2/timer.h"
#include "el2/trap.h"
#include "el2/write_log.h"

#define HYPERVISOR_VERSION 0x00010000 // 1.0
#define SMCCC_VERSION_1_1 0x00010001

static s64 smccc_version(struct context *context) {
    (void)context;
    return SMCCC_VERSION_1_1;
}

static s64 hv_version(struct context *context) {
    (void)context;
    return HYPERVISOR_VERSION;
}

static s64 hv_putc(struct context *context) {
    uart_putc((char)context->x[1]);
    return 0;
}

// The guest's pointer is a VA of the guest; EL2 has to find the byte in physical memory, page by page.
static s64 hv_puts(struct context *context) {
    for (u64 va = context->x[1];; va++) {
        u64 pa;
        if (!guest_va_to_pa(va, &pa))
            return -1;
        char c = *(const char *)pa;
        if (!c)
            return 0;
        uart_putc(c);
    }
}

static s64 hv_exit(struct context *context) {
    (void)context;
    printf("[EL2] the guest has finished; PSCI SYSTEM_OFF\n");
    power_off();
}

static s64 hv_tick_vi(struct context *context) {
    timer_start(context->x[1], TICK_BY_VI);
    return 0;
}

static s64 hv_tick_seen(struct context *context) {
    (void)context;
    tick_seen();
    return 0;
}

static s64 hv_tick_lr(struct context *context) {
    timer_start(context->x[1], TICK_BY_LIST_REGISTER);
    return 0;
}

static s64 hv_log_writes(struct context *context) { return write_log_start(context->x[1]) ? 0 : -1; }

static s64 hv_written(struct context *context) { return write_log_written(context->x[1]); }

static s64 hv_move_page(struct context *context) { return move_page(context->x[1]) ? 0 : -1; }

static const struct {
    u32 id;
    s64 (*call)(struct context *context);
} calls[] = {
    {SMCCC_VERSION, smccc_version},
    {HV_VERSION, hv_version},
    {HV_PUTC, hv_putc},
    {HV_PUTS, hv_puts},
    {HV_EXIT, hv_exit},
    {HV_TICK_VI, hv_tick_vi},
    {HV_TICK_SEEN, hv_tick_seen},
    {HV_TICK_LR, hv_tick_lr},
    {HV_LOG_WRITES, hv_log_writes},
    {HV_WRITTEN, hv_written},
    {HV_MOVE_PAGE, hv_move_page},
};

// ELR_EL2 already points behind the HVC: it is an exception-generating instruction, and has completed (Arm ARM D1.10.1).
bool handle_hypercall(struct context *context, u64 esr) {
    if (ESR_ISS(esr) != 0)
        printf("[EL2] HVC #%u: the immediate arrives in ESR_EL2.ISS\n", ESR_ISS(esr));
    for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
        if (calls[i].id == (u32)context->x[0]) {
            context->x[0] = (u64)calls[i].call(context);
            return true;
        }
    }
    context->x[0] = (u64)NOT_SUPPORTED;
    return true;
}
