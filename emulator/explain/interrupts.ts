/** Interrupts at an instant: the way of one of them from its source to the vector, and what else is in use at the GIC and the timers. */
import { hex } from '../base/hex.ts';
import { interruptHeldBy } from '../cpu/index.ts';
import { HCR_EL2 } from '../cpu/registers/bits.ts';
import { LIST_REGISTERS, type AnyCpuInterface, type ListedInterrupt } from '../devices/gic/index.ts';
import { ppi, ppiIntid } from '../machine/board-row.ts';
import { comingInterrupts } from '../machine/coming-interrupts.ts';
import type { Machine } from '../machine/machine.ts';
import { gicRegister, gicRegisters } from './gic-registers.ts';
import { interruptHistory } from './interrupt-history.ts';
import { maskBitOf, maskOrigin } from './interrupt-mask.ts';
import { interruptSource, SGIS } from './interrupt-source.ts';
import type {
  InterruptId,
  InterruptKind,
  InterruptState,
  InterruptsView,
  InterruptWay,
  ListRegister,
  StationRow,
} from './interrupt-views.ts';
import { listedFor, listedHeld, physicalHeld, physicalWay, softwareHeld, softwareWay, virtualWay, type Held } from './interrupt-way.ts';
import { capital, interruptCondition, interruptName } from './interrupt-words.ts';
import type { Subject } from './subject.ts';
import { timerStates } from './timers.ts';
import { count } from './words.ts';

export interface InterruptsAsked {
  /** Undefined: the one that tells most about the instant. */
  readonly id?: InterruptId | undefined;
  /** Milliseconds to spend on the past; undefined: nothing of it is told. */
  readonly ms?: number | undefined;
}

export function interruptsView(subject: Subject, { id, ms }: InterruptsAsked = {}): InterruptsView {
  const { machine, timeline } = subject;
  const { cpu, board, options } = machine;
  const { gic } = board;
  const listed = gic.virtualControl.inUse();
  const inUse = idsInUse(machine, listed);
  const which = id ?? telling(machine, inUse);
  const chosen = stateOf(machine, which);
  const own = typeof which === 'number' ? listedFor(gic, which) : undefined;
  const physical = typeof which === 'number' ? physicalWay(subject, which) : null;
  const virtual = typeof which !== 'number' ? softwareWay(subject, which) : own ? virtualWay(subject, own) : null;
  const stage2 = machine.mmu.describe('el1').stage2;
  const { timers, isSearching } = timerStates(subject, ms);
  const history = ms === undefined ? null : interruptHistory(timeline, which, ms);
  const mask = maskBitOf(decisive(machine, which).hold?.field);
  const masked = mask === undefined || ms === undefined ? null : maskOrigin(subject, mask, ms);
  return {
    at: machine.steps,
    el: cpu.el,
    hasEl2: options.el2,
    vmid: stage2?.on ? (machine.mmu.describe('el1').vmid ?? null) : null,
    sentence: sentenceOf(chosen, physical, virtual),
    chosen,
    physical,
    virtual,
    source: typeof which === 'number' ? interruptSource(machine, which).rows : [],
    distributor: ([0, 1] as const).map((group) => row(`EnableGrp${group}`, bit(gic.distributor.forwards(group)))),
    cpuInterface: interfaceRows(gic.cpuInterface),
    routing: routingRows(machine, physical?.kind ?? 'IRQ'),
    virtualInterface: options.el2
      ? [row(`${gic.names.control}.En`, bit(gic.virtualControl.forwards())), ...interfaceRows(gic.virtualCpuInterface)]
      : [],
    guest: options.el2 ? routingRows(machine, virtual?.kind ?? 'vIRQ') : [],
    interrupts: [...new Set([...inUse, which])].map((one) => (one === which ? chosen : stateOf(machine, one))),
    listRegisters: options.el2 ? listRegisters(board, listed) : [],
    tied: own?.physical !== undefined && own.physical === which ? own.listRegister : null,
    timers,
    registers: gicRegisters(board, typeof which === 'number' ? which : 0, options.el2),
    maskedBy: masked ?? null,
    history: history && { ...history, isSearching: history.isSearching || isSearching || masked === undefined },
  };
}

