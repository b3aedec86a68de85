// A guest whose memory is elsewhere: stage 2 maps IPA 0x40000000 to the guest's page, and nothing else but the UART.

.equ SYSTEM_OFF, 0x84000008
.equ UARTDR, 0x09000000
.equ GUEST_IPA, 0x40000000
.equ SPSR_EL1H, 0x3c5
.equ HCR, 1 << 31 | 1 << 0              // RW, VM
.equ VMID, 1

// Descriptors (Arm ARM D5.4)
.equ TABLE, 0b11
.equ BLOCK, 0b01
.equ PAGE, 0b11
.equ AF, 1 << 10
.equ INNER, 0b11 << 8
.equ S2_READ_WRITE, 0b11 << 6
.equ S2_READ, 0b01 << 6
.equ S2_NORMAL, 0b1111 << 2             // MemAttr itself, no index
.equ S2_DEVICE, 0b0001 << 2
.equ S2_XN, 1 << 54

.equ VTCR, 25 | 1 << 6 | 1 << 8 | 1 << 10 | 0b11 << 12 | 0b010 << 16 | 1 << 31
                                        // 39-bit IPA, starting at level 1; 40-bit PA; RES1

.section .text
.global _start
_start:
        ldr     x0, =stack_top
        mov     sp, x0
        adr     x0, vectors
        msr     VBAR_EL2, x0

        adrp    x1, level1
        adrp    x2, level2
        orr     x0, x2, #TABLE
        str     x0, [x1, #8 * 1]                        // IPA 1 GiB to 2 GiB
        adrp    x3, level3
        orr     x0, x3, #TABLE
        str     x0, [x2]                                // its first 2 MiB
        adrp    x0, guest
        ldr     x4, =PAGE | AF | INNER | S2_READ | S2_NORMAL
        orr     x0, x0, x4
        str     x0, [x3]                                // its first page: the guest
        adrp    x2, low_level2
        orr     x0, x2, #TABLE
        str     x0, [x1]                                // IPA 0 to 1 GiB
        ldr     x0, =UARTDR & ~0x1fffff | BLOCK | AF | S2_READ_WRITE | S2_DEVICE | S2_XN
        str     x0, [x2, #8 * (UARTDR >> 21)]           // the UART's 2 MiB

        ldr     x0, =VTCR
        msr     VTCR_EL2, x0
        ldr     x0, =VMID << 48
        orr     x0, x0, x1
        msr     VTTBR_EL2, x0
        ldr     x0, =HCR
        msr     HCR_EL2, x0
        dsb     sy
        tlbi    vmalls12e1              // of what the TLB may hold for this VMID
        dsb     sy
        isb

        mov     x0, #SPSR_EL1H
        msr     SPSR_EL2, x0
        ldr     x0, =GUEST_IPA          // its first instruction, as the guest calls it
        msr     ELR_EL2, x0
        eret

// An exception from the guest: a letter for an abort, then off. FAR_EL2 and HPFAR_EL2 say what it touched.
from_guest:
        mrs     x0, ESR_EL2
        lsr     x0, x0, #26
        cmp     x0, #0x24               // data abort from a lower level
        b.ne    off
        mov     w0, #'!'
        ldr     x1, =UARTDR
        str     w0, [x1]
off:
        mov     w0, #'\n'
        ldr     x1, =UARTDR
        str     w0, [x1]
        ldr     w0, =SYSTEM_OFF
        smc     #0
        b       .
        .ltorg

        .balign 0x800
vectors:
.rept 16
        .balign 0x80
        b       from_guest
.endr

// One page of its own: it runs wherever stage 2 puts it.
        .balign 4096
guest:
        adr     x0, greeting
        ldr     x1, =UARTDR
1:      ldrb    w2, [x0], #1
        cbz     w2, 2f
        str     w2, [x1]
        b       1b
2:      str     wzr, [x0]               // its page is read-only: the write ends at EL2
        b       .
greeting:
        .asciz  "guest at IPA 0x40000000"
        .ltorg
        .balign 4096

.bss
        .balign 4096
level1: .skip   4096
level2: .skip   4096
level3: .skip   4096
low_level2:
        .skip   4096
        .skip   4096
stack_top:
