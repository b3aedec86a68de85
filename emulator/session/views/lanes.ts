import { list, plain } from '../../explain/words.ts';
import type { RegisterChange } from '../../time/input-log.ts';
import { lanesBetween } from '../lanes.ts';
import type { Session } from '../session.ts';
import type { ChangeMark, LanesView, Views } from '../views.ts';

export function lanesView(session: Session, { from, to, width }: Views['lanes']['params']): LanesView {
  const { timeline } = session.needProgram();
  const end = Math.max(from, to ?? timeline.end);
  const lanes = lanesBetween(timeline.traps, timeline.startLevel, from, end, width);
  const { changes } = timeline.inputs;
  return changes.length === 0 ? lanes : { ...lanes, changes: changeMarks(changes, from, end, width) };
}

function changeMarks(changes: readonly RegisterChange[], from: number, to: number, width: number): ChangeMark[] {
  const bins = new Map<number, { n: number; names: Set<string> }>();
  for (const { n, register } of changes) {
    if (n < from || n > to) continue;
    const bin = Math.floor(((n - from) * width) / Math.max(1, to - from));
    const known = bins.get(bin);
    if (known) known.names.add(register);
    else bins.set(bin, { n, names: new Set([register]) });
  }
  return [...bins.values()].map(({ n, names }) => ({ n, text: `${changedNames([...names])} changed by hand` }));
}

/** The first of them where there are many. */
function changedNames(names: readonly string[]): string {
  return plain(list(names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more registers`] : names));
}
