// An exception in words.
#include "common/print.h"
#include "common/sysreg.h"
#include "el2/trap.h"

const char *exception_class_name(u32 ec) {
    switch (ec) {
    case EC_UNKNOWN: return "unknown reason: an instruction that is undefined here";
    case EC_WFX: return "WFI or WFE";
    case EC_FP: return "use of floating-point or SIMD registers";
    case EC_ILLEGAL_STATE: return "illegal execution state: a bad SPSR was returned to";
    case EC_SVC64: return "SVC";
    case EC_HVC64: return "HVC";
    case EC_SMC64: return "SMC";
    case EC_SYSREG: return "MSR, MRS or system instruction";
    case EC_INSTRUCTION_ABORT_LOWER: return "instruction abort from a lower level";
    case EC_INSTRUCTION_ABORT_SAME: return "instruction abort at the same level";
    case EC_PC_ALIGNMENT: return "PC not aligned";
    case EC_DATA_ABORT_LOWER: return "data abort from a lower level";
    case EC_DATA_ABORT_SAME: return "data abort at the same level";
    case EC_SP_ALIGNMENT: return "SP not aligned";
    case EC_SERROR: return "SError";
    case EC_BRK: return "BRK";
    default: return "a class this program has no word for";
    }
}

const char *fault_name(u32 fsc) {
    switch (FSC_KIND(fsc)) {
    case FSC_ADDRESS_SIZE: return "address size fault";
    case FSC_TRANSLATION: return "translation fault";
    case FSC_ACCESS_FLAG: return "access flag fault";
    case FSC_PERMISSION: return "permission fault";
    default: return fsc == FSC_ALIGNMENT ? "alignment fault" : "external abort or other fault";
    }
}

static const char *const origins[] = {"EL2 (on SP_EL0)", "EL2", "the guest", "an AArch32 guest"};
static const char *const kinds[] = {"synchronous exception", "IRQ", "FIQ", "SError"};

static bool is_abort(u32 ec) {
    return ec == EC_INSTRUCTION_ABORT_LOWER || ec == EC_INSTRUCTION_ABORT_SAME || ec == EC_DATA_ABORT_LOWER || ec == EC_DATA_ABORT_SAME;
}

void report_exception(const struct context *context, enum vector_slot slot) {
    printf("[EL2] %s from %s, vector slot %u\n", kinds[slot % 4], origins[slot / 4], (u32)slot);
    printf("[EL2]   ELR_EL2   0x%016lx  where it happened\n", context->elr);
    printf("[EL2]   SPSR_EL2  0x%016lx  the state it happened in: EL%u\n", context->spsr, (u32)(context->spsr >> 2) & 3);
    if (slot % 4 != CURRENT_SP0_SYNC)
        return; // an interrupt has no syndrome
    u64 esr = read_sysreg(esr_el2);
    u32 ec = ESR_EC(esr);
    printf("[EL2]   ESR_EL2   0x%016lx  EC 0x%02x: %s; ISS 0x%06x\n", esr, ec, exception_class_name(ec), ESR_ISS(esr));
    if (!is_abort(ec))
        return;
    u32 fsc = ISS_FSC(esr);
    printf("[EL2]   FAR_EL2   0x%016lx  the virtual address: %s, level %u\n", read_sysreg(far_el2), fault_name(fsc), fsc & 3);
    if (slot == LOWER_A64_SYNC)
        printf("[EL2]   HPFAR_EL2 0x%016lx  the guest's page: IPA 0x%010lx\n", read_sysreg(hpfar_el2),
               (read_sysreg(hpfar_el2) & ~0xful) << 8);
}