const row = (name: string, value: string, text = ''): StationRow => ({ name, value, text });
const bit = (is: boolean): string => (is ? '1' : '0');

/** The GIC's by number, then those that only HCR_EL2 makes pending. */
function idsInUse({ cpu, board }: Machine, listed: readonly ListedInterrupt[]): InterruptId[] {
  const atGic = board.gic.distributor.interrupts.inUse().map(({ intid }) => intid);
  const inLists = listed.filter(({ physical }) => physical === undefined).map(({ intid }) => intid);
  const hcr = cpu.low('HCR_EL2');
  return [
    ...[...new Set([...atGic, ...inLists])].sort((a, b) => a - b),
    ...(['VI', 'VF', 'VSE'] as const).filter((name) => hcr & HCR_EL2[name]),
  ];
}

/** What decides about it: its list register, unless the physical one is taken or pending again. */
function decisive(machine: Machine, id: InterruptId): Held {
  if (typeof id !== 'number') return softwareHeld(machine, id);
  const physical = physicalHeld(machine, id);
  const own = listedFor(machine.board.gic, id);
  return own && physical.verdict !== 'taken' ? listedHeld(machine, own) : physical;
}
const order: readonly Held['verdict'][] = ['taken', 'held', 'active', 'quiet'];

/** The one that is taken next, else one that is held, else one that is handled, else the timer that fires next, else the virtual timer. */
function telling(machine: Machine, ids: readonly InterruptId[]): InterruptId {
  const ranks = ids.map((id) => order.indexOf(decisive(machine, id).verdict));
  const best = Math.min(...ranks);
  if (best < order.length - 1) return ids[ranks.indexOf(best)];
  const next = comingInterrupts(machine)
    .filter(({ ns }) => ns !== undefined)
    .sort((a, b) => a.ns! - b.ns!)
    .at(0);
  return next?.intid ?? ids[0] ?? ppiIntid(ppi.virtualTimer);
}

const software = {
  VI: { name: 'the virtual IRQ of HCR_EL2.VI', short: 'Virtual IRQ' },
  VF: { name: 'the virtual FIQ of HCR_EL2.VF', short: 'Virtual FIQ' },
  VSE: { name: 'the virtual SError of HCR_EL2.VSE', short: 'Virtual SError' },
} as const;

function stateOf(machine: Machine, id: InterruptId): InterruptState {
  const { board, cpu } = machine;
  const verdict = verdictWords(decisive(machine, id));
  if (typeof id !== 'number') {
    const pending = (cpu.low('HCR_EL2') & HCR_EL2[id]) !== 0;
    return { id, ...software[id], ...without, enabled: true, pending, verdict };
  }
  const name = interruptName(id, board.regions);
  const short = shortName(id, name);
  const { interrupts } = board.gic.distributor;
  const { enabled, pending, active, high, edge } = interrupts.of(id);
  const { priority, group } = interrupts.asPending(id);
  const next = comingInterrupts(machine).find(({ intid, from }) => intid === id && from !== 'input');
  const due = next?.ns === undefined ? '' : `due in ${count(next.ns, 'nanosecond')}`;
  const condition = high ? (interruptCondition(machine, id) ?? 'its line is high') : due;
  return {
    id,
    name,
    short,
    enabled,
    pending,
    active,
    high: id < SGIS ? null : high,
    edge,
    priority: hex(priority),
    group,
    condition,
    verdict,
  };
}
const without = { enabled: false, pending: false, active: false, high: null, edge: false, priority: '', group: 0, condition: '' } as const;

/** "Virtual timer", "UART", "SGI 3". */
const shortName = (intid: number, name: string): string =>
  intid < SGIS ? `SGI ${intid}` : (shortNames[intid] ?? capital(name.replace(/^(the|a|an) /, '').replace(/, INTID.*/, '')));
const shortNames: Readonly<Record<number, string>> = {
  [ppiIntid(ppi.performanceMonitors)]: 'Counters',
  [ppiIntid(ppi.gicMaintenance)]: 'Maintenance',
  [ppiIntid(ppi.hypervisorTimer)]: 'EL2 timer',
  [ppiIntid(ppi.virtualTimer)]: 'Virtual timer',
  [ppiIntid(ppi.securePhysicalTimer)]: 'Secure timer',
  [ppiIntid(ppi.physicalTimer)]: 'EL1 timer',
};

