/** Fields of HCR_EL2, as far as ARMv8.0 has them (Arm ARM D17.2.48). */
import { field, offOn, traps } from './field.ts';

const routed = { 0: 'EL1', 1: 'EL2' };
const pending = { 0: 'not pending', 1: 'pending' };

export const hcrEl2 = [
  field('ID', 33, 'Stage 2 makes instruction accesses non-cacheable', offOn),
  field('CD', 32, 'Stage 2 makes data accesses non-cacheable', offOn),
  field('RW', 31, 'Execution state of EL1', { 0: 'AArch32', 1: 'AArch64' }),
  field('TRVM', 30, 'Reads of the registers that control EL1 translation', traps),
  field('HCD', 29, 'HVC instruction', { 0: 'enabled', 1: 'UNDEFINED' }),
  field('TDZ', 28, 'DC ZVA', traps),
  field('TGE', 27, 'All exceptions from EL0 go to EL2, and EL1 cannot be entered', offOn),
  field('TVM', 26, 'Writes of the registers that control EL1 translation', traps),
  field('TTLB', 25, 'TLB maintenance instructions at EL1', traps),
  field('TPU', 24, 'Cache maintenance to the point of unification', traps),
  field('TPC', 23, 'Cache maintenance to the point of coherency', traps),
  field('TSW', 22, 'Cache maintenance by set and way', traps),
  field('TACR', 21, 'Accesses to ACTLR_EL1', traps),
  field('TIDCP', 20, 'Accesses to IMPLEMENTATION DEFINED registers at EL1', traps),
  field('TSC', 19, 'SMC instruction at EL1', traps),
  field('TID3', 18, 'Reads of feature identification registers', traps),
  field('TID2', 17, 'Accesses to cache identification registers', traps),
  field('TID1', 16, 'Reads of revision registers', traps),
  field('TID0', 15, 'Reads of AArch32 identification registers', traps),
  field('TWE', 14, 'WFE', traps),
  field('TWI', 13, 'WFI', traps),
  field('DC', 12, 'Default cacheability: with its MMU off, EL1 gets Normal cacheable memory', offOn),
  field('BSU', [11, 10], 'Barriers reach at least', {
    0: 'as written',
    1: 'the inner shareable domain',
    2: 'the outer shareable domain',
    3: 'the full system',
  }),
  field('FB', 9, 'Maintenance instructions of EL1 are broadcast', offOn),
  field('VSE', 8, 'Virtual SError', pending),
  field('VI', 7, 'Virtual IRQ', pending),
  field('VF', 6, 'Virtual FIQ', pending),
  field('AMO', 5, 'Physical SErrors go to (EL2 also enables virtual SErrors)', routed),
  field('IMO', 4, 'Physical IRQs go to (EL2 also enables virtual IRQs)', routed),
  field('FMO', 3, 'Physical FIQs go to (EL2 also enables virtual FIQs)', routed),
  field('PTW', 2, 'Stage 1 walks must not read what stage 2 maps as Device memory', offOn),
  field('SWIO', 1, 'Set/way invalidation becomes clean and invalidate', offOn),
  field('VM', 0, 'Stage 2 translation for EL1 and EL0', offOn),
];
