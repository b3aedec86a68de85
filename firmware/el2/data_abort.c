// A data access by the guest that stage 2 refused: a device to emulate, a page to supply, or an access to deny.
#include "common/print.h"
#include "common/sysreg.h"
#include "el2/guest_memory.h"
#include "el2/inject.h"
#include "el2/lazy_memory.h"
#include "el2/mmio.h"
#include "el2/trap.h"
#include "el2/write_log.h"

// Which IPA? HPFAR_EL2 has bits 47..12 of it, at bits 39..4. It is valid for translation and access flag faults, and for
// any fault on a stage 1 table read; for a permission fault EL2 has to translate FAR_EL2 again (Arm ARM D13.2.56).
static bool fault_ipa(u64 esr, u64 *ipa) {
    u64 far = read_sysreg(far_el2);
    if (FSC_KIND(ISS_FSC(esr)) == FSC_PERMISSION && !ISS_S1PTW(esr))
        return guest_va_to_ipa(far, ipa);
    *ipa = ((read_sysreg(hpfar_el2) & ~0xful) << 8) | (far & (PAGE_SIZE - 1));
    return true;
}

bool handle_data_abort(struct context *context, u64 esr) {
    u64 ipa;
    if (!fault_ipa(esr, &ipa))
        return true; // the guest's tables changed under us: let it run into the fault again
    if (FSC_KIND(ISS_FSC(esr)) == FSC_TRANSLATION && (lazy_memory_touch(ipa) || emulate_mmio(context, esr, ipa)))
        return true;
    if (FSC_KIND(ISS_FSC(esr)) == FSC_PERMISSION && ISS_WNR(esr) && write_log_touch(ipa))
        return true;
    printf("[EL2] refused: %s of IPA 0x%010lx (%s, level %u); the guest gets an external abort\n", ISS_WNR(esr) ? "write" : "read", ipa,
           fault_name(ISS_FSC(esr)), ISS_FSC(esr) & 3);
    inject_external_abort(context, esr);
    return true;
}