function verdictWords({ verdict, hold }: Held): string {
  if (verdict === 'taken') return 'taken next';
  if (verdict === 'quiet') return 'not pending';
  return verdict === 'active' ? 'being handled' : `held by ${hold!.field} = ${hold!.value}`;
}

/** "The virtual timer, INTID 27 (PPI 11), is held by GICC_PMR = 0x80: ..." */
function sentenceOf({ name, id }: InterruptState, physical: InterruptWay | null, virtual: InterruptWay | null): string {
  const way = virtual && physical?.verdict !== 'taken' ? virtual : physical!;
  const what =
    way === virtual && typeof id === 'number'
      ? `The virtual interrupt for ${name},`
      : `${capital(name)}${typeof id === 'number' ? ',' : ''}`;
  switch (way.verdict) {
    case 'taken':
      return `${what} is taken to EL${way.to} next.`;
    case 'held':
      return `${what} is pending, held by ${way.hold!.field} = ${way.hold!.value}. ${way.hold!.text}`;
    case 'active':
      return `${what} is being handled. ${way.hold!.text}`;
    case 'quiet':
      return `${what} is not pending. ${way.hold!.text}`;
  }
}

function interfaceRows(device: AnyCpuInterface): StationRow[] {
  const { names, mask, highest, splitsEnd } = device;
  const running = Math.min(device.activePriorities.running, 0xff);
  const isFiq = device.outputOf(0) === 'fiq';
  return [
    row(short(names.enable(0)), bit(device.isEnabled(0))),
    row(short(names.enable(1)), bit(device.isEnabled(1))),
    row('FIQEn', bit(isFiq), isFiq ? 'group 0 as FIQ' : ''),
    row(short(names.mask), hex(mask), 'mask'),
    row(short(names.running), hex(running), running === 0xff ? 'idle' : 'running'),
    row(short(names.highest(1)), String(highest), highest >= 1022 ? 'none' : 'highest'),
    row('EOImode', bit(splitsEnd)),
  ];
}
/** "PMR" of GICC_PMR and ICC_PMR_EL1, "EnableGrp0" of GICC_CTLR.EnableGrp0, "IGRPEN0" of ICC_IGRPEN0_EL1. */
const short = (name: string): string => (name.startsWith('GIC') ? name.replace(/^.*[._]/, '') : name.replace(/^IC._|_EL1$/g, ''));

/** The bits of HCR_EL2 and PSTATE that decide about a kind. */
function routingRows({ cpu, options }: Machine, kind: InterruptKind): StationRow[] {
  const base = kind.replace('v', '') as 'IRQ' | 'FIQ' | 'SError';
  const [route, mask, at] = { IRQ: ['IMO', 'I', 2], FIQ: ['FMO', 'F', 1], SError: ['AMO', 'A', 4] }[base] as [
    'IMO' | 'FMO' | 'AMO',
    string,
    number,
  ];
  const hcr = cpu.low('HCR_EL2');
  const masked = (cpu.daif & at) !== 0;
  return [
    ...(options.el2
      ? [row('HCR_EL2.TGE', bit((hcr & HCR_EL2.TGE) !== 0)), row(`HCR_EL2.${route}`, bit((hcr & HCR_EL2[route]) !== 0))]
      : []),
    row('PSTATE.EL', String(cpu.el)),
    row(`PSTATE.${mask}`, bit(masked), masked && !interruptHeldBy(cpu, kind) ? 'cannot mask it here' : ''),
  ];
}

/** All of them, whether they hold something or not. */
function listRegisters(board: Machine['board'], listed: readonly ListedInterrupt[]): ListRegister[] {
  const names = Array.from({ length: LIST_REGISTERS }, (_, i) => board.gic.names.listRegister(i));
  return names.map((name, index): ListRegister => {
    const one = listed.find(({ listRegister }) => listRegister === index);
    const state = one && [one.pending && 'pending', one.active && 'active'].filter(Boolean).join(' and ');
    return {
      name,
      register: gicRegister(board, name)!,
      text: one ? `${state}, INTID ${one.intid}${one.physical === undefined ? '' : `, hardware ${one.physical}`}` : 'free',
      inUse: one !== undefined,
    };
  });
}
