/** The generic timers at an instant: what each compares, what keeps it quiet, and when it fires next. */
import { hex } from '../base/hex.ts';
import { counterValue, type TimerName } from '../cpu/index.ts';
import { CNTx_CTL } from '../cpu/registers/bits.ts';
import { ticksToInterrupt, timerControl, timerHeldBy, timerNames, timerRegisterNames } from '../cpu/timer.ts';
import { ppi, ppiIntid } from '../machine/board-row.ts';
import { NS_PER_TICK } from '../machine/clock.ts';
import { nsUntil, timerIntids } from '../machine/coming-interrupts.ts';
import { lastWrites } from '../time/register-writes.ts';
import { counterName } from './interrupt-words.ts';
import { placeOf, type Subject } from './subject.ts';
import type { TimerState } from './interrupt-views.ts';
import { count } from './words.ts';

const titles: Readonly<Record<TimerName, string>> = {
  virtual: 'Virtual timer',
  hypervisor: 'EL2 physical timer',
  physical: 'EL1 physical timer',
};
const order: readonly TimerName[] = ['virtual', 'physical', 'hypervisor'];
const nothing = { counter: '', offset: null, compare: '', control: '', text: '', next: null, armed: null } as const;
const off = { enabled: false, masked: false, met: false, asserted: false } as const;

/** `ms`: how long the past may be searched for the writes that set them; undefined: not at all. */
export function timerStates(
  subject: Subject,
  ms: number | undefined,
): { readonly timers: readonly TimerState[]; readonly isSearching: boolean } {
  const { machine } = subject;
  const present = order.filter((timer) => timer !== 'hypervisor' || machine.options.el2);
  const search = ms === undefined ? undefined : lastWrites(subject.timeline, compares(present), machine.steps, ms);
  const absent = order.filter((timer) => !present.includes(timer));
  const timers = [
    ...present.map((timer) => stateOf(subject, timer, search?.writes.get(timerRegisterNames[timer].compare))),
    ...absent.map((timer) => missing(titles[timer], 'CNTHP', timerIntids[timer], 'This machine has no EL2.')),
    missing('Secure physical timer', 'CNTPS', ppiIntid(ppi.securePhysicalTimer), 'This board has no EL3 and no Secure state.'),
  ];
  return { timers, isSearching: search?.isComplete === false };
}
const compares = (timers: readonly TimerName[]): string[] =>
  timerNames.filter((timer) => timers.includes(timer)).map((timer) => timerRegisterNames[timer].compare);

const missing = (name: string, registers: string, intid: number, absent: string): TimerState => ({
  ...{ name, registers, intid, absent },
  ...nothing,
  ...off,
});

type Write = NonNullable<ReturnType<ReturnType<typeof lastWrites>['writes']['get']>>;

function stateOf({ machine, names, timeline }: Subject, timer: TimerName, write: Write | undefined): TimerState {
  const { cpu, clock } = machine;
  const ticks = Math.floor(clock.ns / NS_PER_TICK);
  const { compare, control } = timerRegisterNames[timer];
  const held = timerHeldBy(cpu, timer, ticks);
  const away = ticksToInterrupt(cpu, timer, ticks);
  const ns = away === Infinity || away === 0 ? undefined : nsUntil(away, clock.ns);
  const value = timerControl(cpu, timer, ticks);
  return {
    name: titles[timer],
    registers: control.replace(/_.*/, ''),
    intid: timerIntids[timer],
    absent: null,
    counter: hex(counterValue(cpu, timer, ticks)),
    offset: timer === 'virtual' ? hex(cpu.get('CNTVOFF_EL2')) : null,
    compare: hex(cpu.get(compare)),
    control: hex(value),
    enabled: (value & CNTx_CTL.ENABLE) !== 0,
    masked: (value & CNTx_CTL.IMASK) !== 0,
    met: (value & CNTx_CTL.ISTATUS) !== 0,
    asserted: held === undefined,
    text: words(held, control, timer, (value & CNTx_CTL.ISTATUS) !== 0, ns),
    next: ns === undefined ? null : { ns, at: machine.steps + ns },
    armed: write
      ? {
          at: write.n,
          place: placeOf(names.met(write.el, write.vmid, write.n), write.pc),
          passed: away === 0 ? 1 : ns === undefined ? 0 : progress(clock.ns - timeAt(timeline, write.n), ns),
        }
      : null,
  };
}
const timeAt = (timeline: Subject['timeline'], n: number): number =>
  timeline.excursion(n, () => timeline.machine.clock.ns, { key: 'the virtual clock' });
const progress = (since: number, until: number): number => since / Math.max(1, since + until);

function words(held: ReturnType<typeof timerHeldBy>, control: string, timer: TimerName, isMet: boolean, ns: number | undefined): string {
  switch (held) {
    case undefined:
      return 'The condition is met and not masked: its line is high.';
    case 'ENABLE':
      return `Off: ${control}.ENABLE = 0.`;
    case 'IMASK':
      return `Masked: ${control}.IMASK = 1${isMet ? ', although the condition is met' : ''}.`;
    case 'ISTATUS':
      return ns === undefined ? `It never fires: ${counterName(timer)} does not get there.` : `Fires in ${count(ns, 'nanosecond')}.`;
  }
}
