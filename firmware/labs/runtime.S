// What a lab calls: the serial port (Arm PL011, DDI 0183), and the end.
#include "labs/lab.h"
#include "common/hypercalls.h"
#include "layout.h"

function uart_init
    ldr     x1, =UART_PA
    mov     w2, #13                 // 24 MHz / (16 * 115200) = 13 and 1/64: UARTIBRD and UARTFBRD
    str     w2, [x1, #0x24]
    mov     w2, #1
    str     w2, [x1, #0x28]
    mov     w2, #0x70               // UARTLCR_H: 8 bits, FIFOs
    str     w2, [x1, #0x2c]
    mov     w2, #0x301              // UARTCR: enable, transmit, receive
    str     w2, [x1, #0x30]
    ret
end uart_init

// Sends w0. Changes x1 and x2.
function putc
    ldr     x1, =UART_PA
1:  ldr     w2, [x1, #0x18]         // UARTFR.TXFF: no room
    tbnz    w2, #5, 1b
    str     w0, [x1]
    ret
end putc

// Sends the string at x0. Changes x0 to x2.
function puts
    ldr     x1, =UART_PA
1:  ldr     w2, [x1, #0x18]
    tbnz    w2, #5, 1b
    ldrb    w2, [x0], #1
    cbz     w2, 2f
    str     w2, [x1]
    b       1b
2:  ret
end puts

// Sends x0 as hexadecimal digits, without leading zeros, and a new line. Changes x0 to x5.
function put_hex
    ldr     x1, =UART_PA
    mov     w3, #60                 // the place of the highest digit that is not zero
1:  lsr     x4, x0, x3
    cbnz    x4, 2f
    cbz     w3, 2f
    sub     w3, w3, #4
    b       1b
2:  ldr     w2, [x1, #0x18]
    tbnz    w2, #5, 2b
    tbnz    w3, #31, 3f
    lsr     x4, x0, x3
    and     w4, w4, #15
    add     w5, w4, #'0'
    cmp     w4, #10
    add     w4, w4, #'a' - 10
    csel    w4, w5, w4, lo
    str     w4, [x1]
    sub     w3, w3, #4
    b       2b
3:  mov     w4, #'\n'
    str     w4, [x1]
    ret
end put_hex

// PSCI SYSTEM_OFF (Arm DEN 0022, 5.1.9), from EL1 or EL2.
function power_off
    ldr     x0, =PSCI_SYSTEM_OFF
    smc     #0
end power_off

// An exception that a lab does not expect ends here.
function unexpected
    b       unexpected
end unexpected
