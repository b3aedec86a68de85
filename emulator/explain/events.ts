/**
 * The event that led to this instant, with its sub-steps. The recording holds what happened; how it happened, register by register, is
 * found by going to the instant before and doing the step again, with the machine telling each sub-step.
 */
import type { CpuEvent } from '../cpu/events.ts';
import type { TrapLog } from '../time/trap-log.ts';
import type { Subject } from './subject.ts';

export type DetailedEvent = CpuEvent & {
  /** The instruction that caused it and its word, undefined where it could not be fetched; X0 to X3 before it. */
  readonly causePc: bigint;
  readonly causeWord: number | undefined;
  readonly args: readonly bigint[];
};

/** The last event asked for, by recording: views of one instant ask for the same several times. */
const known = new WeakMap<TrapLog, { readonly n: number; readonly event: DetailedEvent }>();

/** The event that the step before this instant did. */
export function lastEvent(subject: Subject): DetailedEvent | undefined {
  const { timeline } = subject;
  const n = timeline.at - 1;
  return n >= 0 && timeline.traps.indexOfStep(n) !== undefined ? detailedEvent(subject, n) : undefined;
}

/** The event that step `n` did; the last where it did several. Step n must be in the recording and have done one. */
export function detailedEvent({ machine, timeline }: Subject, n: number): DetailedEvent {
  const cached = known.get(timeline.traps);
  if (cached?.n === n) return cached.event;
  const event = timeline.excursion(n, () => {
    const causePc = machine.cpu.pc;
    const causeWord = machine.fetchWord(causePc);
    const args = [0, 1, 2, 3].map((i) => machine.cpu.x(i));
    const told = timeline.tracedStep().at(-1);
    if (!told) throw new Error(`step ${n} did no exception or return when it was repeated`);
    return { ...told, causePc, causeWord, args };
  });
  known.set(timeline.traps, { n, event });
  return event;
}
