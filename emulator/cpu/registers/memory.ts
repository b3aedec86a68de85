/** Registers of address translation (Arm ARM D17.2; D8 "The AArch64 Virtual Memory System Architecture"). */
import { field, noYes, registerGroup, type Field } from './types.ts';

const { register } = registerGroup('Memory');
const TVM = ['w:HCR_EL2.TVM', 'r:HCR_EL2.TRVM'] as const;

const physicalSize = { 0: '32 bits, 4 GiB', 1: '36 bits, 64 GiB', 2: '40 bits, 1 TiB', 3: '42 bits', 4: '44 bits', 5: '48 bits' };
const shareability = { 0: 'non-shareable', 1: 'reserved', 2: 'outer shareable', 3: 'inner shareable' };
const cacheability = { 0: 'non-cacheable', 1: 'write-back, allocating', 2: 'write-through', 3: 'write-back, not write-allocating' };
const granule0 = { 0: '4 KiB', 1: '64 KiB', 2: '16 KiB (not on Cortex-A53)' };
const granule1 = { 1: '16 KiB (not on Cortex-A53)', 2: '4 KiB', 3: '64 KiB' };

/** Fields for the walks of one TTBR; `base`: where they begin. */
const walk = (n: '0' | '1' | '', base: number): Field[] => [
  field(`SH${n || 0}`, [base + 13, base + 12], 'Shareability of table walks', shareability),
  field(`ORGN${n || 0}`, [base + 11, base + 10], 'Outer cacheability of table walks', cacheability),
  field(`IRGN${n || 0}`, [base + 9, base + 8], 'Inner cacheability of table walks', cacheability),
];
const t0sz = field('T0SZ', [5, 0], 'The region of TTBR0 is 2^(64 - T0SZ) bytes');

const tcrEl1 = [
  field('TBI1', 38, 'Top byte of upper addresses is ignored', noYes),
  field('TBI0', 37, 'Top byte of lower addresses is ignored', noYes),
  field('AS', 36, 'Size of ASIDs', { 0: '8 bits', 1: '16 bits' }),
  field('IPS', [34, 32], 'Size of intermediate physical addresses', physicalSize),
  field('TG1', [31, 30], 'Granule of TTBR1', granule1),
  ...walk('1', 16),
  field('EPD1', 23, 'Walks by TTBR1', { 0: 'on', 1: 'off: a miss is a translation fault' }),
  field('A1', 22, 'The ASID comes from', { 0: 'TTBR0_EL1', 1: 'TTBR1_EL1' }),
  field('T1SZ', [21, 16], 'The region of TTBR1 is 2^(64 - T1SZ) bytes'),
  field('TG0', [15, 14], 'Granule of TTBR0', granule0),
  ...walk('0', 0),
  field('EPD0', 7, 'Walks by TTBR0', { 0: 'on', 1: 'off: a miss is a translation fault' }),
  t0sz,
];
const tcrEl2 = [
  field('TBI', 20, 'Top byte of addresses is ignored', noYes),
  field('PS', [18, 16], 'Size of physical addresses', physicalSize),
  field('TG0', [15, 14], 'Granule', granule0),
  ...walk('', 0),
  t0sz,
];
const vtcr = [
  field('PS', [18, 16], 'Size of physical addresses', physicalSize),
  field('TG0', [15, 14], 'Granule', granule0),
  ...walk('', 0),
  field('SL0', [7, 6], 'First level of the stage 2 walk', {
    0: 'level 2 (4 KiB granule) or 3 (64 KiB)',
    1: 'level 1 (4 KiB granule) or 2 (64 KiB)',
    2: 'level 0 (4 KiB granule) or 1 (64 KiB)',
  }),
  field('T0SZ', [5, 0], 'Intermediate physical addresses have 64 - T0SZ bits'),
];

