// The virtual CPU interface: GICH registers (Arm IHI 0048B, chapter 5). A Cortex-A53's GIC has four list registers.
#include "el2/vgic.h"
#include "layout.h"

static volatile u32 *const hypervisor_interface = (volatile u32 *)GICH_PA;
#define GICH_HCR (0x000 / 4)
#define GICH_EISR0 (0x020 / 4) // which list registers: ended by the guest, with the EOI flag
#define GICH_LR (0x100 / 4)
#define LIST_REGISTERS 4

#define GICH_HCR_EN (1u << 0)

// A list register: one virtual interrupt.
#define LR_PHYSICAL_INTID(intid) ((intid) << 10) // HW = 1: bits 19..10
#define LR_EOI (1u << 19)                        // HW = 0: maintenance interrupt at the end
#define LR_PRIORITY ((0xa0u >> 3) << 23)
#define LR_PENDING (1u << 28)
#define LR_ACTIVE (1u << 29)
#define LR_HW (1u << 31)
#define LR_INTID(lr) ((lr)&0x3ff)

void vgic_on(void) {
    for (u32 i = 0; i < LIST_REGISTERS; i++)
        hypervisor_interface[GICH_LR + i] = 0;
    hypervisor_interface[GICH_HCR] = GICH_HCR_EN;
}

static bool add(u32 lr) {
    for (u32 i = 0; i < LIST_REGISTERS; i++) {
        u32 in_use = hypervisor_interface[GICH_LR + i];
        bool ended_unseen = hypervisor_interface[GICH_EISR0] & (1u << i);
        if (!(in_use & (LR_PENDING | LR_ACTIVE)) && !ended_unseen) {
            hypervisor_interface[GICH_LR + i] = lr;
            return true;
        }
    }
    return false;
}

bool vgic_inject(u32 virtual_intid, bool tell_me_at_the_end) {
    return add(virtual_intid | LR_PRIORITY | LR_PENDING | (tell_me_at_the_end ? LR_EOI : 0));
}

bool vgic_forward(u32 physical_intid) {
    return add(physical_intid | LR_PHYSICAL_INTID(physical_intid) | LR_PRIORITY | LR_PENDING | LR_HW);
}

u32 vgic_take_ended(void) {
    for (u32 i = 0; i < LIST_REGISTERS; i++) {
        if (hypervisor_interface[GICH_EISR0] & (1u << i)) {
            u32 lr = hypervisor_interface[GICH_LR + i];
            hypervisor_interface[GICH_LR + i] = 0; // which also takes the maintenance interrupt away
            return LR_INTID(lr);
        }
    }
    return 1023;
}
