/** What this machine forgives and a Cortex-A53 would not, or QEMU does otherwise: each mistake is found, and the right form is left alone. */
import { expect, test } from 'vitest';
import { broken, examine, off, programOf, put, RW, set, toEl1, vectorsAtEl1, vectorsAtEl2, type Pieces } from './programs.ts';

/** A handler that skips the instruction and leaves all registers as they were. */
const skip = ['msr tpidr_el2, x1', 'mrs x1, elr_el2', 'add x1, x1, #4', 'msr elr_el2, x1', 'mrs x1, tpidr_el2', 'eret'];
const DEVICE = 0x60_0000_0000_0401n;
const NORMAL = 0x4000_0705n;
const CONTIGUOUS = 1n << 52n;

interface Mmu {
  readonly entries?: Readonly<Record<number, bigint>>;
  readonly barrier?: readonly string[];
  readonly tcr?: readonly string[];
  readonly sctlr?: number;
}
/** EL2's MMU with blocks of 1 GiB from a table at 0x40090000. */
const mmu = ({
  entries = { 0: DEVICE, 1: NORMAL },
  barrier = ['dsb sy'],
  tcr = set('tcr_el2', 0x8082_3519),
  sctlr = 0x30c5_1835,
}: Mmu = {}): string[] => [
  ...set('mair_el2', 0xff00),
  ...tcr,
  ...set('ttbr0_el2', 0x4009_0000),
  ...put('x1', 0x4009_0000),
  ...Object.entries(entries).flatMap(([index, value]) => [...put('x0', value), `str x0, [x1, #${Number(index) * 8}]`]),
  ...barrier,
  'isb',
  ...set('sctlr_el2', sctlr),
  'isb',
];
/** Calls a function at 0x40094000 that returns 1, then writes another first instruction there and calls it again. */
const patch = (...maintenance: string[]): string[] => {
  const write = (instruction: bigint): string[] => [...put('x1', 0x4009_4000), ...put('x0', instruction), 'str x0, [x1]'];
  return [...write(0xd65f_03c0_d280_0020n), 'blr x1', ...write(0xd65f_03c0_d280_0040n), ...maintenance, 'blr x1', ...off];
};
const wfe = (...between: string[]): string[] => ['wfe', ...between, 'wfe', ...Array.from({ length: 12 }, () => 'nop'), ...off];
const group = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [16 + i, (0x4_0000_0705n + (BigInt(i) << 30n)) | CONTIGUOUS]));

