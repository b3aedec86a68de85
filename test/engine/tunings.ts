import type { Tuning } from '../../emulator/engine/index.ts';

/** Loops are made early and often, with rare sequences too: what would come up in minutes comes up in milliseconds. */
export const eager: Tuning = { firstLook: 4000, lastLook: 20_000, newLoop: 1, sequenceShare: 1 / 2000 };
/** Each instruction is run by its own handler. */
export const noLoop: Tuning = { ...eager, firstLook: Infinity };
