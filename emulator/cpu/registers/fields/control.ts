/** Fields of the registers that control what the levels below may do and what traps (Arm ARM D17.2, Cortex-A53 TRM 4.3). */
import { bitNumbers, count, field, offOn, traps, trapsWhenClear } from './field.ts';

const EE = field('EE', 25, 'Byte order of data and tables', { 0: 'little-endian', 1: 'big-endian' });
const WXN = field('WXN', 19, 'Writable memory is never executable', offOn);
const I = field('I', 12, 'Instruction cache', offOn);
const low = [
  field('SA', 3, 'Stack pointer alignment check at this level', offOn),
  field('C', 2, 'Data cache', offOn),
  field('A', 1, 'Alignment check of all data accesses', offOn),
  field('M', 0, 'Stage 1 translation, the MMU', offOn),
];

export const sctlrEl1 = [
  field('UCI', 26, 'DC CVAC, CVAU, CIVAC and IC IVAU at EL0', trapsWhenClear),
  EE,
  field('E0E', 24, 'Byte order of data at EL0', { 0: 'little-endian', 1: 'big-endian' }),
  WXN,
  field('nTWE', 18, 'WFE at EL0', trapsWhenClear),
  field('nTWI', 16, 'WFI at EL0', trapsWhenClear),
  field('UCT', 15, 'CTR_EL0 at EL0', trapsWhenClear),
  field('DZE', 14, 'DC ZVA at EL0', trapsWhenClear),
  I,
  field('UMA', 9, 'DAIF at EL0', trapsWhenClear),
  field('SED', 8, 'AArch32 SETEND at EL0', { 0: 'allowed', 1: 'UNDEFINED' }),
  field('ITD', 7, 'AArch32 IT at EL0', { 0: 'allowed', 1: 'restricted' }),
  field('CP15BEN', 5, 'AArch32 barrier registers at EL0', { 0: 'UNDEFINED', 1: 'allowed' }),
  field('SA0', 4, 'Stack pointer alignment check at EL0', offOn),
  ...low,
];
export const sctlrEl2 = [EE, WXN, I, ...low];

export const cpacrEl1 = [
  field('TTA', 28, 'Trace registers; this processor has none', { 0: 'not trapped', 1: 'trapped to EL1' }),
  field('FPEN', [21, 20], 'Floating point and SIMD', {
    0: 'trapped at EL0 and EL1',
    1: 'trapped at EL0',
    2: 'trapped at EL0 and EL1',
    3: 'not trapped',
  }),
];

export const cptrEl2 = [
  field('TCPAC', 31, 'Accesses to CPACR_EL1', traps),
  field('TTA', 20, 'Trace registers; this processor has none', traps),
  field('TFP', 10, 'Floating point and SIMD at EL0, EL1 and EL2', traps),
];

export const mdcrEl2 = [
  field('TDRA', 11, 'Reads of the debug ROM address', traps),
  field('TDOSA', 10, 'OS lock registers', traps),
  field('TDA', 9, 'Other debug registers', traps),
  field('TDE', 8, 'Debug exceptions', { 0: 'taken to EL1', 1: 'taken to EL2, with all debug registers trapped' }),
  field('HPME', 7, 'Event counters reserved for EL2', offOn),
  field('TPM', 6, 'Performance monitor registers', traps),
  field('TPMCR', 5, 'PMCR_EL0', traps),
  field('HPMN', [4, 0], 'Event counters that EL1 and EL0 can use', count),
];

export const hstrEl2 = [field('T<n>', [15, 0], 'AArch32 CP15 primary registers whose accesses trap, one bit each', bitNumbers)];
