/** A processor in WFI: what can wake it (Arm ARM D1.3.6, `InterruptPending`: masked or not). */
import { PSTATE } from '../cpu/spsr.ts';
import { comingInterrupts, type ComingInterrupt } from '../machine/coming-interrupts.ts';
import { capital, interruptName, obstacleWords } from './interrupt-words.ts';
import type { Subject } from './subject.ts';
import { levelTitle } from './trap-words.ts';
import type { RichText } from './views.ts';
import { code, count, list, rich } from './words.ts';

export function waitingSentence({ machine }: Subject): RichText {
  const { cpu, board, core } = machine;
  const coming = comingInterrupts(machine);
  const set = coming.filter(({ from, ns }) => from !== 'input' && ns !== undefined);
  const able = set.filter(({ obstacle }) => !obstacle);
  const name = ({ intid }: ComingInterrupt): string => interruptName(intid, board.regions);
  const inputs = coming.filter(({ from, obstacle }) => from === 'input' && !obstacle).map(name);
  const due = (one: ComingInterrupt): string => `${name(one)}, due ${one.ns! > 0 ? `in ${count(one.ns!, 'nanosecond')}` : 'now'}`;
  const wakes = core.isWoken
    ? rich('An interrupt is pending, which ends the wait.')
    : able.length > 0
      ? rich(able.length > 1 ? 'What can wake it: ' : 'What wakes it: ', list(able.map(due)), '.')
      : inputs.length > 0
        ? rich('Only input can wake it (', list(inputs), '): type something in the console.')
        : rich('Nothing can wake it: no timer is armed with its interrupt enabled at the GIC, and no input interrupt gets through.');
  const held = set.flatMap((one) => (one.obstacle ? [` ${capital(name(one))}, is armed but ${obstacleWords(one.obstacle)}.`] : []));
  const masked =
    cpu.daif & PSTATE.I && able.length + inputs.length > 0 ? ` PSTATE.I = 1 masks IRQs taken to EL${cpu.el}, but they still wake it.` : '';
  return rich(`${levelTitle(cpu.el, machine.options.el2)} is waiting for an interrupt (`, code('wfi'), '). ', wakes, ...held, masked);
}
