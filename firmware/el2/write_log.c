// Which pages has the guest written to? To copy a running guest elsewhere one must know. Take away the permission to write;
// the first write to each page faults, is noted, and may go on.
#include "el2/write_log.h"
#include "common/print.h"
#include "el2/stage2.h"

// One page is enough to show it. All addresses here are those of its first byte.
#define NOTHING 1ul
static u64 watched = NOTHING, written = NOTHING;

static u64 page_of(u64 ipa) { return ipa & ~(PAGE_SIZE - 1); }

bool write_log_start(u64 ipa) {
    u64 *entry = find_page(stage2_current(), ipa);
    if (!entry || !(*entry & DESCRIPTOR_VALID) || !(*entry & S2_WRITE))
        return false; // nothing there, or read-only for a reason of its own
    watched = page_of(ipa);
    written = NOTHING;
    *entry &= ~S2_WRITE;
    stage2_forget(ipa); // or a TLB entry that still allows writing would hide them from us
    return true;
}

bool write_log_touch(u64 ipa) {
    if (page_of(ipa) != watched)
        return false;
    printf("[EL2] first write to IPA 0x%010lx since it is watched\n", watched);
    written = watched;
    watched = NOTHING;
    *find_page(stage2_current(), ipa) |= S2_WRITE;
    stage2_forget(ipa); // or the entry that refuses writing could go on refusing
    return true;
}

bool write_log_written(u64 ipa) { return page_of(ipa) == written; }
