/** Fields of the registers of the generic timer (Arm ARM D17.8). */
import { count, field, noYes, offOn, trapsWhenClear } from './field.ts';

/** As a person says it: 62.5 MHz. */
const frequency = (hertz: number): string => (hertz < 1e6 ? `${hertz} Hz` : `${hertz / 1e6} MHz`);
export const cntfrqEl0 = [field('ClockFreq', [31, 0], 'Frequency of the counters', frequency)];
export const timerValue = [field('TimerValue', [31, 0], 'Ticks until the condition is met, a signed number', (value) => String(value | 0))];
export const timerControl = [
  field('ISTATUS', 2, 'Condition met: the counter reached CVAL', noYes),
  field('IMASK', 1, 'Interrupt masked', noYes),
  field('ENABLE', 0, 'Timer', offOn),
];
export const cntkctlEl1 = [
  field('EL0PTEN', 9, 'Physical timer at EL0', trapsWhenClear),
  field('EL0VTEN', 8, 'Virtual timer at EL0', trapsWhenClear),
  field('EVNTI', [7, 4], 'Counter bit that generates the event stream', count),
  field('EVNTDIR', 3, 'Events when that bit goes from', { 0: '0 to 1', 1: '1 to 0' }),
  field('EVNTEN', 2, 'Event stream', offOn),
  field('EL0VCTEN', 1, 'Virtual counter at EL0', trapsWhenClear),
  field('EL0PCTEN', 0, 'Physical counter at EL0', trapsWhenClear),
];
export const cnthctlEl2 = [
  field('EVNTI', [7, 4], 'Counter bit that generates the event stream', count),
  field('EVNTDIR', 3, 'Events when that bit goes from', { 0: '0 to 1', 1: '1 to 0' }),
  field('EVNTEN', 2, 'Event stream', offOn),
  field('EL1PCEN', 1, 'Physical timer at EL1 and EL0', { 0: 'trapped to EL2', 1: 'allowed' }),
  field('EL1PCTEN', 0, 'Physical counter at EL1 and EL0', { 0: 'trapped to EL2', 1: 'allowed' }),
];
