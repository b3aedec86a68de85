/** Registers of address translation (Arm ARM D17.2; D8 "The AArch64 Virtual Memory System Architecture"). */
import { contextidrEl1, mair, PAR_RES1, parEl1, tcrEl1, tcrEl2, ttbr0El2, ttbrEl1, vtcrEl2, vttbrEl2 } from './fields/memory.ts';
import { registerGroup } from './types.ts';

const { register } = registerGroup('Memory');
const TVM = ['w:HCR_EL2.TVM', 'r:HCR_EL2.TRVM'] as const;

export const memoryRegisters = [
  register('TTBR0_EL1', 'First table for lower addresses of EL1 and EL0', { traps: TVM, effect: 'translation', fields: ttbrEl1 }),
  register('TTBR1_EL1', 'First table for upper addresses of EL1 and EL0', { traps: TVM, effect: 'translation', fields: ttbrEl1 }),
  register('TCR_EL1', 'How EL1 and EL0 addresses are translated: sizes, granules, walks', {
    traps: TVM,
    effect: 'translation',
    fields: tcrEl1,
  }),
  register('MAIR_EL1', 'Memory types that EL1 descriptors choose from', { traps: TVM, effect: 'translation', fields: mair }),
  register('AMAIR_EL1', 'Auxiliary memory attributes: nothing on Cortex-A53', { traps: TVM, writable: 0n }),
  register('TTBR0_EL2', 'First table for addresses of EL2', {
    effect: 'translation',
    fields: ttbr0El2,
  }),
  register('TCR_EL2', 'How EL2 addresses are translated: size, granule, walks', {
    effect: 'translation',
    fields: tcrEl2,
    res1: 0x8080_0000n,
  }),
  register('MAIR_EL2', 'Memory types that EL2 descriptors choose from', { effect: 'translation', fields: mair }),
  register('AMAIR_EL2', 'Auxiliary memory attributes: nothing on Cortex-A53', { writable: 0n }),
  register('VTTBR_EL2', 'First stage 2 table, and the identifier of the virtual machine', {
    effect: 'translation',
    fields: vttbrEl2,
  }),
  register('VTCR_EL2', 'How stage 2 translates: sizes, granule, first level', {
    effect: 'translation',
    fields: vtcrEl2,
    res1: 0x8000_0000n,
  }),
  register('PAR_EL1', 'Result of the last AT instruction', { fields: parEl1, res1: BigInt(PAR_RES1) }),
  register('CONTEXTIDR_EL1', 'Identifier of the running process, for debuggers', {
    traps: TVM,
    fields: contextidrEl1,
  }),
  register('TPIDR_EL0', 'Software thread pointer that EL0 can write'),
  register('TPIDRRO_EL0', 'Software thread pointer that EL0 can only read', { read: 0, write: 1 }),
  register('TPIDR_EL1', 'Software thread pointer of EL1'),
  register('TPIDR_EL2', 'Software thread pointer of EL2'),
];
