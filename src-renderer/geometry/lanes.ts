/** Which level ran when: bars of lanes over the steps of the recording. */
import { scaleLinear, type ScaleLinear } from 'd3';
import type { Lane, LanesView, Level } from '../../emulator/session/views.ts';
import { n, path, rect, text, type SceneNode } from './scene.ts';
import { textWidth } from './text.ts';

/** One row of a picture: a lane, or several that share it, which are then stacked. */
export interface LaneRow {
  readonly el: Level;
  /** Indices of its lanes in the view. */
  readonly lanes: readonly number[];
  readonly y: number;
  readonly h: number;
}

/** The stretch of a picture of which nothing is known any more: hatched, with a word where that has room. */
export function forgotten({ from, to, keptFrom }: LanesView, width: number, y: number, height: number): SceneNode[] {
  if (keptFrom <= from) return [];
  const w = laneScale(from, to, width)(Math.min(keptFrom, to));
  const word = forgottenWords.find((words) => textWidth(words, 'micro') + 16 < w);
  const wide = word === undefined ? 0 : textWidth(word, 'micro') + 12;
  const middle = y + height / 2;
  return [
    rect(0, y, w, height, 'p-hatch-absent'),
    ...(word === undefined
      ? []
      : [rect((w - wide) / 2, middle - 8, wide, 16, 'f-surface', 3), text((w - wide) / 2 + 6, middle + 4, word, 'micro f-ink2')]),
  ];
}
const forgottenWords = ['no longer in the recording', 'forgotten'];

/** A share of 1. */
const FULL = 255;

/** From steps to pixels in a strip of `width` pixels that shows steps `from` to `to`; a stretch has one step at least. */
export const laneScale = (from: number, to: number, width: number): ScaleLinear<number, number> =>
  scaleLinear([from, Math.max(to, from + 1)], [0, width]);

/** VMs other than the first have a second channel beside the colour of their level. */
export const isCut = ({ el, vmid }: Lane): boolean => el < 2 && vmid > 1;
/** What the cut means, for keys. */
export const cutText = (lanes: readonly Lane[]): string => {
  const vmids = new Set(lanes.filter(isCut).map(({ vmid }) => vmid));
  return vmids.size === 1 ? `VM ${[...vmids][0]}` : 'VM 2 and more';
};

/**
 * Bars of one row. A span fills the row, and keeps `smallest` pixels, so that a short visit is never lost. Where the view has shares, a
 * bin is as high as its share of time: the lanes of a row on top of each other.
 */
export function laneBars(view: LanesView, row: LaneRow, width: number, smallest = 1): SceneNode[] {
  return view.spans ? spanBars(view, row, width, smallest) : shareBars(view, row, width);
}

function spanBars({ spans, lanes, from, to }: LanesView, row: LaneRow, width: number, smallest: number): SceneNode[] {
  const shown = row.lanes.map((lane) => lanes[lane]);
  let plain = '';
  let cut = '';
  const scale = laneScale(from, to, width);
  for (const span of spans ?? []) {
    if (!shown.some(({ el, vmid }) => el === span.el && vmid === span.vmid)) continue;
    const x = scale(Math.max(span.from, from));
    const w = Math.max(smallest, scale(Math.min(span.to, to)) - x);
    const bar = `M${n(x)} ${n(row.y)}h${n(w)}v${n(row.h)}h${n(-w)}z`;
    if (isCut(span)) cut += bar;
    else plain += bar;
  }
  return [...bars(plain, row.el, false), ...bars(cut, row.el, true)];
}

function shareBars({ shares, lanes }: LanesView, row: LaneRow, width: number): SceneNode[] {
  // Cut lanes lie on top: the outline of all is drawn first, that of the plain ones over it.
  const plain = row.lanes.filter((lane) => !isCut(lanes[lane]));
  const outline = (of: readonly number[]): string =>
    of.length > 0
      ? shareOutline(
          of.map((lane) => shares![lane]),
          row,
          width,
        )
      : '';
  const isMixed = plain.length < row.lanes.length;
  return [...(isMixed ? bars(outline(row.lanes), row.el, true) : []), ...bars(outline(plain), row.el, false)];
}

/** x of the left edge of each bin and the right one of the last, as text: the same in one picture after the other. */
function edges(count: number, width: number): readonly string[] {
  if (lastEdges.count !== count || lastEdges.width !== width)
    lastEdges = { count, width, x: Array.from({ length: count + 1 }, (_, bin) => n((bin / count) * width)) };
  return lastEdges.x;
}
let lastEdges: { count: number; width: number; x: readonly string[] } = { count: 0, width: 0, x: [] };

/** The outline of bins that stand on the bottom of the row, as high as their share of time; what ran at all shows. */
function shareOutline(shares: readonly (readonly number[])[], { y, h }: LaneRow, width: number): string {
  const count = shares[0].length;
  const smallest = Math.min(2, h);
  const height = (bin: number): number => {
    let share = 0;
    for (const lane of shares) share += lane[bin];
    return share === 0 ? 0 : Math.max(smallest, (Math.min(FULL, share) / FULL) * h);
  };
  const bottom = n(y + h);
  const left = edges(count, width);
  /** Tops by height: there are no more of them than shares. */
  const tops = new Map<number, string>();
  const topOf = (height: number): string => {
    let top = tops.get(height);
    if (top === undefined) tops.set(height, (top = `V${n(y + h - height)}`));
    return top;
  };
  let d = '';
  let before = 0;
  for (let bin = 0; bin <= count; bin++) {
    const now = bin < count ? height(bin) : 0;
    if (now === before) continue;
    const x = left[bin];
    // The pen is at the top of the previous bin, or nowhere.
    if (before === 0) d += `M${x} ${bottom}`;
    else d += `H${x}`;
    d += now === 0 ? `V${bottom}z` : topOf(now);
    before = now;
  }
  return d;
}

function bars(d: string, el: Level, cut: boolean): SceneNode[] {
  if (!d) return [];
  return cut ? [path(d, `f-el${el}`), path(d, 'p-cut-on')] : [path(d, `f-el${el}`)];
}

/** Shapes that a reader can see: more than some thousands are drawn on a canvas. */
export const laneShapes = ({ spans, shares }: LanesView): number =>
  spans ? spans.length : (shares ?? []).reduce((sum, lane) => sum + lane.reduce((bins, share) => bins + (share > 0 ? 1 : 0), 0), 0);

/** The strip of the dock: three rows for all VMs, without names and axis. `front`: what lies over the bars; `nodes` holds it too. */
export function laneStrip(view: LanesView, width: number): { nodes: SceneNode[]; ground: SceneNode[]; front: SceneNode[]; height: number } {
  const h = 13;
  const gap = 3;
  const ground = ([2, 1, 0] as const).flatMap((el, i) => {
    const lanes = view.lanes.flatMap((lane, index) => (lane.el === el ? [index] : []));
    return [rect(0, i * (h + gap), width, h, 'f-sunken'), ...laneBars(view, { el, lanes, y: i * (h + gap), h }, width)];
  });
  const height = 3 * h + 2 * gap;
  const front = forgotten(view, width, 0, height);
  return { nodes: [...ground, ...front], ground, front, height };
}
