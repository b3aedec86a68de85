/** The generic timer (Arm ARM D11; registers D17.8). */
import { counterValue, timerControl, timerValue, setTimerValue, type TimerName } from '../timer.ts';
import { field, noYes, offOn, registerGroup, trapsWhenClear } from './types.ts';

const { register } = registerGroup('Timers');

const controlFields = [
  field('ISTATUS', 2, 'Condition met: the counter reached CVAL', noYes),
  field('IMASK', 1, 'Interrupt masked', noYes),
  field('ENABLE', 0, 'Timer', offOn),
];
type Prefix = 'CNTP' | 'CNTV' | 'CNTHP';
type Options = Parameters<typeof register>[2] & {};

function timer<P extends Prefix>(prefix: P, timerName: TimerName, title: string, el: 'EL0' | 'EL2', options: Options) {
  type Name = Parameters<typeof register>[0];
  return [
    register(`${prefix}_CTL_${el}` as Name, `Control of the ${title}`, {
      ...options,
      writable: 3n,
      compute: (cpu, environment) => timerControl(cpu, timerName, environment.counter()),
      effect: 'timers',
      fields: controlFields,
    }),
    register(`${prefix}_CVAL_${el}` as Name, `When the ${title} fires: counter value`, { ...options, effect: 'timers' }),
    register(`${prefix}_TVAL_${el}` as Name, `When the ${title} fires: ticks from now, signed 32 bits`, {
      ...options,
      writable: 0xffff_ffffn,
      compute: (cpu, environment) => timerValue(cpu, timerName, environment.counter()),
      assign: (cpu, environment, low) => {
        setTimerValue(cpu, timerName, environment.counter(), low);
        environment.timersChanged();
      },
    }),
  ];
}

export const timerRegisters = [
  register('CNTFRQ_EL0', 'Frequency of the counters in Hz, as firmware wrote it', {
    reset: 0x03b9_aca0n,
    write: 2,
    traps: ['r:CNTKCTL_EL1.EL0PCTEN, EL0VCTEN'],
  }),
  register('CNTPCT_EL0', 'Physical counter', {
    write: null,
    traps: ['CNTKCTL_EL1.EL0PCTEN', 'CNTHCTL_EL2.EL1PCTEN'],
    compute: (_, environment) => environment.counter(),
  }),
  register('CNTVCT_EL0', 'Virtual counter: the physical one minus CNTVOFF_EL2', {
    write: null,
    traps: ['CNTKCTL_EL1.EL0VCTEN'],
    compute: (cpu, environment) => counterValue(cpu, 'virtual', environment.counter()),
  }),
  ...timer('CNTP', 'physical', 'EL1 physical timer', 'EL0', { traps: ['CNTKCTL_EL1.EL0PTEN', 'CNTHCTL_EL2.EL1PCEN'] }),
  ...timer('CNTV', 'virtual', 'virtual timer', 'EL0', { traps: ['CNTKCTL_EL1.EL0VTEN'] }),
  ...timer('CNTHP', 'hypervisor', 'EL2 physical timer', 'EL2', {}),
  register('CNTKCTL_EL1', 'What EL0 may use of the timers', {
    effect: 'timers',
    fields: [
      field('EL0PTEN', 9, 'Physical timer at EL0', trapsWhenClear),
      field('EL0VTEN', 8, 'Virtual timer at EL0', trapsWhenClear),
      field('EVNTI', [7, 4], 'Counter bit that makes the event stream'),
      field('EVNTDIR', 3, 'Event on', { 0: '0 to 1', 1: '1 to 0' }),
      field('EVNTEN', 2, 'Event stream', offOn),
      field('EL0VCTEN', 1, 'Virtual counter at EL0', trapsWhenClear),
      field('EL0PCTEN', 0, 'Physical counter at EL0', trapsWhenClear),
    ],
  }),
  register('CNTHCTL_EL2', 'What EL1 and EL0 may use of the physical counter and timer', {
    reset: 3n,
    effect: 'timers',
    fields: [
      field('EVNTI', [7, 4], 'Counter bit that makes the event stream'),
      field('EVNTDIR', 3, 'Event on', { 0: '0 to 1', 1: '1 to 0' }),
      field('EVNTEN', 2, 'Event stream', offOn),
      field('EL1PCEN', 1, 'Physical timer at EL1 and EL0', { 0: 'trapped to EL2', 1: 'allowed' }),
      field('EL1PCTEN', 0, 'Physical counter at EL1 and EL0', { 0: 'trapped to EL2', 1: 'allowed' }),
    ],
  }),
  register('CNTVOFF_EL2', 'What is subtracted from the physical counter to give the virtual one', { effect: 'timers' }),
];
