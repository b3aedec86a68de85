/**
 * Registers that say what the processor is and has (Arm ARM D17.2, Cortex-A53 TRM 4.3). Values are those of QEMU's cortex-a53, which
 * hides what EL3, the GIC version and the machine options take away.
 */
import { HCR } from '../hcr.ts';
import { field, registerGroup, type Field } from './types.ts';

const { register, unnamed } = registerGroup('Identification');

const none = { 0: 'not implemented' } as const;
/** A 4-bit field of an ID register. */
const id = (name: string, low: number, meaning: string, values: Record<number, string> = {}): Field =>
  field(name, [low + 3, low], meaning, { ...none, ...values });
const states = { 1: 'AArch64', 2: 'AArch64 and AArch32' };

/** An ID register that EL1 and EL2 can read; HCR_EL2.TID3 traps it. */
const feature = (name: Parameters<typeof register>[0], title: string, reset: bigint, fields: readonly Field[] = []) =>
  register(name, title, { reset, write: null, traps: ['HCR_EL2.TID3'], fields });
const aarch32 = (name: Parameters<typeof register>[0], about: string, reset = 0n) => feature(name, `AArch32 features: ${about}`, reset);

const midrFields = [
  field('Implementer', [31, 24], 'Designer', { 0x41: 'Arm' }),
  field('Variant', [23, 20], 'Major revision: rN'),
  field('Architecture', [19, 16], 'Architecture', { 15: 'described by the ID registers' }),
  field('PartNum', [15, 4], 'Part', { 0xd03: 'Cortex-A53' }),
  field('Revision', [3, 0], 'Minor revision: pN'),
];
const mpidrFields = [
  field('Aff3', [39, 32], 'Affinity level 3'),
  field('U', 30, 'System', { 0: 'multiprocessor', 1: 'uniprocessor' }),
  field('MT', 24, 'Lowest level is threads of one core', { 0: 'no', 1: 'yes' }),
  field('Aff2', [23, 16], 'Affinity level 2'),
  field('Aff1', [15, 8], 'Affinity level 1: cluster'),
  field('Aff0', [7, 0], 'Affinity level 0: core'),
];

/** Cache geometry by CSSELR_EL1: L1 data 32 KiB 4 ways, L1 instruction 32 KiB 2 ways, L2 1 MiB 16 ways. */
const cacheSizes: Readonly<Record<number, number>> = { 0: 0x700f_e01a, 1: 0x201f_e00a, 2: 0x707f_e07a };

/** DCZID_EL0.DZP: DC ZVA traps at the level that asks. */
const zvaProhibited = (el: number, sctlr: number, hcr: number): boolean =>
  (el < 2 && (hcr & HCR.TDZ) !== 0) || (el === 0 && (sctlr & (1 << 14)) === 0);

/** Reserved encodings among the ID registers read as zero (D17.1.2). */
const reserved = (
  [
    [3, [3, 7]],
    [4, [2, 3, 6, 7]],
    [5, [2, 3, 6, 7]],
    [6, [3, 4, 5, 6, 7]],
    [7, [3, 4, 5, 6, 7]],
  ] as const
).flatMap(([CRm, op2s]) =>
  op2s.map((op2) =>
    unnamed([3, 0, 0, CRm, op2], 'Reserved for identification: reads as zero', { el: 1, write: null, traps: ['HCR_EL2.TID3'] }),
  ),
);

