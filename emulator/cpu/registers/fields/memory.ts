/** Fields of the registers of address translation (Arm ARM D17.2). */
import { low32 } from '../../../base/bits.ts';
import { faultStatusText } from '../../faults.ts';
import { addressFrom, bitsOf, field, noYes, wideBitsOf, type Field } from './field.ts';

const physicalSize = {
  0: '32 bits, 4 GiB',
  1: '36 bits, 64 GiB',
  2: '40 bits, 1 TiB',
  3: '42 bits, but only 40 are implemented',
  4: '44 bits, but only 40 are implemented',
  5: '48 bits, but only 40 are implemented',
  6: 'reserved: as 48 bits, but only 40 are implemented',
  7: 'reserved: as 48 bits, but only 40 are implemented',
};
const shareability = { 0: 'non-shareable', 1: 'reserved', 2: 'outer shareable', 3: 'inner shareable' };
const cacheability = {
  0: 'non-cacheable',
  1: 'write-back, read-allocate, write-allocate',
  2: 'write-through, read-allocate, no write-allocate',
  3: 'write-back, read-allocate, no write-allocate',
};
const no16KiB = '16 KiB, which a Cortex-A53 does not have: acts as 4 KiB';
const reservedGranule = 'reserved: acts as 4 KiB';
const granule0 = { 0: '4 KiB', 1: '64 KiB', 2: no16KiB, 3: reservedGranule };
const granule1 = { 0: reservedGranule, 1: no16KiB, 2: '4 KiB', 3: '64 KiB' };

/** What TnSZ may be: outside, every address faults (see `mmu/regime.ts`). For stage 2, 40 bits of physical address set the lower limit. */
export const TSZ = { least: 16, leastOfStage2: 24, most: 39 } as const;
const sizes =
  (least: number) =>
  (value: number): string =>
    value < least || value > TSZ.most ? `outside ${least} to ${TSZ.most}: every address faults` : `addresses of ${64 - value} bits`;

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
const t0sz = field('T0SZ', [5, 0], 'Size of the region of TTBR0, 2^(64 - T0SZ) bytes', sizes(TSZ.least));

export const tcrEl1 = [
  field('TBI1', 38, 'Top byte of upper addresses is ignored', noYes),
  field('TBI0', 37, 'Top byte of lower addresses is ignored', noYes),
  field('AS', 36, 'Size of ASIDs', { 0: '8 bits', 1: '16 bits' }),
  field('IPS', [34, 32], 'Size of intermediate physical addresses', physicalSize),
  field('TG1', [31, 30], 'Granule of TTBR1', granule1),
  ...walks1,
  field('EPD1', 23, 'Walks from TTBR1', { 0: 'on', 1: 'off: a miss is a translation fault' }),
  field('A1', 22, 'The ASID comes from', { 0: 'TTBR0_EL1', 1: 'TTBR1_EL1' }),
  field('T1SZ', [21, 16], 'Size of the region of TTBR1, 2^(64 - T1SZ) bytes', sizes(TSZ.least)),
  field('TG0', [15, 14], 'Granule of TTBR0', granule0),
  ...walks0,
  field('EPD0', 7, 'Walks from TTBR0', { 0: 'on', 1: 'off: a miss is a translation fault' }),
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
    2: 'level 0 (4 KiB granule) or 1 (64 KiB): not with 40 bits of physical address',
    3: 'reserved',
  }),
  field('T0SZ', [5, 0], 'Size of intermediate physical addresses, 64 - T0SZ bits', sizes(TSZ.leastOfStage2)),
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

const BADDR = field('BADDR', [47, 1], 'Physical address of the first table', addressFrom(1));
export const ttbrEl1 = [field('ASID', [63, 48], 'Address space identifier'), BADDR];
export const ttbr0El2 = [BADDR];
export const vttbrEl2 = [field('VMID', [55, 48], 'Virtual machine identifier'), BADDR];
export const contextidrEl1 = [field('PROCID', [31, 0], 'Process identifier')];

const failed = [
  field('S', 9, 'Stage that faulted', { 0: 'stage 1', 1: 'stage 2' }),
  field('PTW', 8, 'Stage 2 fault while fetching a stage 1 descriptor', noYes),
  field('FST', [6, 1], 'Fault status, as in ESR_EL1', (code) => faultStatusText(code)),
  field('F', 0, 'Translation', { 1: 'failed' }),
];
const succeeded = [
  field('ATTR', [63, 56], 'Memory type', attributes),
  field('PA', [47, 12], 'Physical address of the page', addressFrom(12)),
  field('NS', 9, 'Non-secure: UNKNOWN without EL3', noYes),
  field('SH', [8, 7], 'Shareability', shareability),
  field('F', 0, 'Translation', { 0: 'succeeded' }),
];
export const PAR_FAILED = bitsOf(failed);
export const PAR_SUCCEEDED = bitsOf(succeeded);
/** ATTR and PA, which do not lie in the low half. */
export const PAR_SUCCEEDED_WIDE = wideBitsOf(succeeded);
/** Bit 11 of PAR_EL1. */
export const PAR_RES1 = 1 << 11;
export const parEl1 = (value: bigint): readonly Field[] => (low32(value) & PAR_FAILED.F ? failed : succeeded);
