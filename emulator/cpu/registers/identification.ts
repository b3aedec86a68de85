/**
 * Registers that say what the processor is and has (Arm ARM D17.2, Cortex-A53 TRM 4.3). Values are those of QEMU's cortex-a53, which
 * hides what EL3, the GIC version and the machine options take away.
 */
import { DCZID_EL0, HCR_EL2, ID_AA64PFR0_EL1, ID_PFR1_EL1, SCTLR_EL1, valueAt } from './bits.ts';
import {
  idDfr0El1,
  idIsar0El1,
  idIsar1El1,
  idIsar2El1,
  idIsar3El1,
  idIsar4El1,
  idIsar5El1,
  idMmfr0El1,
  idMmfr1El1,
  idMmfr2El1,
  idMmfr3El1,
  idMmfr4El1,
  idPfr0El1,
  idPfr1El1,
  mvfr0El1,
  mvfr1El1,
  mvfr2El1,
} from './fields/aarch32-identification.ts';
import { allOf, type Field } from './fields/field.ts';
import {
  ccsidrEl1,
  clidrEl1,
  csselrEl1,
  ctrEl0,
  dczidEl0,
  idAa64dfr0El1,
  idAa64isar0El1,
  idAa64mmfr0El1,
  idAa64mmfr1El1,
  idAa64pfr0El1,
  midrEl1,
  mpidrEl1,
} from './fields/identification.ts';
import { registerGroup } from './types.ts';

const { register, unnamed } = registerGroup('Identification');

/** An ID register that EL1 and EL2 can read; HCR_EL2.TID3 traps it. */
const feature = (name: Parameters<typeof register>[0], title: string, reset: bigint, fields: readonly Field[] = []) =>
  register(name, title, { reset, write: null, traps: ['HCR_EL2.TID3'], fields });
const aarch32 = (name: Parameters<typeof register>[0], about: string, reset = 0n, fields?: readonly Field[]) =>
  feature(name, `AArch32 features: ${about}`, reset, fields);

/** Cache geometry by CSSELR_EL1: L1 data 32 KiB 4 ways, L1 instruction 32 KiB 2 ways, L2 1 MiB 16 ways. */
const cacheSizes: Readonly<Record<number, number>> = { 0: 0x700f_e01a, 1: 0x201f_e00a, 2: 0x707f_e07a };

