import * as v from 'valibot';
import { repetition } from '../../explain/exception-loop.ts';
import { trapRow } from '../../explain/trap-story.ts';
import type { ExceptionLoop } from '../../time/exception-loop.ts';
import type { TrapLog } from '../../time/trap-log.ts';
import { count, limits, trapChoice } from '../schemas.ts';
import { TrapSelection } from '../trap-selection.ts';
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
export const traps = view(params, (program, { first, count, filter = '', type, from, to, find, folded }, { again } = atRest): TrapsView => {
  const { timeline } = program;
  const log = timeline.traps;
  const loop = folded === undefined ? undefined : timeline.loopAt(timeline.end);
  const selection = TrapSelection.of(log, program, filter);
  if (!selection.advance(PORTION_MS)) again();
  const indices = selection.indices(type);
  const low = log.firstAt(from ?? 0);
  const high = to === undefined ? log.length : log.firstAt(to);
  const start = indices.lowerBound(low);
  const once = loop ? Math.min(high, loop.first + loop.events) : high;
  const total = Math.max(0, indices.lowerBound(folded ? once : high) - start);
  const length = Math.max(0, Math.min(count, total - first));
  // The place of the last row that is not after the trap asked for.
  const found = find === undefined ? -1 : Math.min(total, indices.lowerBound(find + 1) - start) - 1;
  return {
    total,
    first,
    rows: Array.from({ length }, (_, i) => trapRow(program, indices.get(start + first + i))),
    counts: selection.counts(low, high),
    searched: Math.floor(selection.searched * 100) / 100,
    found: found < 0 ? null : found,
    keptFrom: log.keptFrom,
    repeated: loop && indices.lowerBound(high) > indices.lowerBound(once) ? repeated(log, loop) : null,
  };
});

function repeated(log: TrapLog, loop: ExceptionLoop): RepeatedTraps {
  const times = Math.floor((log.length - loop.first) / loop.events);
  const last = log.step(loop.first + times * loop.events - 1);
  return { text: repetition(log, loop), times, from: log.step(loop.first), to: last };
}
