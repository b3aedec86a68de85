/** Mistakes that make a program silent, in several forms each, and programs that are right and look alike. */
import { off, put, RW, set, toEl1, vectorsAtEl1, vectorsAtEl2, type Pieces } from './programs.ts';

/** A handler that skips the trapped instruction and leaves all registers as they were. */
const skip = ['msr tpidr_el2, x1', 'mrs x1, elr_el2', 'add x1, x1, #4', 'msr elr_el2, x1', 'mrs x1, tpidr_el2', 'eret'];
const both = [...vectorsAtEl2, ...vectorsAtEl1];
/** One table at 0x40090000 with entries of 1 GiB, and EL2's MMU on. */
const tableEl2 = (entries: Readonly<Record<number, bigint>>): string[] => [
  ...put('x1', 0x4009_0000),
  ...Object.entries(entries).flatMap(([index, value]) => [...put('x0', value), `str x0, [x1, #${Number(index) * 8}]`]),
  ...set('mair_el2', 0xff00),
  ...set('tcr_el2', 0x8082_3519),
  ...set('ttbr0_el2', 0x4009_0000),
  'dsb sy',
  'tlbi alle2',
  'dsb sy',
  'isb',
  ...set('sctlr_el2', 0x30c5_1835),
  'isb',
];
const DEVICE = 0x60_0000_0000_0401n;
const NORMAL = 0x4000_0705n;

