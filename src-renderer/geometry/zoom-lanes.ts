/** A stretch of the recording, large enough to read: one lane per level and VM, each event a riser or a faller with its name. */
import type { LanesView, LaneSpan, TrapRow } from '../../emulator/session/views.ts';
import { forgotten, laneBars, laneScale, laneShapes, type LaneRow } from './lanes.ts';
import { grouped } from './numbers.ts';
import { group, line, n, path, rect, text, type Scene, type SceneNode } from './scene.ts';
import { textWidth } from './text.ts';

export interface ZoomLanesOptions {
  readonly width: number;
  readonly height: number;
  /** The trap that is chosen. */
  readonly chosen: TrapRow | null;
  /** The instant shown. */
  readonly at: number;
}

export interface ZoomLanes extends Scene {
  /** What lies under the rest: the ground of the lanes and their bars. `nodes` holds it too. */
  readonly ground: readonly SceneNode[];
  readonly front: readonly SceneNode[];
  /** Bars that can be told apart. */
  readonly shapes: number;
}

/** Where the lanes begin, from the left; how much the right edge keeps free. */
/** What they can be read in, in CSS pixels. */
export const leastLanes = { width: 0, height: 130 } as const;
export const lanesLeft = 104;
export const lanesRight = 8;
const TOP = 38;
/** Lanes of one level that have their own row; what is more shares the last one. */
const MOST_ROWS = 4;

/** `traps`: those that may be named, in order. */
export function zoomLanes(view: LanesView, traps: readonly TrapRow[], options: ZoomLanesOptions): ZoomLanes {
  const { from, to, spans } = view;
  const { width, height, chosen, at } = options;
  const named = rowsOf(view);
  const room = width - lanesLeft - lanesRight;
  const pitch = Math.min(56, (height - TOP - 6) / Math.max(1, named.length));
  const h = Math.min(34, Math.max(pitch * 0.6, pitch - 8));
  const rows = named.map((row, i) => ({ ...row, y: TOP + i * pitch, h }));
  const scale = laneScale(from, to, room);
  const x = (step: number): number => lanesLeft + scale(step);
  const bottom = TOP + named.length * pitch;
  const ground: SceneNode[] = [];
  const front: SceneNode[] = [];

  for (const tick of scale.ticks(Math.max(2, Math.round(room / 150))).filter(Number.isInteger)) {
    const content = grouped(tick);
    ground.push(line(x(tick), 4, x(tick), bottom, 's-line'));
    if (x(tick) + textWidth(content, 'micro') + 8 < lanesLeft + room) front.push(text(x(tick) + 5, 12, content, 'mono micro f-ink3'));
  }
  for (const row of rows) {
    ground.push(rect(lanesLeft, row.y, room, row.h, 'f-sunken'));
    front.push(text(0, row.y + row.h / 2 + 4.5, `EL${row.el}`, `bold f-el${row.el}-ink`));
    front.push(text(34, row.y + row.h / 2 + 4, row.name, 'micro f-ink3'));
  }
  ground.push(
    group(
      rows.flatMap((row) => laneBars(view, row, room, 1.5)),
      { dx: lanesLeft },
    ),
  );
  const gone = forgotten(view, room, TOP, bottom - TOP);
  if (gone.length > 0) front.push(group(gone, { dx: lanesLeft }));
  front.push(...handOvers(view, spans ?? [], rows, x));
  for (const { n } of view.changes) front.push(line(x(n), 20, x(n), bottom, 's-ink'), path(diamond(x(n), bottom), 'f-ink'));
  front.push(...labels(traps, chosen, view, room, bottom));
  if (at >= from && at <= to) front.push(line(x(at), 20, x(at), bottom, 's-ink w15 dashed'));
  return {
    width,
    height: Math.max(height, bottom),
    label: `Levels from step ${grouped(from)} to ${grouped(to)}`,
    nodes: [...ground, ...front],
    ground,
    front,
    shapes: laneShapes(view),
    table: [
      ['Instant', 'Kind', 'From', 'To'],
      ...traps.map((trap) => [grouped(trap.n), trap.name, `EL${trap.from}`, `EL${trap.to}`]),
      ...view.changes.map(({ n, text: what }) => [grouped(n), what, '', '']),
    ],
  };
}

type NamedRow = Omit<LaneRow, 'y' | 'h'> & { readonly name: string };

