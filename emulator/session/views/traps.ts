import * as v from 'valibot';
import { trapRow } from '../../explain/trap-story.ts';
import { count, limits, trapChoice } from '../schemas.ts';
import { TrapSelection } from '../trap-selection.ts';
import { atRest, view } from '../view.ts';
import type { TrapsView } from '../views.ts';

/** Milliseconds that one frame may look for rows that a filter lets through. */
const PORTION_MS = 4;

const params = v.strictObject({
  /** Place of the first row in the list as it is filtered. */
  first: count,
  count: v.pipe(count, v.maxValue(limits.rows)),
  ...trapChoice,
  /** Index of a trap whose place in the list is asked for. */
  find: v.optional(count),
});

/** A window of the list of traps as it is filtered, and how many there are of each type. */
export const traps = view(params, (program, { first, count, filter = '', type, from, to, find }, { again } = atRest): TrapsView => {
  const log = program.timeline.traps;
  const selection = TrapSelection.of(log, program, filter);
  if (!selection.advance(PORTION_MS)) again();
  const indices = selection.indices(type);
  const low = from === undefined ? 0 : log.firstAt(from);
  const high = to === undefined ? log.length : log.firstAt(to);
  const start = indices.lowerBound(low);
  const total = indices.lowerBound(high) - start;
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
  };
});
