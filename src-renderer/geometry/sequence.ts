/** Traps in order as a sequence diagram: a lifeline for each level and VM and for the firmware, an arrow for each event. */
import { scalePoint } from 'd3';
import type { Lane, TrapRow } from '../../emulator/session/views.ts';
import { count, grouped } from './numbers.ts';
import { arrowHead, group, line, path, rect, rounded, text, type Scene, type SceneNode } from './scene.ts';
import { fit, textWidth } from './text.ts';

export interface SequenceOptions {
  readonly width: number;
  readonly height: number;
  /** Index of the trap that is chosen. */
  readonly chosen: number | null;
  /** The instant shown. */
  readonly at: number;
}

interface Lifeline {
  readonly key: string;
  /** Undefined: the firmware. */
  readonly lane: Lane | undefined;
  readonly title: string;
  readonly subtitle: string;
  readonly x: number;
}

const HEAD = 44;
const PITCH = 30;
/** Room for the instants at the left. */
const LEFT = 92;
const BAR = 8;
/** Room for half a name at both ends. */
const SIDE = 42;
/** How far an arrow that comes back to its own lifeline goes out. */
const HOOK = 22;
/** Lifelines stand no closer than this: of more, only those that take part are drawn. */
const CLOSEST = 84;

/** How many events fit into a height. */
export const sequenceRows = (height: number): number => Math.max(1, Math.floor((height - HEAD - 8) / PITCH));

/** `rows`: the events in sight, one after the other; `lanes`: all that ran in the recording. */
export function sequenceScene(rows: readonly TrapRow[], lanes: readonly Lane[], options: SequenceOptions): Scene {
  const { width, chosen, at } = options;
  const lifelines = lifelinesOf(rows, lanes, width);
  const find = (key: string): Lifeline => lifelines.find((one) => one.key === key)!;
  const y = (i: number): number => HEAD + 20 + i * PITCH;
  const bottom = HEAD + rows.length * PITCH;
  const nodes: SceneNode[] = [];

  rows.forEach((row, i) => {
    const top = HEAD + i * PITCH;
    const isChosen = row.index === chosen;
    const ground = [rect(0, top, width, PITCH, isChosen ? 'f-sel' : 'f-surface'), ...(isChosen ? [rect(0, top, 3, PITCH, 'f-ink')] : [])];
    const instant = text(12, y(i) + 4, grouped(row.n), `mono micro ${row.n < at ? 'f-ink2' : 'f-ink3'}`);
    nodes.push(group([...ground, instant], { key: `row${row.index}`, id: `trap:${row.index}`, label: row.name }));
  });
  for (const { x, title, subtitle, lane } of lifelines) {
    nodes.push(line(x, HEAD, x, bottom, 's-line2'));
    nodes.push(text(x, 18, title, `bold middle ${lane ? `f-el${lane.el}-ink` : 'f-ink'}`), text(x, 34, subtitle, 'micro middle f-ink3'));
  }
  // Who runs between one event and the next.
  rows.forEach((row, i) => {
    if (i === 0) nodes.push(...runs(find(keyOf(row.from, row.vmid)), HEAD, y(0)));
    nodes.push(...runs(find(keyOf(row.to, row.vmid)), y(i), i + 1 < rows.length ? y(i + 1) : bottom));
  });
  rows.forEach((row, i) => nodes.push(arrow(row, find(keyOf(row.from, row.vmid)), targetOf(row, find), y(i), width)));
  nodes.push(...nowLine(rows, at, width));
  return {
    width,
    height: Math.max(options.height, bottom + 8),
    label: rows.length > 0 ? `${count(rows.length, 'event')} in order, from step ${grouped(rows[0].n)}` : 'No events',
    nodes,
    table: [
      ['Instant', 'From', 'To', 'What'],
      ...rows.map((row) => {
        const target = row.kind === 'psci' ? 'Firmware' : `EL${row.to}`;
        return [grouped(row.n), `EL${row.from}`, target, `${row.name} ${row.text}`];
      }),
    ],
  };
}

const keyOf = (el: number, vmid: number): string => (el === 2 ? '2' : `${el} ${vmid}`);
const firmware = 'firmware';
const targetOf = (row: TrapRow, find: (key: string) => Lifeline): Lifeline =>
  find(row.kind === 'psci' ? firmware : keyOf(row.to, row.vmid));

