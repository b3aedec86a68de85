// MMIO emulation: a guest access that stage 2 refused becomes a function call.
// All that is needed is in the syndrome (Arm ARM D13.2.37, ISS of a data abort); the instruction itself is never read.
#include "el2/mmio.h"

// Register 31 in a load or store is XZR: stores write zero, loads are thrown away.
static u64 read_register(const struct context *context, u32 number) { return number == 31 ? 0 : context->x[number]; }

static void write_register(struct context *context, u32 number, u64 value) {
    if (number != 31)
        context->x[number] = value;
}

static u64 low_bytes(u64 value, u32 bytes) { return bytes == 8 ? value : value & ((1ul << (8 * bytes)) - 1); }

static u64 sign_extend(u64 value, u32 bytes) {
    unsigned unused_bits = 64 - 8 * bytes;
    return (u64)((s64)(value << unused_bits) >> unused_bits);
}

bool emulate_mmio(struct context *context, u64 esr, u64 ipa) {
    if (!ISS_ISV(esr))
        return false;
    struct mmio_access access = {.ipa = ipa, .bytes = 1u << ISS_SAS(esr), .write = ISS_WNR(esr)};
    if (access.write)
        access.value = low_bytes(read_register(context, ISS_SRT(esr)), access.bytes);
    if (!emulated_uart_access(&access))
        return false;
    if (!access.write) {
        u64 value = low_bytes(access.value, access.bytes);
        if (ISS_SSE(esr))
            value = sign_extend(value, access.bytes);
        // A W register is written: the upper half of the X register becomes zero.
        write_register(context, ISS_SRT(esr), ISS_SF(esr) ? value : (u32)value);
    }
    skip_instruction(context);
    return true;
}
