/** Interrupts that may still come without the program doing anything more for them, and what the GIC would do with each. */
import { nextOverflow, pmuCounts, pmuInterrupt } from '../cpu/index.ts';
import { ticksToInterrupt, timerNames, type TimerName } from '../cpu/timer.ts';
import type { Obstacle } from '../devices/gic/index.ts';
import { ppi, ppiIntid, spiIntid } from './board-row.ts';
import { NS_PER_TICK } from './clock.ts';
import type { Machine } from './machine.ts';

export interface ComingInterrupt {
  readonly intid: number;
  /** A timer of the CPU that is set, the alarm of a device, a performance counter that may overflow, or what a person types. */
  readonly from: 'timer' | 'alarm' | 'counter' | 'input';
  /** Nanoseconds until its line is asserted, 0 where it is; undefined where nobody can tell. */
  readonly ns: number | undefined;
  /** What would keep it from the CPU; undefined where it would be signalled. */
  readonly obstacle: Obstacle | undefined;
}

/** The INTID of each timer at the GIC. */
export const timerIntids: Readonly<Record<TimerName, number>> = {
  physical: ppiIntid(ppi.physicalTimer),
  virtual: ppiIntid(ppi.virtualTimer),
  hypervisor: ppiIntid(ppi.hypervisorTimer),
};

/** Nanoseconds until the counter has gone on by so many ticks. */
export const nsUntil = (ticks: number, ns: number): number => (ticks === 0 ? 0 : ticks * NS_PER_TICK - (ns % NS_PER_TICK));

export function comingInterrupts({ cpu, board, clock }: Machine): ComingInterrupt[] {
  const { ns } = clock;
  const counter = Math.floor(ns / NS_PER_TICK);
  const coming = (intid: number, from: ComingInterrupt['from'], due?: number): ComingInterrupt => ({
    ...{ intid, from, ns: due },
    obstacle: board.gic.obstacle(intid),
  });
  const spisOf = (isMeant: (name: string) => boolean): number[] =>
    board.regions.flatMap(({ name, spis = [] }) => (isMeant(name) ? spis.map(spiIntid) : []));
  const timers = timerNames
    .map((timer) => ({ intid: timerIntids[timer], ticks: ticksToInterrupt(cpu, timer, counter) }))
    .filter(({ ticks }) => ticks !== Infinity);
  const alarms = board.timed.filter(({ nextEvent }) => nextEvent !== Infinity);
  const overflow = pmuInterrupt(cpu) ? 0 : nextOverflow(cpu, clock) - ns;
  return [
    ...timers.map(({ intid, ticks }) => coming(intid, 'timer', nsUntil(ticks, ns))),
    ...alarms.flatMap((device) => spisOf((name) => name === device.name).map((intid) => coming(intid, 'alarm', device.nextEvent - ns))),
    ...(pmuCounts(cpu) && cpu.low('PMINTENSET_EL1') !== 0
      ? [coming(ppiIntid(ppi.performanceMonitors), 'counter', overflow === Infinity ? undefined : overflow)]
      : []),
    ...spisOf((name) => board.inputDevices.includes(name)).map((intid) => coming(intid, 'input')),
  ];
}
