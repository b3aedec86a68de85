import * as v from 'valibot';
import { count } from '../schemas.ts';
import { atRest, view } from '../view.ts';
import type { ConsoleView as Output } from '../views.ts';

/** Output from byte `from` on, as it stood at this instant. What was cut back since the caller's epoch is sent again from the start. */
export const consoleView = view(
  v.strictObject({ from: count, epoch: count }),
  ({ timeline }, { from, epoch }, { outputEpoch } = atRest): Output => {
    const length = timeline.output.lengthAt(timeline.at);
    const start = Math.max(timeline.output.first, epoch === outputEpoch && from <= length ? from : 0);
    return { from: start, bytes: timeline.output.slice(start, length), length, epoch: outputEpoch };
  },
);
