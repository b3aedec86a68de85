/** Changes by hand as ticks over a strip of time, with their words beside them where there is room. */
import type { ChangeMark } from '../../emulator/session/views.ts';
import { laneScale } from './lanes.ts';
import { textWidth } from './text.ts';

export interface ChangeLabel extends ChangeMark {
  readonly x: number;
  /** Where the text begins, or ends if it is to the left of the tick; null: there is no room for it. */
  readonly label: { readonly x: number; readonly isLeft: boolean } | null;
  /** Whether what is around an x would be in the way of it. */
  covers(x: number): boolean;
}

/** Pixels: between a tick and its text, for the number at the end, for half a number of the axis. */
const GAP = 8;
const EDGE = 64;
const NUMBER = 34;

export function changeLabels(changes: readonly ChangeMark[], end: number, width: number): ChangeLabel[] {
  /** Where there is room from: behind the 0 of the axis, then behind the last label or tick. */
  let free = 16;
  const scale = laneScale(0, end, width);
  return changes.map((change, i): ChangeLabel => {
    const x = scale(change.n);
    const next = i + 1 < changes.length ? scale(changes[i + 1].n) : width - EDGE;
    const room = textWidth(change.text, 'micro') + 2 * GAP;
    const right = Math.min(x, width - EDGE);
    const label = x + room <= next ? { x, isLeft: false } : right - room >= free ? { x: right, isLeft: true } : null;
    const from = label?.isLeft ? label.x - room : x;
    const to = label && !label.isLeft ? x + room : x;
    free = to;
    return { ...change, x, label, covers: (other) => other > from - NUMBER && other < to + NUMBER };
  });
}
