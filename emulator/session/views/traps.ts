import { trapRow } from '../../explain/trap-story.ts';
import type { Session } from '../session.ts';
import type { TrapsView, Views } from '../views.ts';

/** A window of the list of traps, and how many there are of each type. */
export function trapsView(session: Session, { first, count, types }: Views['traps']['params']): TrapsView {
  const program = session.needProgram();
  const { traps } = program.timeline;
  const counts = new Map<string, number>();
  const matching: number[] = [];
  for (let i = 0; i < traps.length; i++) {
    const type = traps.type(i);
    counts.set(type, (counts.get(type) ?? 0) + 1);
    if (types && types.includes(type)) matching.push(i);
  }
  const total = types ? matching.length : traps.length;
  const length = Math.max(0, Math.min(count, total - first));
  const rows = Array.from({ length }, (_, i) => trapRow(program, types ? matching[first + i] : first + i));
  const sorted = [...counts].sort((a, b) => b[1] - a[1]).map(([type, n]) => ({ type, count: n }));
  return { total, first, rows, counts: sorted };
}
