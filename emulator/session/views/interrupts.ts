import * as v from 'valibot';
import { INTERRUPTS } from '../../devices/gic/index.ts';
import { interruptsView } from '../../explain/interrupts.ts';
import { atRest, view } from '../view.ts';

/** Milliseconds that one frame spends on the past. */
const SEARCH_MS = 25;

/** `id`: an INTID, or the bit of HCR_EL2 that makes a virtual interrupt pending; without it the one that tells most about the instant. */
const params = v.strictObject({
  id: v.optional(v.union([v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(INTERRUPTS - 1)), v.picklist(['VI', 'VF', 'VSE'])])),
  /** Milliseconds for the past, where somebody has more time than a frame. */
  ms: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(60_000))),
});

export const interrupts = view(params, (program, { id, ms = SEARCH_MS }, { isRunning, again } = atRest) => {
  const data = interruptsView(program, { id, ms: isRunning ? undefined : ms });
  if (data.history?.isSearching) again();
  return data;
});