/** From the left: users, guests, the hypervisor, the firmware. */
function lifelinesOf(rows: readonly TrapRow[], lanes: readonly Lane[], width: number): Lifeline[] {
  const part = new Set(rows.flatMap((row) => [keyOf(row.from, row.vmid), keyOf(row.to, row.vmid)]));
  const known = new Map<string, Lane>(lanes.map((lane) => [keyOf(lane.el, lane.vmid), lane]));
  for (const { from, to, vmid } of rows) for (const el of [from, to]) known.set(keyOf(el, vmid), { el, vmid: el === 2 ? 0 : vmid });
  const hasFirmware = rows.some(({ kind }) => kind === 'psci');
  const isTight = (width - LEFT) / (known.size + 1) < CLOSEST;
  const shown = [...known].filter(([key]) => !isTight || part.has(key)).sort(([, a], [, b]) => a.el - b.el || a.vmid - b.vmid);
  const keys = [...shown.map(([key]) => key), ...(hasFirmware ? [firmware] : [])];
  /** The names at both ends need some room. */
  const place = scalePoint(keys, [LEFT + SIDE, width - SIDE]);
  const x = (key: string): number => place(key)!;
  const titles = { 0: 'User', 1: 'Guest', 2: 'Hypervisor' };
  const lines = shown.map(([key, lane]): Lifeline => {
    const subtitle = lane.el < 2 && lane.vmid > 0 ? `VM ${lane.vmid}` : titles[lane.el];
    return { key, lane, title: `EL${lane.el}`, subtitle, x: x(key) };
  });
  return hasFirmware ? [...lines, { key: firmware, lane: undefined, title: 'Firmware', subtitle: 'PSCI', x: x(firmware) }] : lines;
}

/** The bar of a lifeline while it runs; VMs other than the first have their second channel. */
function runs({ lane, x }: Lifeline, from: number, to: number): SceneNode[] {
  if (!lane) return [];
  const bar = (cls: string): SceneNode => rect(x - BAR / 2, from, BAR, to - from, cls);
  return lane.el < 2 && lane.vmid > 1 ? [bar(`f-el${lane.el}`), bar('p-cut-on')] : [bar(`f-el${lane.el}`)];
}

function arrow(row: TrapRow, from: Lifeline, to: Lifeline, y: number, width: number): SceneNode {
  const isReturn = row.kind === 'return';
  const colour = isReturn ? 'ink2' : row.kind === 'psci' ? 'ink' : `el${row.to}`;
  const stroke = `s-${colour} w15${isReturn ? ' dashed' : ''}`;
  const words = isReturn
    ? row.text
    : row.kind === 'psci'
      ? `PSCI ${row.text}`
      : row.text.startsWith(row.name.toLowerCase())
        ? row.text
        : `${row.name}: ${row.text}`;
  const nodes: SceneNode[] = [];
  if (from === to) {
    // Out to where there is room, and back.
    const side = from.x + HOOK + 60 < width ? 1 : -1;
    const edge = from.x + (side * BAR) / 2;
    const turn = edge + side * HOOK;
    const hook = [
      [edge, y - 5],
      [turn, y - 5],
      [turn, y + 4],
      [edge, y + 4],
    ] as const;
    nodes.push(path(rounded(hook, 4), stroke));
    nodes.push(arrowHead(edge, y + 4, side > 0 ? 'left' : 'right', `f-${colour}`, 7));
    const room = side > 0 ? width - edge - HOOK - 12 : edge - LEFT - HOOK - 12;
    nodes.push(...label(words, side > 0 ? edge + HOOK + 6 : edge - HOOK - 6, y + 3.5, room, side < 0));
    return group(nodes, { key: `arrow${row.index}`, id: `trap:${row.index}`, label: row.name });
  }
  const side = to.x > from.x ? 1 : -1;
  const start = from.x + (side * BAR) / 2;
  const end = to.x - side * (to.lane ? BAR / 2 : 1);
  nodes.push(line(start, y, end - side * 6, y, stroke), arrowHead(end, y, side > 0 ? 'right' : 'left', `f-${colour}`, 7));
  const left = Math.min(start, end) + 8;
  nodes.push(...label(words, left, y - 5, Math.abs(end - start) - 18, false));
  return group(nodes, { key: `arrow${row.index}`, id: `trap:${row.index}`, label: row.name });
}

/** Words on an arrow; lifelines behind them give way. */
function label(words: string, x: number, y: number, room: number, fromRight: boolean): SceneNode[] {
  const content = fit(words, room, 'small');
  const width = textWidth(content, 'small');
  const left = fromRight ? x - width : x;
  return [text(left, y, content, 'small f-ink', { whole: words })];
}

/** Where the machine stands among the events. */
function nowLine(rows: readonly TrapRow[], at: number, width: number): SceneNode[] {
  if (rows.length === 0) return [];
  const before = rows.filter(({ n: step }) => step < at).length;
  // Before the first or after the last in sight, the machine may stand anywhere.
  if ((before === 0 && at !== rows[0].n) || (before === rows.length && at > rows[rows.length - 1].n + 1)) return [];
  const y = HEAD + before * PITCH;
  return [line(0, y, width, y, 's-ink w15 dashed')];
}
