import * as v from 'valibot';
import { repetition } from '../../explain/exception-loop.ts';
import { trapRow } from '../../explain/trap-story.ts';
import type { ExceptionLoop } from '../../time/exception-loop.ts';
import type { TrapLog } from '../../time/trap-log.ts';
import { limits } from '../limits.ts';
import { count, trapChoice } from '../schemas.ts';
import { TrapSelection, type TrapIndices } from '../trap-selection.ts';
import { atRest, view } from '../view.ts';
import type { RepeatedTraps, TrapsView } from '../views.ts';

/** Milliseconds that one frame may look for rows that a filter lets through. */
const PORTION_MS = 4;

const params = v.strictObject({
  /** Place of the first row in the list as it is filtered. */
  first: count,
  count: v.pipe(count, v.maxValue(limits.rows)),
  ...trapChoice,
  /** Index of a trap whose place in the list is asked for. */
  find: v.optional(count),
  /** Looks for an exception loop, which `repeated` describes; true: only its first round is listed. */
  folded: v.optional(v.boolean()),
});

/** A window of the list of traps as it is filtered, and how many there are of each type. */
export const traps = view(params, (program, { first, count, type, from, to, find, folded, ...choice }, { again } = atRest): TrapsView => {
  const { timeline } = program;
  const log = timeline.traps;
  const loop = folded === undefined ? undefined : timeline.loopAt(timeline.end);
  const selection = TrapSelection.of(log, program, choice);
  if (!selection.advance(PORTION_MS)) again();
  const indices = selection.indices(type);
  const low = log.firstAt(from ?? 0);
  const high = to === undefined ? log.length : log.firstAt(to);
  const start = indices.lowerBound(low);
  const once = loop ? Math.min(high, loop.first + loop.events) : high;
  const listed = Math.max(0, indices.lowerBound(folded ? once : high) - start);
  const sought = find === undefined || choice.returns !== false ? find : (log.endedBy(find) ?? find);
  // A trap of a round that is folded away has a row all the same.
  const later = folded && sought !== undefined && sought >= once && sought < high && has(indices, sought) ? sought : undefined;
  const total = later === undefined ? listed : listed + 1;
  const length = Math.max(0, Math.min(count, total - first));
  // The place of the last row that is not after the trap asked for.
  const found = sought === undefined ? -1 : Math.min(total, indices.lowerBound(sought + 1) - start) - 1;
  const indexAt = (place: number): number => (place < listed ? indices.get(start + place) : later!);
  return {
    total,
    first,
    rows: Array.from({ length }, (_, i) => trapRow(program, indexAt(first + i))),
    counts: selection.counts(low, high),
    searched: Math.floor(selection.searched * 100) / 100,
    found: found < 0 ? null : found,
    sought: sought ?? null,
    keptFrom: log.keptFrom,
    repeated: loop && indices.lowerBound(high) > indices.lowerBound(once) ? repeated(log, loop) : null,
  };
});

const has = (indices: TrapIndices, index: number): boolean => {
  const place = indices.lowerBound(index);
  return place < indices.length && indices.get(place) === index;
};

function repeated(log: TrapLog, loop: ExceptionLoop): RepeatedTraps {
  const times = Math.floor((log.length - loop.first) / loop.events);
  const last = log.step(loop.first + times * loop.events - 1);
  return { text: repetition(log, loop), times, from: log.step(loop.first), to: last };
}
