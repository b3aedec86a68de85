/** The tower of exception levels at this instant: registers of each floor, the event that led here, and what an ERET is about to do. */
import { hex } from '../base/hex.ts';
import { VBAR } from '../cpu/registers/bits.ts';
import { PSTATE } from '../cpu/spsr.ts';
import type { StoredRegister } from '../cpu/stored-registers.ts';
import { lastEvent, type DetailedEvent } from './events.ts';
import { disassembled } from './instruction-text.ts';
import { preflight } from './preflight.ts';
import { registerWords } from './register-words.ts';
import { placeOf, type Subject } from './subject.ts';
import type { Floor, Level, LevelEvent, LevelsView, Pstate, RegisterValue } from './views.ts';

const floors: Readonly<Record<Level, readonly StoredRegister[]>> = {
  2: ['SPSR_EL2', 'ELR_EL2', 'ESR_EL2', 'FAR_EL2', 'HPFAR_EL2', 'HCR_EL2', 'VTTBR_EL2', 'VBAR_EL2', 'VTCR_EL2', 'SP_EL2'],
  1: ['SP_EL1', 'VBAR_EL1', 'ELR_EL1', 'SPSR_EL1', 'ESR_EL1', 'SCTLR_EL1', 'TTBR0_EL1', 'TTBR1_EL1', 'TCR_EL1'],
  0: ['SP_EL0'],
};

/** `isHeld`: nothing is said of what the next step will do. */
export function levelsView(subject: Subject, isHeld = false): LevelsView {
  const { machine, names, name } = subject;
  const { cpu } = machine;
  const event = levelEvent(subject);
  const el1 = machine.mmu.describe('el1');
  const stage2 = el1.stage2?.on === true;
  const vmid = stage2 ? el1.vmid : null;
  const takes = cpu.el === 2 || event?.to === 2 || event?.from === 2 ? 2 : 1;

  const floor = (el: Level): Floor => ({
    el,
    present: el < 2 || machine.options.el2,
    running: cpu.el === el,
    ran: hasRun(subject, el),
    title: el === 2 ? 'Hypervisor' : el === 1 ? (machine.options.el2 ? 'Guest' : 'Kernel') : 'User',
    notes: notes(el, { name, vmid, waiting: cpu.waiting && cpu.el === el, ran: hasRun(subject, el), event }),
    registers: floors[el].map((register) => registerValue(subject, register, event)),
  });
  return {
    at: machine.steps,
    pc: placeOf(names.of(cpu.el), cpu.pc),
    pstate: pstate(subject),
    floors: [
      {
        el: 3,
        present: false,
        running: false,
        ran: false,
        title: 'Secure monitor',
        notes: ['Not implemented on this board'],
        registers: [],
      },
      floor(2),
      floor(1),
      floor(0),
    ],
    vectors: {
      el: takes,
      base: hex(cpu.get(`VBAR_EL${takes}`)),
      note: registerWords(`VBAR_EL${takes}`, cpu.get(`VBAR_EL${takes}`), subject),
    },
    stage2,
    vmid,
    ...(machine.stop && { stopped: true as const }),
    event,
    preflight: isHeld ? null : preflight(subject),
  };
}

interface NoteFacts {
  readonly name: string;
  readonly vmid: number | null;
  readonly waiting: boolean;
  readonly ran: boolean;
  readonly event: LevelEvent | null;
}
function notes(el: Level, { name, vmid, waiting, ran, event }: NoteFacts): string[] {
  const lines: string[] = [];
  if (el === 2) lines.push(name);
  if (el === 1 && vmid !== null) lines.push(`VMID ${vmid}`);
  if (waiting) lines.push('waits (WFI)');
  else if (!ran) lines.push('has not run yet');
  else if (event?.kind === 'exception' && event.from === el && event.to !== el) lines.push(`stopped at ${event.cause.text.split(' ')[0]}`);
  return lines;
}

/** Whether a level may have run by now. */
const hasRun = ({ timeline }: Subject, level: Level): boolean =>
  !timeline.isFromPowerOn || level === timeline.startLevel || timeline.traps.hasReached(level, timeline.at);

function registerValue(subject: Subject, name: StoredRegister, event: LevelEvent | null): RegisterValue {
  const { cpu } = subject.machine;
  const level = /^SP_EL(\d)$/.exec(name)?.[1];
  const value = cpu.current(name);
  const text = registerWords(name, value, subject);
  const step = event?.steps.findIndex(({ target }) => target === name) ?? -1;
  const written = step >= 0 ? { step: step + 1, before: event!.steps[step].before } : {};
  const inUse = level !== undefined && cpu.el === Number(level) && (cpu.spsel === 1 || cpu.el === 0);
  return { name, value: hex(value), text: inUse ? [text, 'in use now'].filter(Boolean).join(', ') : text, ...written };
}

export function pstate({ machine: { cpu } }: Subject): Pstate {
  const { nzcv, daif } = cpu;
  const has = (value: number, mask: number): boolean => (value & mask) !== 0;
  return {
    el: cpu.el,
    sp: cpu.spsel,
    n: has(nzcv, PSTATE.N),
    z: has(nzcv, PSTATE.Z),
    c: has(nzcv, PSTATE.C),
    v: has(nzcv, PSTATE.V),
    d: has(daif, PSTATE.D),
    a: has(daif, PSTATE.A),
    i: has(daif, PSTATE.I),
    f: has(daif, PSTATE.F),
    il: cpu.il === 1,
  };
}

/** The exception or return that the step before this instant did. */
function levelEvent(subject: Subject): LevelEvent | null {
  const event = lastEvent(subject);
  if (!event || event.kind === 'psci') return null;
  const { names } = subject;
  const target = placeOf(names.of(event.to), event.pc);
  return {
    n: event.n,
    kind: event.kind,
    type: event.kind === 'exception' ? event.type : 'ERET',
    from: event.from,
    to: event.to,
    cause: cause(event),
    target,
    vectorOffset: event.kind === 'exception' ? Number(event.pc & ~VBAR['Vector base']) : null,
    rule: event.rule,
    steps: event.steps ?? [],
  };
}

/** The instruction that caused an event; for an interrupt the one that had to wait. */
function cause(event: Exclude<DetailedEvent, { kind: 'psci' }>): LevelEvent['cause'] {
  const { causePc, causePlace, causeWord } = event;
  const text = causeWord === undefined ? 'instruction fetch' : disassembled(causeWord, causePc);
  const isCall = event.kind === 'exception' && (event.type === 'HVC' || event.type === 'SVC' || event.type === 'SMC');
  return { text, place: causePlace, operands: isCall ? `x0 = ${hex(event.args[0])}` : '' };
}
