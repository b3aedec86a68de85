/**
 * The way of one interrupt at an instant: how far it has come, and the one field that holds it. Every answer is the one that the machine acts
 * by: the GIC's own predicates decide at the GIC, and the CPU is asked what it takes next.
 */
import { hex } from '../base/hex.ts';
import { interruptHeldBy, interruptWay, toTakeInstead, type HoldingField } from '../cpu/index.ts';
import { HCR_EL2 } from '../cpu/registers/bits.ts';
import type { Gic, ListedInterrupt, Obstacle } from '../devices/gic/index.ts';
import type { Machine } from '../machine/machine.ts';
import { interruptSource } from './interrupt-source.ts';
import type { InterruptHold, InterruptKind, InterruptWay, StationName } from './interrupt-views.ts';
import { placeOf, type Subject } from './subject.ts';

export type Held = Pick<InterruptWay, 'verdict' | 'hold'>;
const hold = (station: StationName, field: string, value: string | number, text: string, frees: string): InterruptHold => ({
  ...{ station, field, text, frees },
  value: typeof value === 'number' ? hex(value) : value,
});
const taken: Held = { verdict: 'taken', hold: null };
const heldBy = (by: InterruptHold): Held => ({ verdict: 'held', hold: by });

/** From the source to the CPU. */
export function physicalWay(subject: Subject, intid: number): InterruptWay {
  const kind = physicalKind(subject.machine, intid);
  return { kind, ...physicalHeld(subject.machine, intid), ...destination(subject, kind, false), listRegister: null };
}
function physicalKind({ board }: Machine, intid: number): 'IRQ' | 'FIQ' {
  const { cpuInterface, distributor } = board.gic;
  return cpuInterface.outputOf(distributor.interrupts.group(intid)) === 'fiq' ? 'FIQ' : 'IRQ';
}

export function physicalHeld(machine: Machine, intid: number): Held {
  const { gic } = machine.board;
  const { pending, active } = gic.distributor.interrupts.of(intid);
  if (pending) {
    const obstacle = gic.heldBy(intid);
    return obstacle ? heldBy(obstacleHold(gic, obstacle, intid)) : atCpu(machine, physicalKind(machine, intid), 'cpu');
  }
  if (active) {
    const { end, deactivate } = gic.cpuInterface.names;
    const frees =
      gic.stillActive(intid) === 'noEnd'
        ? `The end of the interrupt (a write of ${end(gic.distributor.interrupts.group(intid))}, and of ${deactivate} where EOImode = 1) deactivates it.`
        : `A write of ${deactivate}, or the end of the virtual interrupt that is tied to it, deactivates it.`;
    const text = 'It was acknowledged and is being handled: it is not signalled again while it is active.';
    return { verdict: 'active', hold: hold('distributor', bitOf(gic.names.active(intid), intid), '1', text, frees) };
  }
  return { verdict: 'quiet', hold: interruptSource(machine, intid).hold };
}

/** From a list register to the guest. */
export function virtualWay(subject: Subject, listed: ListedInterrupt): InterruptWay {
  const kind = listedKind(subject.machine, listed);
  return { kind, ...listedHeld(subject.machine, listed), ...destination(subject, kind, false), listRegister: listed.listRegister };
}
const listedKind = ({ board }: Machine, { group }: ListedInterrupt): 'vIRQ' | 'vFIQ' =>
  board.gic.virtualCpuInterface.outputOf(group) === 'fiq' ? 'vFIQ' : 'vIRQ';

export function listedHeld(machine: Machine, listed: ListedInterrupt): Held {
  const { gic } = machine.board;
  if (listed.active) {
    const text = `The guest has acknowledged it${listed.pending ? ' and it is pending again' : ''}: it is not signalled while it is active.`;
    const state = hold(
      'listRegister',
      `${gic.names.listRegister(listed.listRegister)}.State`,
      listed.pending ? '3' : '2',
      text,
      `The guest ends it with a write of ${gic.virtualCpuInterface.names.end(listed.group)}.`,
    );
    return { verdict: listed.pending ? 'held' : 'active', hold: state };
  }
  const obstacle = gic.listedHeldBy(listed);
  return obstacle ? heldBy(obstacleHold(gic, obstacle, listed.intid)) : atCpu(machine, listedKind(machine, listed), 'guest');
}

const byHand = { VI: 'vIRQ', VF: 'vFIQ', VSE: 'vSError' } as const;
/** From HCR_EL2.VI, VF or VSE to the guest. */
export function softwareWay(subject: Subject, bit: keyof typeof byHand): InterruptWay {
  const kind = byHand[bit];
  return { kind, ...softwareHeld(subject.machine, bit), ...destination(subject, kind, true), listRegister: null };
}
export function softwareHeld(machine: Machine, bit: keyof typeof byHand): Held {
  const kind = byHand[bit];
  if (machine.cpu.low('HCR_EL2') & HCR_EL2[bit]) return atCpu(machine, kind, 'guest');
  const text = `EL2 has not made a virtual ${kind.slice(1)} pending.`;
  return { verdict: 'quiet', hold: hold('listRegister', `HCR_EL2.${bit}`, '0', text, `EL2 makes one pending by HCR_EL2.${bit} = 1.`) };
}

/** What the CPU does with what is pending at it. */
function atCpu(machine: Machine, kind: InterruptKind, station: 'cpu' | 'guest'): Held {
  const { cpu, environment } = machine;
  if (machine.stop)
    return heldBy(
      hold(
        station,
        'the machine',
        'stopped',
        machine.stopSentence() ?? 'The machine has stopped.',
        'Nothing does: go back to an earlier instant.',
      ),
    );
  const field = interruptHeldBy(cpu, kind);
  if (field) return heldBy(maskHold(machine, field, kind, station));
  const next = toTakeInstead(cpu, environment.lines);
  if (next === kind) return taken;
  const isStep = next === 'Step';
  return heldBy(
    isStep
      ? hold(
          station,
          'PSTATE.SS',
          '0',
          'The exception that ends a software step comes before any interrupt.',
          'It is taken as soon as that handler lets it.',
        )
      : hold(
          station,
          `${next}`,
          'pending',
          `The ${next} is taken first: FIQ, IRQ and SError come in this order, then the virtual ones.`,
          `It goes on when the ${next} has been handled.`,
        ),
  );
}

function maskHold({ cpu }: Machine, field: HoldingField, kind: InterruptKind, station: 'cpu' | 'guest'): InterruptHold {
  const name = kind.replace('v', 'virtual ');
  const bit = field.slice(field.indexOf('.') + 1);
  const isVirtual = kind.startsWith('v');
  if (field === 'PSTATE.EL')
    return hold(
      station,
      field,
      '2',
      `EL2 is running: a ${name} is taken at EL1 or EL0 only.`,
      'The next return to the guest lets it through.',
    );
  if (field === 'HCR_EL2.TGE')
    return hold(station, field, '1', `HCR_EL2.TGE = 1 leaves no guest to take a ${name}.`, 'Clearing HCR_EL2.TGE.');
  if (field.startsWith('HCR_EL2'))
    return isVirtual
      ? hold(station, field, '0', `${field} = 0 turns virtual ${kind.slice(1)}s off.`, `Setting ${field} turns them on.`)
      : hold(station, field, '0', `${field} = 0 leaves the ${name} to EL1, and EL2 is running.`, `A return to EL1, or ${field} = 1.`);
  return hold(
    station,
    field,
    '1',
    `EL${cpu.el} masks ${kind.replace('v', 'virtual ')}s.`,
    `It is taken as soon as EL${cpu.el} clears PSTATE.${bit} (msr daifclr), or returns to a level where it is 0.`,
  );
}

/** "GICD_ISENABLER0 bit 27" */
const bitOf = (register: string, intid: number): string => `${register} bit ${intid & 31}`;

function obstacleHold(gic: Gic, by: Obstacle, intid: number): InterruptHold {
  const { at } = by;
  const isVirtual = at === 'virtualInterface';
  const { names } = isVirtual ? gic.virtualCpuInterface : gic.cpuInterface;
  const group = gic.distributor.interrupts.group(intid);
  switch (by.kind) {
    case 'disabled':
      return hold(
        at,
        bitOf(by.field, intid),
        '0',
        'It is pending, but not enabled at the distributor.',
        `A write of 1 to ${bitOf(by.field, intid)} enables it.`,
      );
    case 'active':
      return hold(
        at,
        bitOf(by.field, intid),
        '1',
        'It is pending again while it is still active.',
        `Deactivating it: ${names.end(group)}, or ${names.deactivate} where EOImode = 1.`,
      );
    case 'off':
      return hold(at, by.field, '0', 'The virtual CPU interface is off.', `Setting ${by.field} turns it on.`);
    case 'route':
      return hold(at, by.field, 'another CPU', 'It goes to a CPU that this machine does not have.', `Writing 0 to ${by.field}: CPU 0.`);
    case 'group': {
      const verb = at === 'distributor' ? 'forwarded to the CPU interface' : `signalled to the ${isVirtual ? 'guest' : 'CPU'}`;
      return hold(at, by.field, '0', `Interrupts of group ${by.group} are not ${verb}.`, `Setting ${by.field}.`);
    }
    case 'mask':
      return hold(
        at,
        by.field,
        by.value,
        `The mask lets only priorities below ${hex(by.value)} through; this one has ${hex(by.priority)}.`,
        `A value above ${hex(by.priority)} in ${by.field}.`,
      );
    case 'running':
      return hold(
        at,
        by.field,
        by.value,
        `An interrupt of priority ${hex(by.value)} is being handled; ${hex(by.priority)} is not more urgent.`,
        `Its end: a write of ${names.end(group)}.`,
      );
    case 'order':
      return hold(
        at,
        by.field,
        String(by.intid),
        `INTID ${by.intid} comes first, with priority ${hex(by.priority)}.`,
        `INTID ${by.intid} must be acknowledged first.`,
      );
  }
}

/**
 * The list register that an interrupt is in: by the physical INTID that it is tied to, else by its own. Software should not use several for
 * one; of those that it does, the one that comes first counts.
 */
export function listedFor({ virtualControl }: Gic, intid: number): ListedInterrupt | undefined {
  const own = virtualControl.inUse().filter((one) => (one.physical ?? one.intid) === intid);
  const first = virtualControl.first().listRegister;
  return own.find(({ listRegister }) => listRegister === first) ?? own.find(({ active }) => !active) ?? own.at(0);
}

/** The level and the vector that it leads to. */
function destination({ machine, names }: Subject, kind: InterruptKind, bySoftware: boolean): Pick<InterruptWay, 'to' | 'rule' | 'vector'> {
  const { cpu } = machine;
  const { target, rule, vector, entry } = interruptWay(cpu, kind, bySoftware);
  return { to: target, rule: rule.text, vector: cpu.el > target ? null : { offset: vector, place: placeOf(names.of(target), entry) } };
}
