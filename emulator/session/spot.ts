/**
 * A place in a run that another build of the program has too: not the number of a step, but how often an instruction was reached since
 * which trap. Counting from the last trap on keeps it cheap in runs of any length.
 */
import type { VA } from '../base/addresses.ts';
import { CodeMap } from '../debug/code-map.ts';
import { placeWords } from '../explain/difference/words.ts';
import type { TrapDifferences } from '../explain/difference/traps.ts';
import { placeOf } from '../explain/subject.ts';
import type { Program } from './program.ts';

export interface Spot {
  readonly at: number;
  readonly pc: VA;
  /** Index of the last trap before it; undefined where there is none. */
  readonly trap: number | undefined;
  /** How often the instruction was reached since; 0: it is the instant after the trap. Undefined where that is too far to be counted. */
  readonly count: number | undefined;
}

/** Steps in which an instruction is counted: as many as take a fraction of a second. */
const MOST_STEPS = 20_000_000;

/** The place of the instant shown. The machine ends where it was. */
export function spotOf(program: Program): Spot {
  const { timeline, machine } = program;
  const { at } = timeline;
  const { pc } = machine.cpu;
  const last = timeline.traps.firstAt(at) - 1;
  const trap = last >= timeline.traps.first ? last : undefined;
  const from = trap === undefined ? 0 : timeline.traps.step(trap) + 1;
  if (at - from > MOST_STEPS) return { at, pc, trap, count: undefined };
  const count = (): number => reached(program, pc, at, Infinity);
  return { at, pc, trap, count: at === from ? 0 : timeline.excursion(from, count, { key: 'count', moves: true }) };
}

/** Runs until an instruction was reached so many times, at most up to an instant; returns how often it was. */
function reached({ timeline }: Program, pc: VA, goal: number, times: number): number {
  const stopAt = new Set([pc]);
  let found = 0;
  while (found < times && timeline.at < goal) {
    const before = timeline.at;
    if (timeline.forward(goal - timeline.at, { stopAt }) === 'breakpoint') found++;
    else if (timeline.at === before) break;
  }
  return found;
}

export interface Found {
  /** The instant of the new run. */
  readonly at: number;
  /** It is the place that was asked for; otherwise the last trap before it that both runs have. */
  readonly isThere: boolean;
  /** It was not reached in what was run, after which the instruction has to come so many times more. */
  readonly later?: { readonly pc: VA; readonly times: number };
}

/** The same place in the run of the newer build, as far as it was run. */
export function findSpot(spot: Spot, older: Program, newer: Program, { pairs }: TrapDifferences): Found {
  const { timeline } = newer;
  const { traps } = timeline;
  const before = pairs.findLast(({ a }) => spot.trap !== undefined && a <= spot.trap);
  const partner = before && spot.trap !== undefined ? before.b + Math.min(spot.trap, before.aEnd - 1) - before.a : undefined;
  const isPartner = spot.trap === undefined || (before !== undefined && spot.trap < before.aEnd);
  const from = partner === undefined ? 0 : traps.step(partner) + 1;
  if (!isPartner || spot.count === undefined) return { at: from, isThere: false };
  if (spot.count === 0) return { at: from, isThere: true };
  const pc = new CodeMap(older, newer).toNewer(spot.pc) ?? (older.symbols.at(spot.pc) ? undefined : spot.pc);
  if (pc === undefined) return { at: from, isThere: false };
  const next = partner === undefined ? traps.first : partner + 1;
  const isLast = next >= traps.length;
  const end = isLast ? timeline.end : traps.step(next) + 1;
  const { count } = spot;
  const look = (): Found => {
    const found = reached(newer, pc, Math.min(end, timeline.at + MOST_STEPS), count);
    if (found === count) return { at: timeline.at, isThere: true };
    return { at: from, isThere: false, ...(isLast && { later: { pc, times: count - found } }) };
  };
  return timeline.excursion(from, look, { key: 'spot', moves: true });
}

/** "guest.c:41". */
export const spotWords = (spot: Spot, program: Program): string => placeWords(placeOf(program.names.linked, spot.pc));
