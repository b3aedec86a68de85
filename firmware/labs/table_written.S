// For a table that was written while the caches were off: the memory has it, but a cache may still hold what was there earlier, and
// walks read through the cache. Drops the lines of the 4 KiB at x0, which no store has made dirty (Arm ARM D7, "Cache support").
// Changes x0 and x1.
#include "labs/lab.h"

function table_written
    dsb     sy
    add     x1, x0, #0x1000
1:  dc      ivac, x0
    add     x0, x0, #64
    cmp     x0, x1
    b.lo    1b
    dsb     sy
    ret
end table_written
