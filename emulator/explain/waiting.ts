/** A processor in WFI: what can wake it (Arm ARM D1.3.6, `InterruptPending`: masked or not). */
import { PSTATE } from '../cpu/spsr.ts';
import { ticksToInterrupt, timerNames, type TimerName } from '../cpu/timer.ts';
import { NS_PER_TICK } from '../machine/clock.ts';
import { ppi, ppiIntid, spiIntid } from '../machine/board-row.ts';
import { interruptName, obstacleWords } from './interrupt-words.ts';
import type { Subject } from './subject.ts';
import { levelTitle } from './trap-words.ts';
import type { RichText } from './views.ts';
import { code, count, list, rich } from './words.ts';

const intids: Readonly<Record<TimerName, number>> = {
  physical: ppiIntid(ppi.physicalTimer),
  virtual: ppiIntid(ppi.virtualTimer),
  hypervisor: ppiIntid(ppi.hypervisorTimer),
};

export function waitingSentence({ machine }: Subject): RichText {
  const { cpu, environment, board, isIdle } = machine;
  const isSignalled = (intid: number): boolean => board.gic !== undefined && board.gic.obstacle(intid) === undefined;
  const counter = environment.counter();
  const armed = timerNames
    .map((timer) => ({ intid: intids[timer], ticks: ticksToInterrupt(cpu, timer, counter) }))
    .filter(({ ticks }) => ticks !== Infinity);
  const able = armed.filter(({ intid }) => isSignalled(intid));
  const withheld = armed.filter(({ intid }) => !isSignalled(intid));
  const name = (intid: number): string => interruptName(intid, board.regions);
  const inputs = board.regions
    .flatMap(({ name: device, spis = [] }) => (device === 'pl011' || device === 'pl061' ? spis.map(spiIntid) : []))
    .filter(isSignalled)
    .map(name);
  const due = ({ intid, ticks }: (typeof armed)[number]): string =>
    `${name(intid)}, due ${ticks === 0 ? 'now' : `in ${count(ticks * NS_PER_TICK, 'nanosecond')}`}`;
  const wakes =
    able.length > 0
      ? rich(able.length > 1 ? 'What can wake it: ' : 'What wakes it: ', list(able.map(due)), '.')
      : !isIdle && withheld.length === 0
        ? rich('A device is about to wake it.')
        : inputs.length > 0
          ? rich('Only input can wake it (', list(inputs), '): type something in the console.')
          : rich('Nothing can wake it: no timer is armed with its interrupt enabled at the GIC, and no input interrupt gets through.');
  const held = withheld.map(({ intid }) => {
    const by = board.gic?.obstacle(intid);
    return ` ${name(intid)[0].toUpperCase()}${name(intid).slice(1)}, is armed but ${by ? obstacleWords(by) : 'there is no GIC'}.`;
  });
  const masked =
    cpu.daif & PSTATE.I && able.length + inputs.length > 0 ? ` PSTATE.I = 1 masks IRQs taken to EL${cpu.el}, but they still wake it.` : '';
  return rich(`${levelTitle(cpu.el, machine.options.el2)} is waiting for an interrupt (`, code('wfi'), '). ', wakes, ...held, masked);
}
