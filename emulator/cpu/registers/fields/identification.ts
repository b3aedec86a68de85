/** Fields of the registers that say what the processor is and has (Arm ARM D17.2, Cortex-A53 TRM 4.3). */
import { count, field, id, noYes, words } from './field.ts';

const oneMore = (value: number): string => String(value + 1);

const states = { 1: 'AArch64', 2: 'AArch64 and AArch32' };

export const midrEl1 = [
  field('Implementer', [31, 24], 'Designer', { 0x41: 'Arm' }),
  field('Variant', [23, 20], 'Major revision, rN', (value) => `r${value}`),
  field('Architecture', [19, 16], 'Architecture', { 15: 'described by the ID registers' }),
  field('PartNum', [15, 4], 'Part', { 0xd03: 'Cortex-A53' }),
  field('Revision', [3, 0], 'Minor revision, pN', (value) => `p${value}`),
];
export const mpidrEl1 = [
  field('Aff3', [39, 32], 'Affinity level 3'),
  field('U', 30, 'System', { 0: 'multiprocessor', 1: 'uniprocessor' }),
  field('MT', 24, 'Lowest level is threads of one core', { 0: 'no', 1: 'yes' }),
  field('Aff2', [23, 16], 'Affinity level 2'),
  field('Aff1', [15, 8], 'Affinity level 1: cluster'),
  field('Aff0', [7, 0], 'Affinity level 0: core'),
];

export const idAa64pfr0El1 = [
  id('GIC', 24, 'System register interface to the GIC', { 1: 'GICv3 or GICv4' }),
  field('AdvSIMD', [23, 20], 'Advanced SIMD', { 0: 'implemented', 15: 'not implemented' }),
  field('FP', [19, 16], 'Floating point', { 0: 'implemented', 15: 'not implemented' }),
  id('EL3', 12, 'EL3', states),
  id('EL2', 8, 'EL2', states),
  id('EL1', 4, 'EL1', states),
  id('EL0', 0, 'EL0', states),
];
export const idAa64dfr0El1 = [
  field('CTX_CMPs', [31, 28], 'Context-aware breakpoints', oneMore),
  field('WRPs', [23, 20], 'Watchpoints', oneMore),
  field('BRPs', [15, 12], 'Breakpoints', oneMore),
  id('PMUVer', 8, 'Performance monitors', { 1: 'version 3' }),
  id('TraceVer', 4, 'System register interface to trace'),
  id('DebugVer', 0, 'Debug architecture', { 6: 'ARMv8.0' }),
];
export const idAa64isar0El1 = [
  id('Atomic', 20, 'Large system extensions', { 2: 'implemented' }),
  id('CRC32', 16, 'CRC32', { 1: 'implemented' }),
  id('SHA2', 12, 'SHA-2', { 1: 'SHA256' }),
  id('SHA1', 8, 'SHA-1', { 1: 'implemented' }),
  id('AES', 4, 'AES', { 1: 'AES', 2: 'AES and PMULL' }),
];
export const idAa64mmfr0El1 = [
  field('TGran4', [31, 28], 'Granule of 4 KiB', { 0: 'supported', 15: 'not supported' }),
  field('TGran64', [27, 24], 'Granule of 64 KiB', { 0: 'supported', 15: 'not supported' }),
  field('TGran16', [23, 20], 'Granule of 16 KiB', { 0: 'not supported', 1: 'supported' }),
  id('BigEndEL0', 16, 'Mixed endianness at EL0 only'),
  id('SNSMem', 12, 'Distinction of secure and non-secure memory', { 1: 'supported' }),
  id('BigEnd', 8, 'Mixed endianness', { 1: 'supported' }),
  id('ASIDBits', 4, 'Size of ASIDs', { 0: '8 bits', 2: '16 bits' }),
  id('PARange', 0, 'Size of physical addresses', { 0: '32 bits', 1: '36 bits', 2: '40 bits', 3: '42 bits', 4: '44 bits', 5: '48 bits' }),
];
export const idAa64mmfr1El1 = [
  id('VH', 8, 'Virtualization host extensions'),
  id('VMIDBits', 4, 'Size of VMIDs', { 0: '8 bits', 2: '16 bits' }),
  id('HAFDBS', 0, 'Hardware updates of access flag and dirty state'),
];
export const ctrEl0 = [
  field('CWG', [27, 24], 'Cache write-back granule', words),
  field('ERG', [23, 20], 'Exclusives reservation granule', words),
  field('DminLine', [19, 16], 'Smallest data cache line', words),
  field('L1Ip', [15, 14], 'Instruction cache policy', {
    1: 'virtually indexed, virtually tagged, with ASIDs',
    2: 'virtually indexed, physically tagged',
    3: 'physically indexed and tagged',
  }),
  field('IminLine', [3, 0], 'Smallest instruction cache line', words),
];
export const dczidEl0 = [
  field('DZP', 4, 'DC ZVA', { 0: 'allowed', 1: 'prohibited at this level' }),
  field('BS', [3, 0], 'Block size', words),
];
const cacheTypes = {
  0: 'no cache',
  1: 'instruction cache only',
  2: 'data cache only',
  3: 'separate instruction and data caches',
  4: 'unified cache',
};
export const clidrEl1 = [
  field('ICB', [32, 30], 'Highest inner cache level', (value) => (value === 0 ? 'not disclosed' : `L${value}`)),
  field('LoUU', [29, 27], 'Level of unification, uniprocessor', count),
  field('LoC', [26, 24], 'Level of coherency', count),
  field('LoUIS', [23, 21], 'Level of unification, inner shareable', count),
  ...[7, 6, 5, 4, 3, 2, 1].map((n) => field(`Ctype${n}`, [n * 3 - 1, n * 3 - 3], `Level ${n}`, cacheTypes)),
];
export const ccsidrEl1 = [
  field('WT', 31, 'Write-through', noYes),
  field('WB', 30, 'Write-back', noYes),
  field('RA', 29, 'Read-allocate', noYes),
  field('WA', 28, 'Write-allocate', noYes),
  field('NumSets', [27, 13], 'Sets', oneMore),
  field('Associativity', [12, 3], 'Ways', oneMore),
  field('LineSize', [2, 0], 'Line', (value) => words(value + 2)),
];
export const csselrEl1 = [
  field('Level', [3, 1], 'Cache level', oneMore),
  field('InD', 0, 'Kind', { 0: 'data or unified', 1: 'instruction' }),
];