export const identificationRegisters = [
  register('MIDR_EL1', 'Which processor this is (EL1 reads VPIDR_EL2)', {
    reset: 0x410f_d034n,
    write: null,
    compute: (cpu) => (cpu.el === 1 ? cpu.get('VPIDR_EL2') : 0x410f_d034),
    fields: midrFields,
  }),
  register('MPIDR_EL1', 'Which core of the machine this is (EL1 reads VMPIDR_EL2)', {
    reset: 0x8000_0000n,
    write: null,
    compute: (cpu) => cpu.get(cpu.el === 1 ? 'VMPIDR_EL2' : 'MPIDR_EL1'),
    fields: mpidrFields,
  }),
  register('REVIDR_EL1', 'Revision details', { write: null, traps: ['HCR_EL2.TID1'] }),
  register('AIDR_EL1', 'Auxiliary identification', { write: null, traps: ['HCR_EL2.TID1'] }),

  feature('ID_AA64PFR0_EL1', 'Exception levels, floating point and GIC interface', 0x222n, [
    id('GIC', 24, 'System register interface to the GIC', { 1: 'GICv3 or GICv4' }),
    field('AdvSIMD', [23, 20], 'Advanced SIMD', { 0: 'implemented', 15: 'not implemented' }),
    field('FP', [19, 16], 'Floating point', { 0: 'implemented', 15: 'not implemented' }),
    id('EL3', 12, 'EL3', states),
    id('EL2', 8, 'EL2', states),
    id('EL1', 4, 'EL1', states),
    id('EL0', 0, 'EL0', states),
  ]),
  feature('ID_AA64PFR1_EL1', 'Processor features, continued', 0n),
  feature('ID_AA64ZFR0_EL1', 'Scalable vectors: none', 0n),
  feature('ID_AA64SMFR0_EL1', 'Scalable matrices: none', 0n),
  feature('ID_AA64DFR0_EL1', 'Debug features', 0x1030_5106n, [
    field('CTX_CMPs', [31, 28], 'Context-aware breakpoints, minus 1'),
    field('WRPs', [23, 20], 'Watchpoints, minus 1'),
    field('BRPs', [15, 12], 'Breakpoints, minus 1'),
    id('PMUVer', 8, 'Performance monitors', { 1: 'version 3' }),
    id('TraceVer', 4, 'System register interface to trace'),
    id('DebugVer', 0, 'Debug architecture', { 6: 'ARMv8.0' }),
  ]),
  feature('ID_AA64DFR1_EL1', 'Debug features, continued', 0n),
  feature('ID_AA64AFR0_EL1', 'Auxiliary features', 0n),
  feature('ID_AA64AFR1_EL1', 'Auxiliary features, continued', 0n),
  feature('ID_AA64ISAR0_EL1', 'Instructions: cryptography, CRC32, atomics', 0x1_1120n, [
    id('Atomic', 20, 'Large system extensions', { 2: 'implemented' }),
    id('CRC32', 16, 'CRC32', { 1: 'implemented' }),
    id('SHA2', 12, 'SHA-2', { 1: 'SHA256' }),
    id('SHA1', 8, 'SHA-1', { 1: 'implemented' }),
    id('AES', 4, 'AES', { 1: 'AES', 2: 'AES and PMULL' }),
  ]),
  feature('ID_AA64ISAR1_EL1', 'Instructions, continued', 0n),
  feature('ID_AA64ISAR2_EL1', 'Instructions, continued', 0n),
  feature('ID_AA64MMFR0_EL1', 'Memory model: address sizes and granules', 0x1122n, [
    field('TGran4', [31, 28], '4 KiB granule', { 0: 'supported', 15: 'not supported' }),
    field('TGran64', [27, 24], '64 KiB granule', { 0: 'supported', 15: 'not supported' }),
    field('TGran16', [23, 20], '16 KiB granule', { 0: 'not supported', 1: 'supported' }),
    id('BigEndEL0', 16, 'Mixed endianness at EL0 only'),
    id('SNSMem', 12, 'Distinction of secure and non-secure memory', { 1: 'supported' }),
    id('BigEnd', 8, 'Mixed endianness', { 1: 'supported' }),
    id('ASIDBits', 4, 'Size of ASIDs', { 0: '8 bits', 2: '16 bits' }),
    id('PARange', 0, 'Size of physical addresses', { 0: '32 bits', 1: '36 bits', 2: '40 bits', 3: '42 bits', 4: '44 bits', 5: '48 bits' }),
  ]),
  feature('ID_AA64MMFR1_EL1', 'Memory model, continued: no virtualization host extensions, no hardware access flag', 0n, [
    id('VH', 8, 'Virtualization host extensions'),
    id('VMIDBits', 4, 'Size of VMIDs', { 0: '8 bits', 2: '16 bits' }),
    id('HAFDBS', 0, 'Hardware updates of access flag and dirty state'),
  ]),
  feature('ID_AA64MMFR2_EL1', 'Memory model, continued', 0n),
  ...reserved,

  aarch32('ID_PFR0_EL1', 'instruction sets', 0x131n),
  aarch32('ID_PFR1_EL1', 'programmers’ model', 0x1_1001n),
  aarch32('ID_PFR2_EL1', 'programmers’ model, continued'),
  aarch32('ID_DFR0_EL1', 'debug', 0x0301_0006n),
  aarch32('ID_DFR1_EL1', 'debug, continued'),
  aarch32('ID_AFR0_EL1', 'auxiliary'),
  aarch32('ID_MMFR0_EL1', 'memory model', 0x1010_1105n),
  aarch32('ID_MMFR1_EL1', 'memory model, continued', 0x4000_0000n),
  aarch32('ID_MMFR2_EL1', 'memory model, continued', 0x0126_0000n),
  aarch32('ID_MMFR3_EL1', 'memory model, continued', 0x0210_2211n),
  aarch32('ID_MMFR4_EL1', 'memory model, continued'),
  aarch32('ID_MMFR5_EL1', 'memory model, continued'),
  aarch32('ID_ISAR0_EL1', 'instructions', 0x0210_1110n),
  aarch32('ID_ISAR1_EL1', 'instructions, continued', 0x1311_2111n),
  aarch32('ID_ISAR2_EL1', 'instructions, continued', 0x2123_2042n),
  aarch32('ID_ISAR3_EL1', 'instructions, continued', 0x0111_2131n),
  aarch32('ID_ISAR4_EL1', 'instructions, continued', 0x0001_1142n),
  aarch32('ID_ISAR5_EL1', 'instructions, continued', 0x0001_1121n),
  aarch32('ID_ISAR6_EL1', 'instructions, continued'),
  aarch32('MVFR0_EL1', 'media and floating point', 0x1011_0222n),
  aarch32('MVFR1_EL1', 'media and floating point, continued', 0x1211_1111n),
  aarch32('MVFR2_EL1', 'media and floating point, continued', 0x43n),

  register('CTR_EL0', 'Cache line sizes', {
    reset: 0x8444_8004n,
    write: null,
    traps: ['SCTLR_EL1.UCT', 'HCR_EL2.TID2'],
    fields: [
      field('CWG', [27, 24], 'Cache write-back granule: 2^n words'),
      field('ERG', [23, 20], 'Exclusives reservation granule: 2^n words'),
      field('DminLine', [19, 16], 'Smallest data cache line: 2^n words'),
      field('L1Ip', [15, 14], 'Instruction cache policy', {
        2: 'virtually indexed, physically tagged',
        3: 'physically indexed and tagged',
      }),
      field('IminLine', [3, 0], 'Smallest instruction cache line: 2^n words'),
    ],
  }),
  register('DCZID_EL0', 'What DC ZVA zeroes', {
    reset: 4n,
    write: null,
    compute: (cpu) => 4 | (zvaProhibited(cpu.el, cpu.low('SCTLR_EL1'), cpu.low('HCR_EL2')) ? 16 : 0),
    fields: [field('DZP', 4, 'DC ZVA', { 0: 'allowed', 1: 'prohibited at this level' }), field('BS', [3, 0], 'Block size: 2^n words')],
  }),
  register('CLIDR_EL1', 'Which caches there are', {
    reset: 0x0a20_0023n,
    write: null,
    traps: ['HCR_EL2.TID2'],
    fields: [
      field('LoUU', [29, 27], 'Level of unification, uniprocessor'),
      field('LoC', [26, 24], 'Level of coherency'),
      field('LoUIS', [23, 21], 'Level of unification, inner shareable'),
      field('Ctype2', [5, 3], 'Level 2', { 0: 'none', 4: 'unified' }),
      field('Ctype1', [2, 0], 'Level 1', { 3: 'separate instruction and data caches' }),
    ],
  }),
  register('CCSIDR_EL1', 'Geometry of the cache that CSSELR_EL1 selects', {
    reset: 0x700f_e01an,
    write: null,
    traps: ['HCR_EL2.TID2'],
    compute: (cpu) => cacheSizes[cpu.low('CSSELR_EL1')] ?? 0,
    fields: [
      field('NumSets', [27, 13], 'Sets, minus 1'),
      field('Associativity', [12, 3], 'Ways, minus 1'),
      field('LineSize', [2, 0], 'Line: 2^(n + 2) words'),
    ],
  }),
  register('CSSELR_EL1', 'Which cache CCSIDR_EL1 describes', {
    writable: 0xfn,
    traps: ['HCR_EL2.TID2'],
    fields: [field('Level', [3, 1], 'Cache level, minus 1'), field('InD', 0, 'Kind', { 0: 'data or unified', 1: 'instruction' })],
  }),
];

/** What the ID registers say differs with the machine: no EL2, or a GICv3. */
export function identificationFor(name: string, value: bigint, hasEl2: boolean, hasGicV3: boolean): bigint {
  if (name === 'ID_AA64PFR0_EL1') return (hasEl2 ? value : value & ~0xf00n) | (hasGicV3 ? 0x0100_0000n : 0n);
  if (name === 'ID_PFR1_EL1') return (hasEl2 ? value : value & ~0xf000n) | (hasGicV3 ? 0x1000_0000n : 0n);
  return value;
}
