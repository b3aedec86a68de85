/** All interrupts that are in use at an instant: what each waits for, what the GIC does with it, and whether the CPU takes it. */
import { hex } from '../base/hex.ts';
import { interruptToTake, type InterruptType } from '../cpu/index.ts';
import { HCR_EL2 } from '../cpu/registers/bits.ts';
import { PSTATE } from '../cpu/spsr.ts';
import { placesOf, type Device } from '../devices/device.ts';
import { comingInterrupts } from '../machine/coming-interrupts.ts';
import type { Machine } from '../machine/machine.ts';
import { interruptCondition, interruptName, obstacleWords } from './interrupt-words.ts';
import type { Subject } from './subject.ts';
import type { InterruptLineState, InterruptsView, InterruptState, ListRegister } from './views.ts';
import { count } from './words.ts';

const quiet = { irq: false, fiq: false, serror: false, virq: false, vfiq: false };
/** The inputs of the CPU that the GIC drives, with the mask and the route of each (Arm ARM D1.3.6). */
const inputs = [
  { line: 'irq', type: 'IRQ', mask: 'I', route: 'IMO' },
  { line: 'fiq', type: 'FIQ', mask: 'F', route: 'FMO' },
  { line: 'virq', type: 'vIRQ', mask: 'I', route: 'IMO' },
  { line: 'vfiq', type: 'vFIQ', mask: 'F', route: 'FMO' },
] as const satisfies readonly { line: keyof typeof quiet; type: InterruptType; mask: keyof typeof PSTATE; route: keyof typeof HCR_EL2 }[];

export function interruptsView({ machine }: Pick<Subject, 'machine'>): InterruptsView {
  const { cpu, board } = machine;
  return {
    at: machine.steps,
    el: cpu.el,
    hasGic: board.gic !== undefined,
    lines: inputs.map((input) => lineState(machine, input)),
    interrupts: statesOf(machine),
    listRegisters: board.gic ? listRegisters(board.gic.virtualControl) : [],
  };
}

function lineState(
  { cpu, board, environment, options }: Machine,
  { line, type, mask, route }: (typeof inputs)[number],
): InterruptLineState {
  const signalled = board.gic?.signalled(line);
  const masked = `PSTATE.${mask} = ${cpu.daif & PSTATE[mask] ? 1 : 0}`;
  const routed = options.el2 ? [`HCR_EL2.${route} = ${cpu.low('HCR_EL2') & HCR_EL2[route] ? 1 : 0}`] : [];
  return {
    type,
    asserted: environment.lines[line],
    intid: signalled?.intid ?? null,
    listRegister: signalled?.listRegister ?? null,
    // The same question as before each instruction, about this line alone.
    taken: interruptToTake(cpu, { ...quiet, [line]: true }) === type,
    because: [masked, ...routed].join(', '),
  };
}

function statesOf(machine: Machine): InterruptState[] {
  const { gic, regions } = machine.board;
  if (!gic) return [];
  const coming = new Map(comingInterrupts(machine).map((one) => [one.intid, one]));
  const { interrupts } = gic.distributor;
  return interrupts.inUse().map(({ intid, enabled, pending, active, high }): InterruptState => {
    const { priority, group } = interrupts.asPending(intid);
    const obstacle = gic.obstacle(intid);
    const next = coming.get(intid);
    const due = next?.ns === undefined || next.from === 'input' ? '' : `due in ${count(next.ns, 'nanosecond')}`;
    return {
      intid,
      name: interruptName(intid, regions),
      enabled,
      pending,
      active,
      priority: hex(priority),
      group,
      condition: high ? (interruptCondition(machine, intid) ?? 'its line is high') : due,
      verdict: obstacle ? obstacleWords(obstacle) : pending ? 'signalled to the CPU' : 'would be signalled to the CPU',
    };
  });
}

/** The list registers that hold something: what a hypervisor gives its guest. */
function listRegisters(device: Device): ListRegister[] {
  const described = device.registers.find(({ name }) => name === 'GICH_LR');
  if (!described) return [];
  return placesOf(described).flatMap(({ name, offset }): ListRegister[] => {
    const value = device.peek(offset, 4);
    const fields = (described.fields ?? []).map(({ name: field, high, low, values, meaning }) => {
      const bits = (value >>> low) & (2 ** (high - low + 1) - 1);
      return { name: field, value: hex(bits), text: values?.[bits] ?? meaning };
    });
    return value === 0 ? [] : [{ name, value: hex(value), fields }];
  });
}
