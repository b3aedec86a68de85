/**
 * The event that led to this instant, with its sub-steps. The recording holds what happened; how it happened, register by register, is
 * found by going to the instant before and doing the step again, with the machine telling each sub-step.
 */
import { VA } from '../base/addresses.ts';
import type { CpuEvent } from '../cpu/events.ts';
import { hex } from '../base/hex.ts';
import { cpuLayout } from '../cpu/index.ts';
import type { Machine } from '../machine/machine.ts';
import { isRefusedAsDevice, refusalReason, refusedAccess, type NextAccess } from './accesses.ts';
import { interruptCondition } from './interrupt-words.ts';
import { LastAnswer } from './last-answer.ts';
import { outcomeOf } from './outcome.ts';
import { placeOf, type Subject } from './subject.ts';
import type { Place, RefusedAccess } from './views.ts';

export type DetailedEvent = CpuEvent & {
  /** The instruction that caused it and its word, undefined where it could not be fetched; X0 to X3 before it. */
  readonly causePc: VA;
  readonly causePlace: Place;
  readonly causeWord: number | undefined;
  readonly args: readonly bigint[];
  /** What the level that it came from has at the addresses in X0 to X3, and at the one in FAR_ELx. */
  readonly argSymbols: readonly (string | undefined)[];
  readonly farSymbol: string | undefined;
  /** Of a misaligned PC: the instruction before, which led there. */
  readonly cameFrom: { readonly pc: VA; readonly word: number | undefined } | undefined;
  /**
   * What else decided: why an interrupt line is high, as a clause; the field that refused an access, as a sentence. Of a return: what else
   * it did, as a sentence.
   */
  readonly circumstance: string | undefined;
  /** The access that an abort refused. */
  readonly refused: RefusedAccess | undefined;
};

const known = new LastAnswer<DetailedEvent>();

/** The event that the step before this instant did. */
export function lastEvent(subject: Subject): DetailedEvent | undefined {
  const { timeline } = subject;
  const n = timeline.at - 1;
  return n >= 0 && didEvent(subject, n) ? detailedEvent(subject, n) : undefined;
}

/** Where the recording has forgotten it, the step is done again. */
function didEvent({ timeline }: Subject, n: number): boolean {
  const { traps } = timeline;
  if (n >= traps.keptFrom) return traps.indexOfStep(n) !== undefined;
  return occurred.of(traps, String(n), () =>
    timeline.excursion(n, () => timeline.tracedStep().length > 0, { key: 'any event', moves: true }),
  );
}
const occurred = new LastAnswer<boolean>();

/** The event that step `n` did; the last where it did several. Step n must be in the recording and have done one. */
export const detailedEvent = (subject: Subject, n: number): DetailedEvent =>
  known.of(subject.timeline.traps, `${n} ${subject.names.version}`, () => repeated(subject, n));

function repeated({ machine, timeline, names: all }: Subject, n: number): DetailedEvent {
  const look = (): DetailedEvent => {
    const { pc: causePc, word: causeWord } = instructionHere(machine);
    const names = all.of(machine.cpu.el);
    const causePlace = placeOf(names, causePc);
    const args = [0, 1, 2, 3].map((i) => machine.cpu.x(i));
    const argSymbols = args.map((value) => names.symbol(VA(value)));
    const isMarked = machine.cpu.u32[cpuLayout.exclusiveBytes >> 2] !== 0;
    const outcome = outcomeOf(machine);
    const passesInQemu = isRefusedAsDevice(machine, outcome) ? ' QEMU 7.2 lets it through.' : '';
    const refusal = outcome.fault && `${refusalReason(machine, outcome)}${passesInQemu}`.trim();
    const access = refusedAccess(machine, outcome);
    const told = timeline.tracedStep().at(-1);
    if (!told) throw new Error(`step ${n} did no exception or return when it was repeated`);
    const farSymbol = told.kind === 'exception' && told.far !== null ? names.symbol(told.far) : undefined;
    const circumstance = circumstanceOf(machine, told, isMarked, refusal);
    const refused = access && isAbort(told) ? { at: n, va: hex(access.va), ...placeInWalk(access) } : undefined;
    return { ...told, causePc, causePlace, causeWord, args, argSymbols, farSymbol, cameFrom: undefined, circumstance, refused };
  };
  const event = timeline.excursion(n, look, { key: 'event', moves: true });
  const isMisaligned = event.kind === 'exception' && event.type === 'PCAlignment' && n > 0;
  return isMisaligned ? { ...event, cameFrom: timeline.excursion(n - 1, () => instructionHere(machine), { key: 'PC and word' }) } : event;
}

const isAbort = (event: CpuEvent): boolean =>
  event.kind === 'exception' && (event.type === 'DataAbort' || event.type === 'InstructionAbort');

const placeInWalk = ({ options: { regime, el, access } }: NextAccess): Pick<RefusedAccess, 'regime' | 'el' | 'access'> => ({
  regime,
  el,
  access,
});

const instructionHere = (machine: Machine): { readonly pc: VA; readonly word: number | undefined } => {
  const { pc } = machine.cpu;
  return { pc, word: machine.fetchWord(pc) };
};

/** The machine is right after the event, in the same moment of its clock. */
function circumstanceOf(machine: Machine, event: CpuEvent, isMarked: boolean, refusal: string | undefined): string | undefined {
  if (event.kind === 'return')
    return isMarked
      ? 'It cleared the exclusive monitor, which a load-exclusive had set, so the store-exclusive that follows fails.'
      : undefined;
  if (event.kind !== 'exception') return undefined;
  const { type, intid } = event;
  if (type === 'IRQ' || type === 'FIQ') return intid === null ? undefined : interruptCondition(machine, intid);
  return isAbort(event) ? refusal : undefined;
}