/** One row for EL2, and one for each VM at EL1 and EL0, from the top. */
function rowsOf({ lanes }: LanesView): NamedRow[] {
  return ([2, 1, 0] as const).flatMap((el): NamedRow[] => {
    const own = lanes.flatMap((lane, index) => (lane.el === el ? [index] : [])).sort((a, b) => lanes[a].vmid - lanes[b].vmid);
    if (el === 2) return own.length > 0 ? [{ el, lanes: own, name: 'Hypervisor' }] : [];
    const alone = own.length > MOST_ROWS ? own.slice(0, MOST_ROWS - 1) : own;
    const rest = own.slice(alone.length);
    const rows = alone.map((lane) => ({ el, lanes: [lane], name: lanes[lane].vmid === 0 ? '' : `VM ${lanes[lane].vmid}` }));
    return rest.length > 0 ? [...rows, { el, lanes: rest, name: `${rest.length} more VMs` }] : rows;
  });
}

/** Lines where one lane hands over to another: up in the colour of the level that takes the exception, down in grey. */
function handOvers({ lanes }: LanesView, spans: readonly LaneSpan[], rows: readonly LaneRow[], x: (step: number) => number): SceneNode[] {
  const rowOf = (span: LaneSpan): LaneRow | undefined =>
    rows.find((row) => row.lanes.some((lane) => lanes[lane].el === span.el && lanes[lane].vmid === span.vmid));
  const nodes: SceneNode[] = [];
  for (let i = 1; i < spans.length; i++) {
    const before = rowOf(spans[i - 1]);
    const after = rowOf(spans[i]);
    if (!before || !after || before === after) continue;
    const at = x(spans[i].from);
    const up = after.y < before.y;
    nodes.push(line(at, up ? before.y : before.y + before.h, at, up ? after.y + after.h : after.y, up ? `s-el${after.el} w15` : 's-ink3'));
  }
  return nodes;
}

/** What marks a change by hand: the foot of its line. */
const diamond = (x: number, y: number): string => `M${n(x)} ${n(y - 4)}l4 4l-4 4l-4 -4z`;

/** What was changed by hand and names of exceptions, where they have room; the chosen exception always. */
function labels(
  traps: readonly TrapRow[],
  chosen: TrapRow | null,
  { from, to, changes }: LanesView,
  room: number,
  bottom: number,
): SceneNode[] {
  const nodes: SceneNode[] = [];
  const flagged = chosen && chosen.n >= from && chosen.n <= to ? chosen : null;
  const scale = laneScale(from, to, room);
  const place = (step: number): number => lanesLeft + scale(step);
  const width = flagged ? textWidth(flagged.name, 'small bold') + 14 : 0;
  const start = flagged ? place(flagged.n) : Infinity;
  // At the right end the flag hangs to the left.
  const flag = start + width > lanesLeft + room ? start - width + 1 : start - 1;
  const taken: (readonly [from: number, to: number])[] = flagged ? [[flag - 4, flag + width + 4]] : [];
  /** Takes the room for a text from `at` on, if it is free. */
  const take = (at: number, content: string): boolean => {
    const end = at + textWidth(content, 'small') + 8;
    if (at < lanesLeft || end > lanesLeft + room || taken.some(([left, right]) => end > left && at < right)) return false;
    taken.push([at, end]);
    return true;
  };
  for (const { n: step, text: what } of changes) {
    const sides = [place(step) + 5, place(step) - 8 - textWidth(what, 'small')];
    const free = sides.find((at) => take(at, what));
    if (free !== undefined) nodes.push(text(free, 30.5, what, 'small f-ink2'));
  }
  for (const { index, kind, name, n: step } of traps) {
    const at = place(step);
    if (kind === 'return' || index === flagged?.index || !take(at, name)) continue;
    nodes.push(group([text(at, 30.5, name, 'small f-ink2')], { key: `trap${index}`, id: `trap:${index}`, label: name }));
  }
  if (flagged) {
    const shapes = [
      line(start, 19, start, bottom, 's-ink w15'),
      rect(flag, 18, width, 17, 'f-ink', 3),
      text(flag + 7, 30.5, flagged.name, 'small bold f-onink'),
    ];
    nodes.push(group(shapes, { key: `trap${flagged.index}`, id: `trap:${flagged.index}`, label: flagged.name }));
  }
  return nodes;
}
