/** Fields of the performance monitors (Arm ARM D17.5). */
import { bitNumbers, count, field, noYes, offOn, trapsWhenClear } from './field.ts';

export const pmcrEl0 = [
  field('IMP', [31, 24], 'Implementer', { 0x41: 'Arm' }),
  field('IDCODE', [23, 16], 'Part', { 3: 'Cortex-A53' }),
  field('N', [15, 11], 'Event counters', count),
  field('LP', 7, 'Event counters of 64 bits, in later processors; kept, without effect here'),
  field('LC', 6, 'Cycle counter overflows at', { 0: '32 bits', 1: '64 bits' }),
  field('DP', 5, 'Cycle counter where counting is prohibited', { 0: 'counts', 1: 'stops' }),
  field('X', 4, 'Events are exported to the trace unit', noYes),
  field('D', 3, 'Cycle counter counts', { 0: 'every cycle', 1: 'every 64 cycles' }),
  field('C', 2, 'Cycle counter reset', { 0: 'reads as 0', 1: 'written: the cycle counter becomes 0' }),
  field('P', 1, 'Event counter reset', { 0: 'reads as 0', 1: 'written: the event counters become 0' }),
  field('E', 0, 'Counters', offOn),
];
export const pmselrEl0 = [
  field('SEL', [4, 0], 'Counter', (value) => (value === 31 ? 'cycle counter' : value < 6 ? `event counter ${value}` : 'reserved')),
];
export const pmuserenrEl0 = [
  field('ER', 3, 'Reading event counters at EL0', trapsWhenClear),
  field('CR', 2, 'Reading the cycle counter at EL0', trapsWhenClear),
  field('SW', 1, 'Software increments at EL0', trapsWhenClear),
  field('EN', 0, 'Everything at EL0', trapsWhenClear),
];
export const counterSet = [field('C', 31, 'Cycle counter', noYes), field('P<n>', [5, 0], 'Event counters, one bit each', bitNumbers)];
export const pmccfiltrEl0 = [
  field('P', 31, 'EL1', { 0: 'counted', 1: 'not counted' }),
  field('U', 30, 'EL0', { 0: 'counted', 1: 'not counted' }),
  field('NSK', 29, 'Non-secure EL1, with EL3; kept, without effect here'),
  field('NSU', 28, 'Non-secure EL0, with EL3; kept, without effect here'),
  field('NSH', 27, 'EL2', { 0: 'not counted', 1: 'counted' }),
  field('M', 26, 'EL3; kept, without effect here'),
];
export const pmswincEl0 = [field('P<n>', [5, 0], 'Event counters to increment, one bit each', bitNumbers)];
/** The common events of PMUv3 (D13.12.3). */
const names = [
  ...['SW_INCR', 'L1I_CACHE_REFILL', 'L1I_TLB_REFILL', 'L1D_CACHE_REFILL', 'L1D_CACHE', 'L1D_TLB_REFILL', 'LD_RETIRED', 'ST_RETIRED'],
  ...['INST_RETIRED', 'EXC_TAKEN', 'EXC_RETURN', 'CID_WRITE_RETIRED', 'PC_WRITE_RETIRED', 'BR_IMMED_RETIRED', 'BR_RETURN_RETIRED'],
  ...['UNALIGNED_LDST_RETIRED', 'BR_MIS_PRED', 'CPU_CYCLES', 'BR_PRED', 'MEM_ACCESS', 'L1I_CACHE', 'L1D_CACHE_WB', 'L2D_CACHE'],
  ...['L2D_CACHE_REFILL', 'L2D_CACHE_WB', 'BUS_ACCESS', 'MEMORY_ERROR', 'INST_SPEC', 'TTBR_WRITE_RETIRED', 'BUS_CYCLES', 'CHAIN'],
];
export const pmceid0El0 = names.map((name, event) => field(name, event, `Event 0x${event.toString(16)}`, noYes)).reverse();
const events: Readonly<Record<number, string>> = {
  0x00: 'SW_INCR, software increments',
  0x08: 'INST_RETIRED, instructions',
  0x11: 'CPU_CYCLES, cycles',
};
export const pmevtyper = [
  ...pmccfiltrEl0,
  field('MT', 25, 'All threads of a core; kept, without effect here'),
  field('evtCount', [15, 0], 'Event', (event) => events[event] ?? 'not counted here'),
];
