/** Registers that Cortex-A53 adds (TRM 4.3): memory system tuning, which nothing here depends on. As in QEMU they read as zero. */
import { registerGroup } from './types.ts';

const { register } = registerGroup('Cortex-A53');
const ignored = (name: Parameters<typeof register>[0], title: string) => register(name, title, { traps: ['HCR_EL2.TIDCP'] });

export const implementationRegisters = [
  ignored('L2CTLR_EL1', 'Level 2 cache control'),
  ignored('L2ECTLR_EL1', 'Level 2 cache extended control'),
  ignored('L2ACTLR_EL1', 'Level 2 cache auxiliary control'),
  ignored('CPUACTLR_EL1', 'Auxiliary control of the core'),
  ignored('CPUECTLR_EL1', 'Extended control of the core'),
  ignored('CPUMERRSR_EL1', 'Memory errors of the core'),
  ignored('L2MERRSR_EL1', 'Memory errors of the level 2 cache'),
  register('CBAR_EL1', 'Where the private peripherals are', { reset: 0x0800_0000n, write: null, traps: ['HCR_EL2.TIDCP'] }),
];
