// The way down: EL2 starts its guest at EL1. There is no "call a lower level" instruction. EL2 pretends that it is
// returning from an exception that came from EL1: it writes the two registers that describe where to return to, and
// executes ERET.
//
//            before enter_el1        after ERET
//  PC        enter_el1               guest_main
//  CurrentEL 2                       1
//  SP_EL2    _stack_top              _stack_top (untouched: the next trap starts on an empty stack)
//  SP_EL1    unknown                 _el1_stack_top
#include "common/arm.h"

    .text
    .global enter_el1
    .type   enter_el1, %function
    .global enter_el1_step1, enter_el1_step2, enter_el1_step3, enter_el1_step4, enter_el1_step5, enter_el1_step6

// x0: bits of HCR_EL2 that this guest needs beside RW. Does not return.
enter_el1:

    // 1. The stack that EL1 will find. EL2 may write the banked stack pointers of the levels below.
enter_el1_step1:
    ldr     x1, =_el1_stack_top
    msr     sp_el1, x1

    // 2. What EL1 is, and what EL2 controls. RW = 1: EL1 is AArch64. In x0: VM (stage 2 on), TSC (trap SMC), TWI (trap
    //    WFI) and so on. None of it affects EL2 itself; it all takes effect with the ERET.
enter_el1_step2:
    mov     x1, #HCR_EL2_RW
    orr     x1, x1, x0
    msr     hcr_el2, x1

    // 3. The PSTATE that EL1 starts with: mode EL1h (runs on SP_EL1), D, A, I, F all clear (interrupts enabled).
    //    None comes before the guest is ready: its interrupt controller is still off.
enter_el1_step3:
    mov     x1, #SPSR_M_EL1H
    msr     spsr_el2, x1

    // 4. The first instruction that EL1 executes. With stage 2 on this is an address in the guest's own view, an IPA.
enter_el1_step4:
    ldr     x1, =guest_main
    msr     elr_el2, x1

    // 5. Finish all memory writes (DSB: the guest's image and page tables), then let every system register write above
    //    take effect (ISB).
enter_el1_step5:
    dsb     sy
    isb

    // 6. Go. PSTATE becomes SPSR_EL2, PC becomes ELR_EL2, and the stack pointer in use becomes SP_EL1: all at once.
enter_el1_step6:
    eret
    .size   enter_el1, . - enter_el1

    .ltorg
