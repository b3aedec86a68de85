import { trapRow } from '../../explain/trap-story.ts';
import type { Session } from '../session.ts';
import { TrapSelection } from '../trap-selection.ts';
import type { TrapsView, Views } from '../views.ts';

/** Milliseconds that one frame may look for rows that a filter lets through. */
const PORTION_MS = 4;

/** A window of the list of traps as it is filtered, and how many there are of each type. */
export function trapsView(session: Session, { first, count, filter = '', type, from, to, find }: Views['traps']['params']): TrapsView {
  const program = session.needProgram();
  const { traps } = program.timeline;
  const selection = TrapSelection.of(traps, program, filter);
  if (!selection.advance(PORTION_MS)) session.changed();
  const indices = selection.indices(type);
  const low = from === undefined ? 0 : traps.firstAt(from);
  const high = to === undefined ? traps.length : traps.firstAt(to);
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
}