/** One memory attribute of MAIR_ELx (D17.2.97). */
function attributeText(attr: number): string {
  const device = ['Device-nGnRnE', 'Device-nGnRE', 'Device-nGRE', 'Device-GRE'];
  if (attr >> 4 === 0) return attr & 3 ? 'reserved' : device[attr >> 2];
  const half = (bits: number): string => {
    if (bits === 4) return 'non-cacheable';
    const allocate = `${bits & 2 ? 'R' : ''}${bits & 1 ? 'W' : ''}` || 'no';
    return `${bits & 4 ? 'write-back' : 'write-through'}${bits & 8 ? '' : ' transient'}, ${allocate} allocate`;
  };
  const inner = attr & 15;
  if (inner === 0) return 'reserved';
  return inner === attr >> 4 ? `Normal, ${half(inner)}` : `Normal, outer ${half(attr >> 4)}; inner ${half(inner)}`;
}
const attributes = Object.fromEntries(Array.from({ length: 256 }, (_, attr) => [attr, attributeText(attr)]));
const mair = [7, 6, 5, 4, 3, 2, 1, 0].map((n) =>
  field(`Attr${n}`, [n * 8 + 7, n * 8], `Memory type of descriptors with AttrIndx ${n}`, attributes),
);

const ttbr = [
  field('ASID', [63, 48], 'Address space identifier'),
  field('BADDR', [47, 1], 'Physical address of the first table, bits 47:1'),
];

const par = (value: bigint): Field[] =>
  value & 1n
    ? [
        field('S', 9, 'Stage that refused', { 0: 'stage 1', 1: 'stage 2' }),
        field('PTW', 8, 'Stage 2 refused the fetch of a stage 1 descriptor', noYes),
        field('FST', [6, 1], 'Fault status, as in ESR_EL1'),
        field('F', 0, 'Translation', { 1: 'failed' }),
      ]
    : [
        field('ATTR', [63, 56], 'Memory type', attributes),
        field('PA', [47, 12], 'Physical address, bits 47:12'),
        field('SH', [8, 7], 'Shareability', shareability),
        field('F', 0, 'Translation', { 0: 'succeeded' }),
      ];

export const memoryRegisters = [
  register('TTBR0_EL1', 'First table for lower addresses of EL1 and EL0', { traps: TVM, effect: 'translation', fields: ttbr }),
  register('TTBR1_EL1', 'First table for upper addresses of EL1 and EL0', { traps: TVM, effect: 'translation', fields: ttbr }),
  register('TCR_EL1', 'How EL1 and EL0 addresses are translated: sizes, granules, walks', {
    traps: TVM,
    effect: 'translation',
    fields: tcrEl1,
  }),
  register('MAIR_EL1', 'Memory types that EL1 descriptors choose from', { traps: TVM, effect: 'translation', fields: mair }),
  register('AMAIR_EL1', 'Auxiliary memory attributes: nothing on Cortex-A53', { traps: TVM, writable: 0n }),
  register('TTBR0_EL2', 'First table for addresses of EL2', {
    effect: 'translation',
    fields: [field('BADDR', [47, 1], 'Physical address of the first table, bits 47:1')],
  }),
  register('TCR_EL2', 'How EL2 addresses are translated: size, granule, walks', { effect: 'translation', fields: tcrEl2 }),
  register('MAIR_EL2', 'Memory types that EL2 descriptors choose from', { effect: 'translation', fields: mair }),
  register('AMAIR_EL2', 'Auxiliary memory attributes: nothing on Cortex-A53', { writable: 0n }),
  register('VTTBR_EL2', 'First stage 2 table, and the identifier of the virtual machine', {
    effect: 'translation',
    fields: [
      field('VMID', [55, 48], 'Virtual machine identifier'),
      field('BADDR', [47, 1], 'Physical address of the first table, bits 47:1'),
    ],
  }),
  register('VTCR_EL2', 'How stage 2 translates: sizes, granule, first level', { effect: 'translation', fields: vtcr }),
  register('PAR_EL1', 'Result of the last AT instruction', { fields: par }),
  register('CONTEXTIDR_EL1', 'Identifier of the running process, for debuggers', {
    traps: TVM,
    fields: [field('PROCID', [31, 0], 'Process identifier')],
  }),
  register('TPIDR_EL0', 'Software thread pointer that EL0 can write'),
  register('TPIDRRO_EL0', 'Software thread pointer that EL0 can only read', { read: 0, write: 1 }),
  register('TPIDR_EL1', 'Software thread pointer of EL1'),
  register('TPIDR_EL2', 'Software thread pointer of EL2'),
];