export const mistakes: readonly (readonly [id: string, what: string, pieces: Pieces])[] = [
  ['P01', 'an illegal mode in SPSR_EL2', { main: [...both, ...toEl1({ spsr: 0x3cd })] }],
  ['P01', 'an ERET to EL2h that was meant for EL1', { main: [...both, ...toEl1({ spsr: 0x3c9 })], el1: ['svc #0', 'b .'] }],
  ['P01', 'an ERET to EL2t that was meant for EL1', { main: [...both, ...toEl1({ spsr: 0x3c8 })] }],
  ['P01', 'an AArch32 mode in SPSR_EL2', { main: [...both, ...toEl1({ spsr: 0x1d3 })] }],
  ['P02', 'HCR_EL2.RW = 0', { main: [...both, ...toEl1({ hcr: 0 })] }],
  ['P02', 'HCR_EL2.RW = 0 and an AArch32 mode', { main: [...both, ...toEl1({ hcr: 0, spsr: 0x1d3 })] }],
  ['P02', 'HCR_EL2.RW = 0, and no vectors either', { main: toEl1({ hcr: 0 }) }],
  ['P03', 'EL1t with SP_EL0 at 0', { main: [...both, ...toEl1({ spsr: 0x3c4 })], el1: ['stp x0, x30, [sp, #-16]!'] }],
  ['P03', 'EL1t, and a frame made by SUB', { main: [...both, ...toEl1({ spsr: 0x3c4 })], el1: ['sub sp, sp, #0x40', 'str x0, [sp, #8]'] }],
  [
    'P04',
    'an exception from SP_EL0 to a stack that was never set',
    {
      main: [
        ...both,
        ...put('x0', 0x4009_0000),
        'mov sp, x0',
        'msr spsel, #0',
        'mov sp, x0',
        'msr spsel, #1',
        'mov x1, #0',
        'mov sp, x1',
        'msr spsel, #0',
        'brk #1',
      ],
      vectors: { 0x0: ['stp x0, x1, [sp, #-16]!', 'b .'], 0x200: ['stp x0, x1, [sp, #-16]!', 'b .'] },
    },
  ],
  [
    'stack-not-set',
    'a handler that lowers a stack that was never set',
    {
      main: [...vectorsAtEl2, 'brk #1'],
      vectors: { 0x200: ['sub sp, sp, #0x100', 'stp x0, x1, [sp]', 'b .'] },
    },
  ],
  ['P05', 'MSR SCR_EL3', { main: [...vectorsAtEl2, ...set('scr_el3', 0x501)] }],
  ['P05', 'MRS of an EL3 register without vectors', { main: ['mrs x0, sctlr_el3'] }],
  ['P05', 'MSR ELR_EL3 at EL1', { main: [...both, ...toEl1()], el1: ['msr elr_el3, x0'] }],
  ['P06', 'the set-up of EL2 on a machine without it', { main: [...vectorsAtEl1, ...set('hcr_el2', RW)], el2: false }],
  ['P08', 'TGE at the ERET to EL1', { main: [...both, ...toEl1({ hcr: RW | 0x800_0000 })] }],
  ['P08', 'HCR_EL2 written at EL1', { main: [...both, ...toEl1()], el1: set('hcr_el2', 0x800_0000) }],
  ['P09', 'a table that is 1 KiB off', { main: [...set('vbar_el2', 0x4008_1400), 'brk #0'] }],
  ['P10', 'an SVC at EL2', { main: ['svc #0'] }],
  ['P10', 'a hypercall', { main: [...vectorsAtEl1, ...toEl1()], el1: ['hvc #0'] }],
  ['P10', 'a fault at EL1', { main: [...vectorsAtEl2, ...toEl1()], el1: [...put('x0', 0x6000_0000_0000n), 'ldr x1, [x0]'] }],
  [
    'P12',
    'a hypercall that skips',
    {
      main: [...both, ...toEl1()],
      el1: ['hvc #0', 'nop', ...off],
      vectors: { 0x400: [...skip] },
    },
  ],
  ['P12', 'a trapped SMC without it', { main: [...both, ...toEl1({ hcr: RW | 0x8_0000 })], el1: ['smc #0'], vectors: { 0x400: ['eret'] } }],
  ['P12', 'a trapped WFI without it', { main: [...both, ...toEl1({ hcr: RW | 0x2000 })], el1: ['wfi'], vectors: { 0x400: ['eret'] } }],
  [
    'P12',
    'an abort without it, whose handler counts',
    {
      main: [...both, ...put('x9', 0x6000_0000_0000n), 'ldr x1, [x9]', 'b .'],
      vectors: { 0x200: ['add x8, x8, #1', 'eret'] },
    },
  ],
  ['P14', 'code that is not mapped', { main: [...both, ...tableEl2({ 0: DEVICE }), 'b .'] }],
  ['P14', 'code that EL2 may not execute', { main: [...both, ...tableEl2({ 0: DEVICE, 1: NORMAL | (1n << 54n) }), 'b .'] }],
  [
    'P17',
    'a block without the access flag',
    {
      main: [...both, ...tableEl2({ 0: DEVICE, 1: NORMAL, 2: 0x4000_0305n }), ...put('x3', 0x8000_0000), 'ldr x4, [x3]', 'b .'],
    },
  ],
  ['P18', 'a UART that is not mapped', { main: [...both, ...tableEl2({ 1: NORMAL }), ...put('x3', 0x0900_0000), 'str w0, [x3]', 'b .'] }],
  [
    'P18',
    'a UART whose entry leads to memory',
    {
      main: [...both, ...tableEl2({ 0: NORMAL, 1: NORMAL }), ...put('x3', 0x0900_0000), 'str w0, [x3]', 'b .'],
    },
  ],
  ['P19', 'an unaligned load before the MMU is on', { main: [...both, ...put('x3', 0x4009_0001), 'ldr x4, [x3]', 'b .'] }],
  [
    'P19',
    'an unaligned store at EL1, without vectors',
    { main: [...vectorsAtEl2, ...toEl1()], el1: [...put('x3', 0x4009_0002), 'str w4, [x3]'] },
  ],
  [
    'P23',
    'a SIMD store at EL1',
    { main: [...both, ...set('cptr_el2', 0x33ff), ...toEl1()], el1: [...put('x3', 0x4009_0000), 'str q0, [x3]'] },
  ],
  ['P23', 'CPTR_EL2.TFP at EL2', { main: [...both, ...set('cptr_el2', 0x37ff), 'fmov d0, xzr', 'b .'] }],
  [
    'P26',
    'SL0 = 1 with IPAs of 30 bits',
    {
      main: [...both, ...set('vtcr_el2', 0x8002_3562), ...set('vttbr_el2', 0x4009_0000), ...toEl1({ hcr: RW | 1 })],
    },
  ],
];

export const right: readonly (readonly [what: string, pieces: Pieces])[] = [
  ['a program that ends in a branch to itself', { main: ['mov x0, #1', 'b .'] }],
  ['a program that ends in WFI', { main: [...both, 'wfi', 'b 0x40080020'] }],
  ['EL1 that switches the machine off', { main: [...both, ...toEl1()], el1: off }],
  ['EL1 that ends in a branch to itself', { main: [...both, ...toEl1()] }],
  ['a hypercall that ends the guest', { main: [...both, ...toEl1()], el1: ['hvc #0'] }],
  ['a hypercall that returns', { main: [...both, ...toEl1()], el1: ['hvc #0', 'b .'], vectors: { 0x400: ['eret'] } }],
  [
    'a trapped WFI that is skipped',
    {
      main: [...both, ...toEl1({ hcr: RW | 0x2000 })],
      el1: ['wfi', 'b .'],
      vectors: { 0x400: [...skip] },
    },
  ],
  [
    'a probe of a register that is not there',
    {
      main: [...both, 'mrs x0, scr_el3', ...off],
      vectors: { 0x200: [...skip] },
    },
  ],
  ['the MMU of EL2', { main: [...both, ...tableEl2({ 0: DEVICE, 1: NORMAL }), ...put('x3', 0x0900_0000), 'str w0, [x3]', 'b .'] }],
];
