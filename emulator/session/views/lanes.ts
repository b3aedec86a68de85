import * as v from 'valibot';
import { list, plain } from '../../explain/words.ts';
import type { ChangeByHand } from '../../time/input-log.ts';
import { lanesBetween } from '../lanes.ts';
import { limits } from '../limits.ts';
import { count } from '../schemas.ts';
import { view } from '../view.ts';
import type { ChangeMark, LanesView } from '../views.ts';

/** From instant `from` to `to`, null for the end of the recording; `width`: bins that can be told apart. */
const params = v.strictObject({ from: count, to: v.nullable(count), width: v.pipe(count, v.minValue(1), v.maxValue(limits.laneWidth)) });

export const lanes = view(params, ({ timeline }, { from, to, width }): LanesView => {
  const end = Math.max(from, to ?? timeline.end);
  const shown = lanesBetween(timeline.traps, timeline.startLevel, from, end, width);
  const { changes } = timeline.inputs;
  return changes.length === 0 ? shown : { ...shown, changes: changeMarks(changes, from, end, width) };
});

function changeMarks(changes: readonly ChangeByHand[], from: number, to: number, width: number): ChangeMark[] {
  const bins = new Map<number, { n: number; names: Set<string> }>();
  for (const change of changes) {
    const { n } = change;
    if (n < from || n > to) continue;
    const register = change.kind === 'change' ? change.register : 'memory';
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
