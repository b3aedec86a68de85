/** Fields of the registers of address translation (Arm ARM D17.2). */
import { field, noYes, type Field } from './field.ts';

const physicalSize = { 0: '32 bits, 4 GiB', 1: '36 bits, 64 GiB', 2: '40 bits, 1 TiB', 3: '42 bits', 4: '44 bits', 5: '48 bits' };
const shareability = { 0: 'non-shareable', 1: 'reserved', 2: 'outer shareable', 3: 'inner shareable' };
const cacheability = { 0: 'non-cacheable', 1: 'write-back, allocating', 2: 'write-through', 3: 'write-back, not write-allocating' };
const granule0 = { 0: '4 KiB', 1: '64 KiB', 2: '16 KiB (not on Cortex-A53)' };
const granule1 = { 1: '16 KiB (not on Cortex-A53)', 2: '4 KiB', 3: '64 KiB' };

const SH = 'Shareability of table walks';
const ORGN = 'Outer cacheability of table walks';
const IRGN = 'Inner cacheability of table walks';
/** For the walks of TTBR1. */
const walks1 = [
  field('SH1', [29, 28], SH, shareability),
  field('ORGN1', [27, 26], ORGN, cacheability),
  field('IRGN1', [25, 24], IRGN, cacheability),
];
/** For the walks of TTBR0, or of stage 2. */
const walks0 = [
  field('SH0', [13, 12], SH, shareability),
  field('ORGN0', [11, 10], ORGN, cacheability),
  field('IRGN0', [9, 8], IRGN, cacheability),
];
const t0sz = field('T0SZ', [5, 0], 'The region of TTBR0 is 2^(64 - T0SZ) bytes');

export const tcrEl1 = [
  field('TBI1', 38, 'Top byte of upper addresses is ignored', noYes),
  field('TBI0', 37, 'Top byte of lower addresses is ignored', noYes),
  field('AS', 36, 'Size of ASIDs', { 0: '8 bits', 1: '16 bits' }),
  field('IPS', [34, 32], 'Size of intermediate physical addresses', physicalSize),
  field('TG1', [31, 30], 'Granule of TTBR1', granule1),
  ...walks1,
  field('EPD1', 23, 'Walks by TTBR1', { 0: 'on', 1: 'off: a miss is a translation fault' }),
  field('A1', 22, 'The ASID comes from', { 0: 'TTBR0_EL1', 1: 'TTBR1_EL1' }),
  field('T1SZ', [21, 16], 'The region of TTBR1 is 2^(64 - T1SZ) bytes'),
  field('TG0', [15, 14], 'Granule of TTBR0', granule0),
  ...walks0,
  field('EPD0', 7, 'Walks by TTBR0', { 0: 'on', 1: 'off: a miss is a translation fault' }),
  t0sz,
];
export const tcrEl2 = [
  field('TBI', 20, 'Top byte of addresses is ignored', noYes),
  field('PS', [18, 16], 'Size of physical addresses', physicalSize),
  field('TG0', [15, 14], 'Granule', granule0),
  ...walks0,
  t0sz,
];
export const vtcrEl2 = [
  field('PS', [18, 16], 'Size of physical addresses', physicalSize),
  field('TG0', [15, 14], 'Granule', granule0),
  ...walks0,
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
export const mair = [7, 6, 5, 4, 3, 2, 1, 0].map((n) =>
  field(`Attr${n}`, [n * 8 + 7, n * 8], `Memory type of descriptors with AttrIndx ${n}`, attributes),
);

const BADDR = field('BADDR', [47, 1], 'Physical address of the first table, bits 47:1');
export const ttbrEl1 = [field('ASID', [63, 48], 'Address space identifier'), BADDR];
export const ttbr0El2 = [BADDR];
export const vttbrEl2 = [field('VMID', [55, 48], 'Virtual machine identifier'), BADDR];
export const contextidrEl1 = [field('PROCID', [31, 0], 'Process identifier')];

export const parEl1 = (value: bigint): Field[] =>
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
