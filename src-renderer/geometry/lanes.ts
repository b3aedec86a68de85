/** Which level ran when: one lane per exception level over the steps of the recording. */
import type { LaneSpan } from '../../emulator/session/views.ts';
import { n, path, rect, type SceneNode } from './scene.ts';

export interface LaneRow {
  readonly el: 0 | 1 | 2;
  /** Null: all VMs. */
  readonly vmid: number | null;
  readonly y: number;
  readonly h: number;
}

/** x of a step in a strip of `width` pixels that shows steps `from` to `to`. */
export const laneX = (step: number, from: number, to: number, width: number): number =>
  to > from ? ((step - from) / (to - from)) * width : 0;

/**
 * Bars of one lane: a plain path, and one of VMs other than the first that gets a pattern as well. Spans narrower than a pixel keep one
 * pixel, so that a short visit is never lost.
 */
export function laneBars(spans: readonly LaneSpan[], row: LaneRow, from: number, to: number, width: number, smallest = 1): SceneNode[] {
  let plain = '';
  let cut = '';
  for (const span of spans) {
    if (span.el !== row.el || (row.vmid !== null && row.vmid !== span.vmid)) continue;
    const x = laneX(Math.max(span.from, from), from, to, width);
    const w = Math.max(smallest, laneX(Math.min(span.to, to), from, to, width) - x);
    const bar = `M${n(x)} ${n(row.y)}h${n(w)}v${n(row.h)}h${n(-w)}z`;
    if (span.vmid > 1 && row.el < 2) cut += bar;
    else plain += bar;
  }
  const nodes: SceneNode[] = [];
  if (plain) nodes.push(path(plain, `f-el${row.el}`));
  if (cut) nodes.push(path(cut, `f-el${row.el}`), path(cut, 'p-cut-on'));
  return nodes;
}

/** The strip of the dock: three lanes, without names and axis. */
export function laneStrip(spans: readonly LaneSpan[], from: number, to: number, width: number): { nodes: SceneNode[]; height: number } {
  const h = 13;
  const gap = 3;
  const nodes = ([2, 1, 0] as const).flatMap((el, i) => [
    rect(0, i * (h + gap), width, h, 'f-sunken'),
    ...laneBars(spans, { el, vmid: null, y: i * (h + gap), h }, from, to, width),
  ]);
  return { nodes, height: 3 * h + 2 * gap };
}
