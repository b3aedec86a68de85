// P20: the spin lock is never taken.
// After https://github.com/nanovms/nanos/pull/1856, https://github.com/zephyrproject-rtos/zephyr/pull/33527 and
// https://github.com/ARM-software/tf-issues/issues/540
// Whether exclusives work on Device memory is IMPLEMENTATION DEFINED (Arm ARM B2.12), and while the MMU is off all data is Device
// memory: on a Cortex-A53 the store may fail for ever, or abort. QEMU does not distinguish, so the program works there.
#include "labs/lab.h"
#include "labs/tables.h"

    level1_table level1
    .quad   DEVICE_BLOCK
    .quad   NORMAL_BLOCK + 0x40000000
    .quad   0, 0

    .bss
    .balign 64
lock:
    .skip   64

function main
#ifdef REPAIRED
    ldr     x0, =level1
    bl      mmu_on
#endif
    print   "EL2: taking the lock"
    ldr     x0, =lock
    bl      take
    print   "EL2: it is taken"
    b       power_off
end main

function take
    mov     w1, #1
1:  ldaxr   w2, [x0]
    cbnz    w2, 1b
    stxr    w2, w1, [x0]
    cbnz    w2, 1b
    ret
end take
