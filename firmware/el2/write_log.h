#pragma once
#include "common/types.h"

// Watches the running guest's page at this IPA: stage 2 refuses the next write. False where there is no page that the guest may write to.
bool write_log_start(u64 ipa);
// If a write to this IPA was refused for that reason: notes it, and lets writes through from now on.
bool write_log_touch(u64 ipa);
// Has the page been written to since?
bool write_log_written(u64 ipa);
