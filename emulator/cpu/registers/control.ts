/** Registers that control what the levels below may do and what traps (Arm ARM D17.2, Cortex-A53 TRM 4.3). */
import { pmuSync } from '../pmu.ts';
import { dacr32El2, fpexc32El2 } from './fields/aarch32-state.ts';
import { cpacrEl1, cptrEl2, hstrEl2, mdcrEl2, sctlrEl1, sctlrEl2 } from './fields/control.ts';
import { hcrEl2 } from './fields/hcr.ts';
import { midrEl1, mpidrEl1 } from './fields/identification.ts';
import { registerGroup } from './types.ts';

const { register } = registerGroup('Control');

export const controlRegisters = [
  register('SCTLR_EL1', 'System control of EL1 and EL0: MMU, caches, alignment, what EL0 may do', {
    reset: 0x00c5_0838n,
    writable: 0xffff_f01f_ffff_ffffn,
    traps: ['w:HCR_EL2.TVM', 'r:HCR_EL2.TRVM'],
    effect: 'translation',
    fields: sctlrEl1,
    res1: 0x30d0_0800n,
  }),
  register('SCTLR_EL2', 'System control of EL2: MMU, caches, alignment', { effect: 'translation', fields: sctlrEl2, res1: 0x30c5_0830n }),
  register('ACTLR_EL1', 'Auxiliary control of EL1: nothing on Cortex-A53', { traps: ['HCR_EL2.TACR'], writable: 0n }),
  register('ACTLR_EL2', 'Auxiliary control of EL2: what EL1 may write of the registers of Cortex-A53', { writable: 0n }),
  register('CPACR_EL1', 'Whether EL1 and EL0 may use floating point and SIMD', {
    traps: ['CPTR_EL2.TCPAC'],
    fields: cpacrEl1,
  }),
  register('HCR_EL2', 'Hypervisor configuration: what EL2 traps, routes to itself and virtualizes', {
    writable: 0x3_ffff_ffffn,
    effect: 'translation and interrupts',
    fields: hcrEl2,
  }),
  register('CPTR_EL2', 'Traps of floating point, SIMD and trace to EL2', {
    reset: 0x33ffn,
    fields: cptrEl2,
    res1: 0x33ffn,
  }),
  register('MDCR_EL2', 'Traps of debug and performance monitors to EL2, and how many counters EL1 has', {
    reset: 6n,
    assign: (cpu, environment, low, high) => {
      pmuSync(cpu, environment);
      cpu.setHalves('MDCR_EL2', low, high);
    },
    effect: 'interrupts',
    fields: mdcrEl2,
  }),
  register('HSTR_EL2', 'Traps of AArch32 system registers to EL2; no effect on AArch64', {
    fields: hstrEl2,
  }),
  register('HACR_EL2', 'Auxiliary hypervisor control: nothing on Cortex-A53', { writable: 0n }),
  register('VPIDR_EL2', 'What EL1 reads as MIDR_EL1', { reset: 0x410f_d034n, fields: midrEl1 }),
  register('VMPIDR_EL2', 'What EL1 reads as MPIDR_EL1', { reset: 0x8000_0000n, fields: mpidrEl1, res1: 0x8000_0000n }),
  register('DACR32_EL2', "AArch32's domain access control, for EL2 to save and restore", { fields: dacr32El2 }),
  register('FPEXC32_EL2', "AArch32's floating-point exception control, for EL2 to save and restore", {
    traps: ['CPTR_EL2.TFP'],
    fields: fpexc32El2,
    res1: 0x700n,
  }),
];
