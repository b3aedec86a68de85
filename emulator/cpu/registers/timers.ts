/** The generic timer (Arm ARM D11; registers D17.8). */
import { counterValue, timerControl, timerValue, setTimerValue, type TimerName } from '../timer.ts';
import { cntfrqEl0, cnthctlEl2, cntkctlEl1, timerControl as timerControlFields, timerValue as timerValueFields } from './fields/timers.ts';
import { registerGroup } from './types.ts';

const { register } = registerGroup('Timers');

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
      fields: timerControlFields,
    }),
    register(`${prefix}_CVAL_${el}` as Name, `When the ${title} fires: counter value`, { ...options, effect: 'timers' }),
    register(`${prefix}_TVAL_${el}` as Name, `When the ${title} fires: ticks from now, signed 32 bits`, {
      ...options,
      writable: 0xffff_ffffn,
      fields: timerValueFields,
      compute: (cpu, environment) => timerValue(cpu, timerName, environment.counterRead()),
      assign: (cpu, environment, low) => {
        setTimerValue(cpu, timerName, environment.counterRead(), low);
        environment.timersChanged();
      },
    }),
  ];
}

export const timerRegisters = [
  register('CNTFRQ_EL0', 'Frequency of the counters in Hz, as firmware wrote it', {
    reset: 0x03b9_aca0n,
    write: 2,
    fields: cntfrqEl0,
    traps: ['r:CNTKCTL_EL1.EL0PCTEN, EL0VCTEN'],
  }),
  register('CNTPCT_EL0', 'Physical counter', {
    write: null,
    traps: ['CNTKCTL_EL1.EL0PCTEN', 'CNTHCTL_EL2.EL1PCTEN'],
    compute: (_, environment) => environment.counterRead(),
  }),
  register('CNTVCT_EL0', 'Virtual counter: the physical one minus CNTVOFF_EL2', {
    write: null,
    traps: ['CNTKCTL_EL1.EL0VCTEN'],
    compute: (cpu, environment) => counterValue(cpu, 'virtual', environment.counterRead()),
  }),
  ...timer('CNTP', 'physical', 'EL1 physical timer', 'EL0', { traps: ['CNTKCTL_EL1.EL0PTEN', 'CNTHCTL_EL2.EL1PCEN'] }),
  ...timer('CNTV', 'virtual', 'virtual timer', 'EL0', { traps: ['CNTKCTL_EL1.EL0VTEN'] }),
  ...timer('CNTHP', 'hypervisor', 'EL2 physical timer', 'EL2', {}),
  register('CNTKCTL_EL1', 'Which timers and counters EL0 may use', {
    effect: 'timers',
    fields: cntkctlEl1,
  }),
  register('CNTHCTL_EL2', 'Whether EL1 and EL0 may use the physical counter and timer', {
    reset: 3n,
    effect: 'timers',
    fields: cnthctlEl2,
  }),
  register('CNTVOFF_EL2', 'What is subtracted from the physical counter to give the virtual one', { effect: 'timers' }),
];