/** DCZID_EL0.BS: DC ZVA zeroes 2^4 words. */
const ZVA_WORDS = valueAt(DCZID_EL0.BS, 4);
/** DCZID_EL0.DZP: DC ZVA traps at the level that asks. */
const zvaProhibited = (el: number, sctlr: number, hcr: number): boolean =>
  (el < 2 && (hcr & HCR_EL2.TDZ) !== 0) || (el === 0 && (sctlr & SCTLR_EL1.DZE) === 0);

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
    fields: midrEl1,
  }),
  register('MPIDR_EL1', 'Which core of the machine this is (EL1 reads VMPIDR_EL2)', {
    reset: 0x8000_0000n,
    write: null,
    compute: (cpu) => cpu.get(cpu.el === 1 ? 'VMPIDR_EL2' : 'MPIDR_EL1'),
    fields: mpidrEl1,
    res1: 0x8000_0000n,
  }),
  register('REVIDR_EL1', 'Revision details', { write: null, traps: ['HCR_EL2.TID1'] }),
  register('AIDR_EL1', 'Auxiliary identification', { write: null, traps: ['HCR_EL2.TID1'] }),

  feature('ID_AA64PFR0_EL1', 'Exception levels, floating point and GIC interface', 0x222n, idAa64pfr0El1),
  feature('ID_AA64PFR1_EL1', 'Processor features, continued', 0n),
  feature('ID_AA64ZFR0_EL1', 'Scalable vectors: none', 0n),
  feature('ID_AA64SMFR0_EL1', 'Scalable matrices: none', 0n),
  feature('ID_AA64DFR0_EL1', 'Debug features', 0x1030_5106n, idAa64dfr0El1),
  feature('ID_AA64DFR1_EL1', 'Debug features, continued', 0n),
  feature('ID_AA64AFR0_EL1', 'Auxiliary features', 0n),
  feature('ID_AA64AFR1_EL1', 'Auxiliary features, continued', 0n),
  feature('ID_AA64ISAR0_EL1', 'Instructions: cryptography, CRC32, atomics', 0x1_1120n, idAa64isar0El1),
  feature('ID_AA64ISAR1_EL1', 'Instructions, continued', 0n),
  feature('ID_AA64ISAR2_EL1', 'Instructions, continued', 0n),
  feature('ID_AA64MMFR0_EL1', 'Memory model: address sizes and granules', 0x1122n, idAa64mmfr0El1),
  feature('ID_AA64MMFR1_EL1', 'Memory model, continued: no virtualization host extensions, no hardware access flag', 0n, idAa64mmfr1El1),
  feature('ID_AA64MMFR2_EL1', 'Memory model, continued', 0n),
  ...reserved,

  aarch32('ID_PFR0_EL1', 'instruction sets', 0x131n, idPfr0El1),
  aarch32('ID_PFR1_EL1', 'programmers’ model', 0x1_1001n, idPfr1El1),
  aarch32('ID_PFR2_EL1', 'programmers’ model, continued'),
  aarch32('ID_DFR0_EL1', 'debug', 0x0301_0006n, idDfr0El1),
  aarch32('ID_DFR1_EL1', 'debug, continued'),
  aarch32('ID_AFR0_EL1', 'auxiliary'),
  aarch32('ID_MMFR0_EL1', 'memory model', 0x1010_1105n, idMmfr0El1),
  aarch32('ID_MMFR1_EL1', 'memory model, continued', 0x4000_0000n, idMmfr1El1),
  aarch32('ID_MMFR2_EL1', 'memory model, continued', 0x0126_0000n, idMmfr2El1),
  aarch32('ID_MMFR3_EL1', 'memory model, continued', 0x0210_2211n, idMmfr3El1),
  aarch32('ID_MMFR4_EL1', 'memory model, continued', 0n, idMmfr4El1),
  aarch32('ID_MMFR5_EL1', 'memory model, continued'),
  aarch32('ID_ISAR0_EL1', 'instructions', 0x0210_1110n, idIsar0El1),
  aarch32('ID_ISAR1_EL1', 'instructions, continued', 0x1311_2111n, idIsar1El1),
  aarch32('ID_ISAR2_EL1', 'instructions, continued', 0x2123_2042n, idIsar2El1),
  aarch32('ID_ISAR3_EL1', 'instructions, continued', 0x0111_2131n, idIsar3El1),
  aarch32('ID_ISAR4_EL1', 'instructions, continued', 0x0001_1142n, idIsar4El1),
  aarch32('ID_ISAR5_EL1', 'instructions, continued', 0x0001_1121n, idIsar5El1),
  aarch32('ID_ISAR6_EL1', 'instructions, continued'),
  aarch32('MVFR0_EL1', 'media and floating point', 0x1011_0222n, mvfr0El1),
  aarch32('MVFR1_EL1', 'media and floating point, continued', 0x1211_1111n, mvfr1El1),
  aarch32('MVFR2_EL1', 'media and floating point, continued', 0x43n, mvfr2El1),

  register('CTR_EL0', 'Cache line sizes', {
    reset: 0x8444_8004n,
    write: null,
    traps: ['SCTLR_EL1.UCT', 'HCR_EL2.TID2'],
    fields: ctrEl0,
    res1: 0x8000_0000n,
  }),
  register('DCZID_EL0', 'What DC ZVA zeroes', {
    reset: BigInt(ZVA_WORDS),
    write: null,
    compute: (cpu) => ZVA_WORDS | (zvaProhibited(cpu.el, cpu.low('SCTLR_EL1'), cpu.low('HCR_EL2')) ? DCZID_EL0.DZP : 0),
    fields: dczidEl0,
  }),
  register('CLIDR_EL1', 'Which caches there are', {
    reset: 0x0a20_0023n,
    write: null,
    traps: ['HCR_EL2.TID2'],
    fields: clidrEl1,
  }),
  register('CCSIDR_EL1', 'Geometry of the cache that CSSELR_EL1 selects', {
    reset: 0x700f_e01an,
    write: null,
    traps: ['HCR_EL2.TID2'],
    compute: (cpu) => cacheSizes[cpu.low('CSSELR_EL1')] ?? 0,
    fields: ccsidrEl1,
  }),
  register('CSSELR_EL1', 'Which cache CCSIDR_EL1 describes', {
    writable: allOf(csselrEl1),
    traps: ['HCR_EL2.TID2'],
    fields: csselrEl1,
  }),
];

/** What the ID registers say differs with the machine: no EL2, or a GICv3. */
export function identificationFor(name: string, value: bigint, hasEl2: boolean, hasGicV3: boolean): bigint {
  const changed = (el2: number, gic: number): bigint => (hasEl2 ? value : value & ~BigInt(el2)) | (hasGicV3 ? BigInt(valueAt(gic, 1)) : 0n);
  if (name === 'ID_AA64PFR0_EL1') return changed(ID_AA64PFR0_EL1.EL2, ID_AA64PFR0_EL1.GIC);
  if (name === 'ID_PFR1_EL1') return changed(ID_PFR1_EL1.Virtualization, ID_PFR1_EL1.GIC);
  return value;
}
