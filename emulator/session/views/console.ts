import * as v from 'valibot';
import { count } from '../schemas.ts';
import { atRest, view } from '../view.ts';
import type { ConsoleView as Output } from '../views.ts';

/** Bytes sent at once: more than a terminal keeps. */
const MOST_BYTES = 2 << 20;

/**
 * Output from byte `from` on, or from a later one where that is too much or no longer kept, as it stood at this instant. What was cut back
 * since the caller's epoch is sent again.
 */
export const consoleView = view(
  v.strictObject({ from: count, epoch: count }),
  ({ timeline }, { from, epoch }, { outputEpoch } = atRest): Output => {
    const { output, at } = timeline;
    const length = output.lengthAt(at);
    const start = Math.max(output.first, length - MOST_BYTES, epoch === outputEpoch && from <= length ? from : 0);
    return { from: start, bytes: output.slice(start, length), length, epoch: outputEpoch };
  },
);
