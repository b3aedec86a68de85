// Two guests run this program, each in memory of its own. Each believes that it is alone.
#include "common/print.h"
#include "common/sysreg.h"
#include "guest/guest.h"
#include "guest/main.h"
#include "layout.h"

void guest_main(void) {
    guest_vectors_on();
    u64 me = (read_sysreg(mpidr_el1) & 0xff) + 1; // MPIDR_EL1 reads as VMPIDR_EL2, where EL2 has put who this is
    printf("[EL1, guest %lu] guest_main\n", me);

    // The other guest's memory is not far away; but there is no IPA that leads to it.
    u32 value;
    u64 other = me == 1 ? GUEST2_PA : GUEST_PA;
    if (!try_read(other, &value))
        printf("[EL1, guest %lu] read of 0x%lx: ESR_EL1 0x%08lx\n", me, other, read_sysreg(esr_el1));

    // The same VA, the same ASID, the same IPA in both guests: the VMID alone tells them apart in the TLB.
    guest_mmu_on();
    volatile u64 *secret = (volatile u64 *)WINDOW_VA;
    *secret = me * 1111;
    for (u32 round = 1; round <= 3; round++) {
        wfi(); // the other guest's turn
        printf("[EL1, guest %lu] round %u: still %lu\n", me, round, *secret);
    }
    guest_exit();
}
