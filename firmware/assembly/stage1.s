// EL2's own translation: two tables of blocks, and the UART at a second virtual address.

.equ SYSTEM_OFF, 0x84000008
.equ UART_PA, 0x09000000
.equ UART_VA, 0x80000000                // no such memory: only the tables make it the UART

// Descriptors (Arm ARM D5.3)
.equ TABLE, 0b11
.equ BLOCK, 0b01
.equ AF, 1 << 10                        // without the access flag, the first access faults
.equ INNER, 0b11 << 8                   // inner shareable
.equ AP_RES1, 1 << 6                    // EL2 has one privilege: AP[1] is RES1
.equ NORMAL, 0 << 2                     // AttrIndx: MAIR_EL2 says what they are
.equ DEVICE, 1 << 2
.equ XN, 1 << 54

.equ MAIR, 0x00ff                       // 0: Normal, Write-Back; 1: Device-nGnRnE
.equ TCR, 25 | 1 << 8 | 1 << 10 | 0b11 << 12 | 0b010 << 16 | 1 << 23 | 1 << 31
                                        // T0SZ: 39 bits; cacheable walks, inner shareable; 40-bit PA; RES1

.section .text
.global _start
_start:
        adrp    x0, level2
        orr     x0, x0, #TABLE
        adrp    x1, level1
        str     x0, [x1, #8 * (UART_VA >> 30)]          // 2 GiB to 3 GiB: by the level 2 table
        ldr     x0, =0x40000000 | BLOCK | AF | INNER | AP_RES1 | NORMAL
        str     x0, [x1, #8 * 1]                        // 1 GiB to 2 GiB: RAM, where it is
        ldr     x0, =UART_PA & ~0x1fffff | BLOCK | AF | AP_RES1 | DEVICE | XN
        adrp    x2, level2
        str     x0, [x2]                                // its first 2 MiB: the UART's

        ldr     x0, =MAIR
        msr     MAIR_EL2, x0
        ldr     x0, =TCR
        msr     TCR_EL2, x0
        msr     TTBR0_EL2, x1
        dsb     sy                      // the tables are written
        isb                             // the registers are
        mrs     x0, SCTLR_EL2
        orr     x0, x0, #1              // M
        msr     SCTLR_EL2, x0
        isb                             // from here on, every address is translated

        adr     x0, greeting
        ldr     x1, =UART_VA
1:      ldrb    w2, [x0], #1
        cbz     w2, 2f
        str     w2, [x1]
        b       1b
2:      ldr     w0, =SYSTEM_OFF
        smc     #0
        b       .

greeting:
        .asciz  "translated\n"

.bss
        .balign 4096
level1: .skip   4096
level2: .skip   4096
