// The guest's stage 1: what it maps, what it protects, and what a fault says.
#include "common/print.h"
#include "common/sysreg.h"
#include "guest/guest.h"
#include "guest/main.h"
#include "layout.h"

// Asks the hardware where a VA leads, for an EL1 read: AT S1E1R, answer in PAR_EL1.
static void show_translation(const char *what, u64 va) {
    __asm__ volatile("at s1e1r, %0" ::"r"(va));
    isb();
    u64 par = read_sysreg(par_el1);
    if (par & 1)
        printf("[EL1] %s: VA 0x%016lx -> fault, FST 0x%02lx\n", what, va, (par >> 1) & 0x3f);
    else
        printf("[EL1] %s: VA 0x%016lx -> PA 0x%010lx\n", what, va, (par & 0x0000fffffffff000) | (va & (PAGE_SIZE - 1)));
}

static void show_refusal(const char *what) {
    printf("[EL1] %s: ESR_EL1 0x%08lx, FAR_EL1 0x%016lx\n", what, read_sysreg(esr_el1), read_sysreg(far_el1));
}

void guest_main(void) {
    guest_vectors_on();
    guest_mmu_on();
    printf("[EL1] MMU on: SCTLR_EL1 = 0x%08lx, TCR_EL1 = 0x%010lx\n", read_sysreg(sctlr_el1), read_sysreg(tcr_el1));

    show_translation("code, through TTBR0_EL1", (u64)guest_main & ~(PAGE_SIZE - 1));
    show_translation("data, through TTBR1_EL1", WINDOW_VA);
    show_translation("nothing there", WINDOW_VA + PAGE_SIZE);

    volatile u64 *window = (volatile u64 *)WINDOW_VA;
    *window = 0xcafe;
    printf("[EL1] one page, two addresses: 0x%lx and 0x%lx\n", *window, *(volatile u64 *)(GUEST_PA + GUEST_DATA_OFFSET));

    u32 value;
    if (!try_write((u64)guest_main, 0))
        show_refusal("write to code (permission fault)");
    if (!try_read(WINDOW_VA + PAGE_SIZE, &value))
        show_refusal("read of nothing (translation fault)");
    if (!try_read(0x0000008000000000, &value))
        show_refusal("read between the two halves (translation fault, level 0)");

    // The access flag: an entry with AF = 0 faults once, and so tells the kernel that the page is in use.
    guest_window_unused();
    if (!try_read(WINDOW_VA, &value))
        show_refusal("read of a page with AF = 0 (access flag fault)");
    guest_window_used();
    printf("[EL1] AF = 1: 0x%x\n", try_read(WINDOW_VA, &value) ? value : 0);
    guest_exit();
}
