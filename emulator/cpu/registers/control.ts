/** Registers that control what the levels below may do and what traps (Arm ARM D17.2, Cortex-A53 TRM 4.3). */
import { pmuSync } from '../pmu.ts';
import { hcrFields } from './hcr-fields.ts';
import { field, offOn, registerGroup, traps, trapsWhenClear } from './types.ts';

const { register } = registerGroup('Control');

const common = [
  field('EE', 25, 'Byte order of data and tables', { 0: 'little-endian', 1: 'big-endian' }),
  field('WXN', 19, 'Writable memory is never executable', offOn),
  field('I', 12, 'Instruction cache', offOn),
];
const low = [
  field('SA', 3, 'Stack pointer alignment check at this level', offOn),
  field('C', 2, 'Data cache', offOn),
  field('A', 1, 'Alignment check of all data accesses', offOn),
  field('M', 0, 'MMU (stage 1 translation)', offOn),
];

export const controlRegisters = [
  register('SCTLR_EL1', 'System control of EL1 and EL0: MMU, caches, alignment, what EL0 may do', {
    reset: 0x00c5_0838n,
    writable: 0xffff_f01f_ffff_ffffn,
    traps: ['w:HCR_EL2.TVM', 'r:HCR_EL2.TRVM'],
    effect: 'translation',
    fields: [
      field('UCI', 26, 'DC CVAC, CVAU, CIVAC and IC IVAU at EL0', trapsWhenClear),
      common[0],
      field('E0E', 24, 'Byte order of data at EL0', { 0: 'little-endian', 1: 'big-endian' }),
      common[1],
      field('nTWE', 18, 'WFE at EL0', trapsWhenClear),
      field('nTWI', 16, 'WFI at EL0', trapsWhenClear),
      field('UCT', 15, 'CTR_EL0 at EL0', trapsWhenClear),
      field('DZE', 14, 'DC ZVA at EL0', trapsWhenClear),
      common[2],
      field('UMA', 9, 'DAIF at EL0', trapsWhenClear),
      field('SED', 8, 'AArch32 SETEND at EL0', { 0: 'allowed', 1: 'undefined' }),
      field('ITD', 7, 'AArch32 IT at EL0', { 0: 'allowed', 1: 'restricted' }),
      field('CP15BEN', 5, 'AArch32 barrier registers at EL0', { 0: 'undefined', 1: 'allowed' }),
      field('SA0', 4, 'Stack pointer alignment check at EL0', offOn),
      ...low,
    ],
  }),
  register('SCTLR_EL2', 'System control of EL2: MMU, caches, alignment', { effect: 'translation', fields: [...common, ...low] }),
  register('ACTLR_EL1', 'Auxiliary control of EL1: nothing on Cortex-A53', { traps: ['HCR_EL2.TACR'], writable: 0n }),
  register('ACTLR_EL2', 'Auxiliary control of EL2: what EL1 may write of the registers of Cortex-A53', { writable: 0n }),
  register('CPACR_EL1', 'Whether EL1 and EL0 may use floating point and SIMD', {
    traps: ['CPTR_EL2.TCPAC'],
    fields: [
      field('TTA', 28, 'Trace registers', { 0: 'not trapped', 1: 'trapped to EL1' }),
      field('FPEN', [21, 20], 'Floating point and SIMD', {
        0: 'trapped at EL0 and EL1',
        1: 'trapped at EL0',
        2: 'trapped at EL0 and EL1',
        3: 'not trapped',
      }),
    ],
  }),
  register('HCR_EL2', 'Hypervisor configuration: what EL2 traps, routes to itself and virtualizes', {
    writable: 0x3_ffff_ffffn,
    effect: 'translation and interrupts',
    fields: hcrFields,
  }),
  register('CPTR_EL2', 'Traps of floating point, SIMD and trace to EL2', {
    reset: 0x33ffn,
    fields: [
      field('TCPAC', 31, 'Accesses to CPACR_EL1', traps),
      field('TTA', 20, 'Trace registers', traps),
      field('TFP', 10, 'Floating point and SIMD at EL0, EL1 and EL2', traps),
    ],
  }),
  register('MDCR_EL2', 'Traps of debug and performance monitors to EL2, and how many counters EL1 has', {
    reset: 6n,
    assign: (cpu, environment, low, high) => {
      pmuSync(cpu, environment);
      cpu.setHalves('MDCR_EL2', low, high);
    },
    effect: 'interrupts',
    fields: [
      field('TDRA', 11, 'Reads of the debug ROM address', traps),
      field('TDOSA', 10, 'OS lock registers', traps),
      field('TDA', 9, 'Other debug registers', traps),
      field('TDE', 8, 'Debug exceptions', { 0: 'taken to EL1', 1: 'taken to EL2, with all debug registers trapped' }),
      field('HPME', 7, 'Event counters reserved for EL2', offOn),
      field('TPM', 6, 'Performance monitor registers', traps),
      field('TPMCR', 5, 'PMCR_EL0', traps),
      field('HPMN', [4, 0], 'Number of event counters that EL1 and EL0 can use'),
    ],
  }),
  register('HSTR_EL2', 'Traps of AArch32 system registers to EL2; no effect on AArch64', {
    fields: [field('T<n>', [15, 0], 'AArch32 accesses to CP15 primary registers 0..15, one bit each')],
  }),
  register('HACR_EL2', 'Auxiliary hypervisor control: nothing on Cortex-A53', { writable: 0n }),
  register('VPIDR_EL2', 'What EL1 reads as MIDR_EL1', { reset: 0x410f_d034n }),
  register('VMPIDR_EL2', 'What EL1 reads as MPIDR_EL1', { reset: 0x8000_0000n }),
  register('DACR32_EL2', "AArch32's domain access control, for EL2 to save and restore"),
  register('FPEXC32_EL2', "AArch32's floating-point exception control, for EL2 to save and restore", { traps: ['CPTR_EL2.TFP'] }),
];