const pairs: readonly (readonly [rule: string, what: string, wrong: Pieces, right: Pieces])[] = [
  [
    'hardware code-not-cleaned',
    'code that was changed',
    { main: patch() },
    { main: patch('dc cvau, x1', 'dsb ish', 'ic ivau, x1', 'dsb ish', 'isb') },
  ],
  [
    'hardware code-not-cleaned',
    'code that was changed, with no ISB',
    { main: patch('dc cvau, x1', 'dsb ish', 'ic ivau, x1', 'dsb ish') },
    { main: patch('ic iallu', 'dsb sy', 'isb') },
  ],
  ['hardware wfe-without-event', 'WFE without an event', { main: wfe() }, { main: wfe('sev') }],
  ['hardware wfe-without-event', 'WFE left by chance, and for good', { main: wfe('nop') }, { main: ['wfe', 'b 0x40080000'] }],
  [
    'hardware contiguous-not-uniform',
    'a contiguous group',
    { main: [...mmu({ entries: { 0: DEVICE, 1: NORMAL | CONTIGUOUS } }), ...off] },
    { main: [...mmu({ entries: { 0: DEVICE, 1: NORMAL, ...group } }), ...off] },
  ],
  ['hardware reserved-bits', 'RES1 bits of SCTLR_EL2', { main: [...mmu({ sctlr: 0x1005 }), ...off] }, { main: [...mmu(), ...off] }],
  [
    'hardware reserved-zero-bits',
    'TCR_EL2 with a bit of TCR_EL1',
    { main: [...mmu({ tcr: set('tcr_el2', 0x100_8082_3519n) }), ...off] },
    { main: [...mmu(), ...off] },
  ],
  [
    'hardware guest-in-cache',
    'a guest that is written through the cache',
    { main: [...vectorsAtEl2, ...mmu(), ...put('x1', 0x4008_2000), ...put('x0', 0x1400_0000), 'str w0, [x1]', 'dsb sy', ...toEl1()] },
    {
      main: [
        ...[...vectorsAtEl2, ...mmu(), ...put('x1', 0x4008_2000), ...put('x0', 0x1400_0000), 'str w0, [x1]'],
        ...['dc cvac, x1', 'dsb sy', 'ic ivau, x1', 'dsb sy', 'isb', ...toEl1()],
      ],
    },
  ],
  [
    'hardware unknown-value',
    'TCR_EL2 that was never set',
    { main: [...mmu({ tcr: ['mrs x0, tcr_el2', ...put('x2', 0x8082_3519), 'orr x0, x0, x2', 'msr tcr_el2, x0'] }), ...off] },
    {
      main: [
        ...mmu({ tcr: [...set('tcr_el2', 0x8082_0019), 'mrs x0, tcr_el2', ...put('x2', 0x3500), 'orr x0, x0, x2', 'msr tcr_el2, x0'] }),
        ...off,
      ],
    },
  ],
  [
    'hardware P22',
    'a TLBI operand that is not shifted',
    { main: [...mmu(), ...put('x0', 0x4009_0000), 'tlbi vae2, x0', 'dsb sy', ...off] },
    { main: [...mmu(), ...put('x0', 0x4_0090), 'tlbi vae2, x0', 'dsb sy', ...off] },
  ],
  ['hardware P22', 'tables without DSB', { main: [...mmu({ barrier: [] }), ...off] }, { main: [...mmu(), ...off] }],
  [
    'hardware P16',
    'floating point without ISB',
    { main: [...set('cptr_el2', 0x37ff), 'isb', ...set('cptr_el2', 0x33ff), 'fmov d0, xzr', ...off] },
    { main: [...set('cptr_el2', 0x37ff), 'isb', ...set('cptr_el2', 0x33ff), 'isb', 'fmov d0, xzr', ...off] },
  ],
  [
    'departs departs-unaligned',
    'an unaligned access with the MMU off',
    { main: [...vectorsAtEl2, ...put('x3', 0x4009_0001), 'ldr x4, [x3]', ...off], vectors: { 0x200: skip } },
    { main: [...vectorsAtEl2, ...mmu(), ...put('x3', 0x4009_0001), 'ldr x4, [x3]', ...off], vectors: { 0x200: skip } },
  ],
  [
    'departs departs-sp-alignment',
    'a misaligned SP',
    {
      main: [...vectorsAtEl2, ...set('sctlr_el2', 0x30c5_0838), 'isb', ...put('x3', 0x4009_0008), 'mov sp, x3', 'ldr x4, [sp]', ...off],
      vectors: { 0x200: skip },
    },
    {
      main: [...vectorsAtEl2, ...set('sctlr_el2', 0x30c5_0838), 'isb', ...put('x3', 0x4009_0010), 'mov sp, x3', 'ldr x4, [sp]', ...off],
    },
  ],
  [
    'departs departs-wfe-trap',
    'a trapped WFE',
    { main: [...vectorsAtEl2, ...vectorsAtEl1, ...toEl1({ hcr: RW | 0x4000 })], el1: ['wfe', 'wfe', ...off], vectors: { 0x400: skip } },
    { main: [...vectorsAtEl2, ...vectorsAtEl1, ...toEl1({ hcr: RW | 0x2000 })], el1: ['wfi', ...off], vectors: { 0x400: skip } },
  ],
  [
    'departs departs-vbar-low-bits',
    'low bits of VBAR_EL2',
    { main: [...set('vbar_el2', 0x4008_1020), ...off] },
    { main: [...vectorsAtEl2, ...off] },
  ],
  ['departs departs-hpd', 'TCR_EL2.HPD', { main: [...mmu({ tcr: set('tcr_el2', 0x8182_3519) }), ...off] }, { main: [...mmu(), ...off] }],
];

test.each(pairs)('%s: %s', (rule, _what, wrong, right) => {
  const rules = ({ findings }: ReturnType<typeof examine>): string[] => findings.map(({ kind, id }) => `${kind} ${id}`);
  const diagnosis = examine(programOf(wrong));
  expect(rules(diagnosis)).toContain(rule);
  const healthy = examine(programOf(right));
  expect(rules(healthy)).not.toContain(rule);
  expect(broken(healthy)).toEqual([]);
  const { sentence, fix } = diagnosis.findings.find(({ kind, id }) => `${kind} ${id}` === rule)!;
  for (const text of [sentence, fix]) expect(text).toMatch(/^[A-Z].*\.$/s);
});
