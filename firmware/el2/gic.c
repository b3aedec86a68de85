// GICv2 (Arm IHI 0048B): the distributor collects and routes interrupts, the CPU interface hands them to this core.
#include "el2/gic.h"
#include "common/sysreg.h"
#include "el2/vgic.h"
#include "layout.h"

static volatile u32 *const distributor = (volatile u32 *)GICD_PA;
#define GICD_CTLR (0x000 / 4)
#define GICD_ISENABLER (0x100 / 4) // one bit each
#define GICD_IPRIORITYR 0x400      // one byte each: lower is more urgent
#define GICD_ITARGETSR 0x800       // one byte each: which cores

static volatile u32 *const cpu_interface = (volatile u32 *)GICC_PA;
#define GICC_CTLR (0x0000 / 4)
#define GICC_PMR (0x0004 / 4) // priority mask: only more urgent ones pass
#define GICC_IAR (0x000c / 4)
#define GICC_EOIR (0x0010 / 4)
#define GICC_DIR (0x1000 / 4)
#define GICC_CTLR_ENABLE (1u << 0)
#define GICC_CTLR_EOIMODE (1u << 9) // EOIR drops the priority only, DIR deactivates

#define PRIORITY 0xa0

void gic_on(void) {
    distributor[GICD_CTLR] = 1;
    cpu_interface[GICC_PMR] = 0xff;
    cpu_interface[GICC_CTLR] = GICC_CTLR_ENABLE | GICC_CTLR_EOIMODE;
    vgic_on();
}

void gic_enable(u32 intid) {
    volatile u8 *bytes = (volatile u8 *)distributor;
    bytes[GICD_IPRIORITYR + intid] = PRIORITY;
    if (intid >= 32)
        bytes[GICD_ITARGETSR + intid] = 1; // core 0; private interrupts have no choice
    distributor[GICD_ISENABLER + intid / 32] = 1u << (intid % 32);
    dsb(sy);
}

u32 gic_acknowledge(void) { return cpu_interface[GICC_IAR] & 0x3ff; }

void gic_drop_priority(u32 intid) { cpu_interface[GICC_EOIR] = intid; }

void gic_deactivate(u32 intid) { cpu_interface[GICC_DIR] = intid; }
