/** The tower of exception levels, before, during and after an exception or a return. */
import type { LevelsView } from '../../../emulator/session/views.ts';
import { arrowHead, circle, group, n, path, rect, rounded, text, type Scene, type SceneNode } from '../scene.ts';
import { fit, textWidth, wrap } from '../text.ts';
import { gate, ruleBits, type Gate } from './gate.ts';
import { layout, type FloorBox, type Layout } from './layout.ts';
import { moment, type Moment } from './moment.ts';
import { registerNode, riderNode } from './registers.ts';
import { card, vectorTable, type Card, type Slot, type Vectors } from './sides.ts';

export interface TowerOptions {
  /** Room in CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Sub-steps of the event that have been done; all when absent. */
  readonly step?: number | undefined;
  /** `essential`: what the event touched and little more, for slides. */
  readonly detail?: 'auto' | 'essential' | undefined;
}

/** What it can be read in, in CSS pixels. */
export const leastTower = (view: LevelsView): { width: number; height: number } => ({
  width: 620,
  height: layout(view, 620, 0, 'auto').height,
});

export function tower(view: LevelsView, options: TowerOptions): Scene {
  const detail = options.detail ?? 'auto';
  const scale = Math.min(1.7, Math.max(1, Math.min(options.width / 880, options.height / (detail === 'auto' ? 590 : 460))));
  const now = moment(view, options.step);
  const place = layout(view, options.width / scale, options.height / scale, detail);
  const boxOf = (el: number): FloorBox | undefined => place.floors.find((box) => box.floor.el === el);
  const move = view.event ?? view.preflight;
  const fromBox = move ? boxOf(move.from) : undefined;
  const toBox = move && move.to !== null ? boxOf(move.to) : undefined;

  const vectorBox = view.event?.kind === 'exception' ? toBox : move ? undefined : boxOf(view.vectors.el);
  const vectors =
    vectorBox && vectorBox.floor.el === view.vectors.el && vectorBox.h > 100
      ? vectorTable(view, vectorBox, place.x, now, place.compact)
      : undefined;
  const cause =
    fromBox && move ? causeCard(view, fromBox, place, causeSlot(fromBox, toBox, fromBox === vectorBox ? vectors : undefined)) : undefined;
  const lands =
    toBox && move && view.event?.kind !== 'exception' ? landingCard(view, toBox, place, landingSlot(toBox, fromBox)) : undefined;
  const door = gate(view, place);

  const nodes: SceneNode[] = [
    ...place.floors.map((box) => floorNode(box, view, now, place)),
    ...(vectors ? [vectors.node] : []),
    ...(cause ? arrow(view, now, place, cause, lands, vectors, door) : []),
    group(door.nodes, { key: 'boundary' }),
    ...(cause ? [cause.node] : []),
    ...(lands ? [lands.node] : []),
  ];
  return { width: place.width, height: place.height, label: sentence(view), nodes, table: table(view, now) };
}

function floorNode(box: FloorBox, view: LevelsView, now: Moment, place: Layout): SceneNode {
  const { floor, y, h } = box;
  const { x, compact } = place;
  const { el } = floor;
  const w = x.right - x.left;
  if (!floor.present)
    return group(
      [
        rect(x.left, y, w, h, 'p-hatch-absent s-el3-line dashed', 6),
        text(x.label, y + h / 2 + 4.5, `EL${el}`, `bold f-el${el}-ink`),
        text(x.label + 36, y + h / 2 + 4.5, floor.title, 'f-ink2'),
        text(x.right - 16, y + h / 2 + 4.5, floor.notes[0] ?? 'Not implemented', 'small f-ink3 end'),
      ],
      { key: `floor${el}` },
    );
  const running = now.level === el;
  const nodes: (SceneNode | null)[] = [
    rect(x.left, y, w, h, running ? `f-el${el}-tint s-el${el} w15` : `f-surface s-el${el}-line`, 8),
    path(`M${n(x.left + 7)} ${n(y)}a7 7 0 0 0 -7 7V${n(y + h - 7)}a7 7 0 0 0 7 7z`, `f-el${el}`),
  ];
  if (el === 0) nodes.push(...groundFloor(box, view, now, place));
  else nodes.push(...upperFloor(box, view, now, place, running, compact));
  return group(nodes, { key: `floor${el}`, id: `floor:${el}`, label: `EL${el}, ${floor.title}` });
}

function pill(x: number, y: number, el: number, words: string, compact: boolean): SceneNode {
  const pad = compact ? 5 : 11;
  return group(
    [
      rect(x, y, 56 + 2 * pad, 20, `f-el${el}`, 10),
      circle(x + pad, y + 10, 3, `f-on-el${el}`),
      text(x + pad + 9, y + 14.2, words, `f-on-el${el} small bold`),
    ],
    { key: 'running', enter: 'fade' },
  );
}

function upperFloor(box: FloorBox, view: LevelsView, now: Moment, place: Layout, running: boolean, compact: boolean): (SceneNode | null)[] {
  const { floor, y } = box;
  const { x } = place;
  const lines = (compact ? floor.notes.slice(0, 1) : floor.notes).flatMap((note) => wrap(note, x.labelWidth, 'small f-ink2', 3));
  // As many as stand above the end of the floor, or above the pill.
  const notes = lines.slice(0, Math.min(3, Math.max(running ? 0 : 1, Math.floor((box.h - (running ? 94 : 64)) / 16))));
  const top = y + 9 + 42 + 22;
  // Values written by the event travel from the instruction that caused it.
  const { event } = view;
  const source = event && place.floors.find((other) => other.floor.el === event.from);
  const from = source ? { x: x.side, y: source.y + source.h - 30 } : undefined;
  return [
    text(x.label, y + 37, `EL${floor.el}`, `display f-el${floor.el}-ink`),
    text(x.label, y + 57, fit(floor.title, x.labelWidth + 13, 'bold'), 'bold'),
    ...notes.map((note, i) => text(x.label, y + 74 + i * 16, fit(note, x.labelWidth, 'small'), 'small f-ink2')),
    running
      ? pill(x.label - (compact ? 4 : 0), y + 84 + (notes.length - 1) * 16, floor.el, view.stopped ? 'Stopped' : 'Running', compact)
      : null,
    running ? riderNode(box, x, now, compact) : null,
    ...box.columns.flatMap((column, c) =>
      column.map((register, row) =>
        registerNode(register, now, {
          x: x.registers[c],
          width: x.registerWidths[c],
          y: top + row * box.rowHeight,
          rowHeight: box.rowHeight,
          columns: x,
          compact,
          el: floor.el,
          from,
        }),
      ),
    ),
  ];
}

/** EL0 is one line high: the rider replaces its registers while it runs. */
function groundFloor(box: FloorBox, view: LevelsView, now: Moment, place: Layout): (SceneNode | null)[] {
  const { floor, y, h } = box;
  const { x, compact } = place;
  const baseline = y + h / 2 + 5;
  const running = now.level === 0;
  const busy = view.event?.from === 0 || view.event?.to === 0 || view.preflight?.to === 0;
  const nodes: (SceneNode | null)[] = [
    text(x.label, baseline, 'EL0', 'title bold f-el0-ink'),
    text(x.label + (compact ? 42 : 46), baseline - 0.5, fit(floor.title, x.labelWidth - (compact ? 31 : 40), 'f-ink2'), 'f-ink2'),
  ];
  if (running) nodes.push(riderNode(box, x, now, compact));
  else
    floor.registers.slice(0, 2).forEach((register, i) => {
      nodes.push(
        registerNode(register, now, {
          x: x.registers[i],
          width: x.registerWidths[i],
          y: baseline,
          rowHeight: 20,
          columns: x,
          compact,
          el: 0,
          from: undefined,
        }),
      );
    });
  const note = floor.notes[0];
  if (note && !busy && textWidth(note, 'small f-ink3') < x.sideWidth + 20)
    nodes.push(text(x.right - 16, baseline, note, 'small f-ink3 end'));
  return nodes;
}

/** Between a return's two cards on one floor. */
const HALF_GAP = 9;
const end = (box: FloorBox): number => box.y + box.h;
const middle = (box: FloorBox): number => box.y + box.h / 2;

/** A return leaves from the middle of its floor, so that its arrow is seen; an exception from the bottom, below the vector table if it is here. */
function causeSlot(from: FloorBox, to: FloorBox | undefined, vectors: Vectors | undefined): Slot {
  if (vectors) return { top: vectors.bottom, bottom: end(from), align: 'bottom' };
  if (to === from) return { top: from.y, bottom: middle(from) - HALF_GAP + 8, align: 'bottom' };
  return { top: from.y, bottom: end(from), align: to && to.floor.el < from.floor.el ? 'middle' : 'bottom' };
}
const landingSlot = (to: FloorBox, from: FloorBox | undefined): Slot => ({
  top: to === from ? middle(to) + HALF_GAP - 4 : to.y,
  bottom: end(to),
  align: 'bottom',
});

function causeCard(view: LevelsView, box: FloorBox, place: Layout, slot: Slot): Card {
  const { event, preflight } = view;
  const content = event ?? preflight!;
  return card(
    box,
    place.x,
    place.compact,
    {
      key: 'cause',
      title: content.cause.text,
      right: event ? event.cause.operands : 'next instruction',
      place: content.cause.place,
      dashed: false,
    },
    slot,
  );
}

function landingCard(view: LevelsView, box: FloorBox, place: Layout, slot: Slot): Card {
  const { event, preflight } = view;
  const target = event?.target ?? preflight!.lands.place;
  return card(
    box,
    place.x,
    place.compact,
    {
      key: 'lands',
      title: target.address,
      right: event ? 'landed here' : 'will land here',
      place: target,
      goal: preflight && { instruction: preflight.lands.text, note: preflight.lands.note },
      dashed: !event,
    },
    slot,
  );
}

const BEND = 10;
/** The arrow from the instruction, through the gate, to the vector slot (exception) or the place it lands (return). */
function arrow(
  view: LevelsView,
  now: Moment,
  place: Layout,
  cause: Card,
  lands: Card | undefined,
  vectors: Vectors | undefined,
  door: Gate,
): SceneNode[] {
  const { event, preflight } = view;
  const move = event ?? preflight!;
  if (move.to === null) return [];
  const x = place.x.gutter;
  const happened = event !== null && now.arrived;
  const colour = (el: number): string => `s-el${el} ${happened ? 'w4' : 'w2 dashedLong'}`;
  const start = circle(cause.x + 8, cause.y + (move.from > move.to ? cause.h : 0), 5, `f-el${move.from}`, { key: 'start' });
  const key = happened ? 'arrow' : 'plan';
  const enter = happened ? ({ enter: 'draw' } as const) : {};
  if (vectors) {
    const goal = place.x.side - 5;
    const midY = event!.from === event!.to ? (cause.y + vectors.rowY) / 2 : (door.top + door.bottom) / 2;
    // Out of the card to the gutter, up to the gate in the colour of the level left, on in the colour of the level entered.
    const y = cause.y + 14;
    const first = [
      [cause.x, y],
      [x, y],
      [x, midY],
    ] as const;
    const second = [
      [x, midY],
      [x, vectors.rowY],
      [goal - 6, vectors.rowY],
    ] as const;
    return [
      group([path(rounded(first, BEND), `s-el${move.from} w4`)], { key: 'rise' }),
      group(
        [
          path(rounded(second, Math.min(BEND, goal - 6 - x)), colour(event!.to), { key: 'line', ...enter }),
          happened ? arrowHead(goal + 3, vectors.rowY, 'right', `f-el${event.to}`, 10, { key: 'head', enter: 'fade' }) : null,
        ],
        { key },
      ),
      circle(cause.x, y, 4.5, `f-el${move.from}`, { key: 'start' }),
    ];
  }
  if (lands) {
    const lx = cause.x + 20;
    const [y1, y2] = [cause.y + cause.h, lands.y];
    return [
      group(
        [
          path(`M${n(lx)} ${n(y1)}V${n(y2 - 8)}`, colour(move.to), { key: 'line', ...enter }),
          arrowHead(lx, y2 - 1, 'down', `f-el${move.to}`, 10),
        ],
        { key },
      ),
      { ...start, x: lx, y: y1 },
    ];
  }
  return [];
}

function sentence(view: LevelsView): string {
  const { event, preflight, pstate } = view;
  if (event?.kind === 'exception') return `Exception levels at instant ${view.at}: ${event.type} from EL${event.from} to EL${event.to}`;
  if (event)
    return `Exception levels at instant ${view.at}: ${event.kind === 'return' ? 'return' : 'illegal return'} from EL${event.from} to EL${event.to}`;
  if (preflight)
    return `Exception levels at instant ${view.at}: before a return from EL${preflight.from}${preflight.to === null ? '' : ` to EL${preflight.to}`}`;
  const now = view.stopped ? `the machine has stopped at EL${pstate.el}` : `EL${pstate.el} is running`;
  return `Exception levels at instant ${view.at}: ${now}`;
}

function table(view: LevelsView, now: Moment): string[][] {
  const rows = [['Level', 'Register', 'Value', 'Meaning']];
  rows.push([`EL${now.level}`, 'PC', now.rider.pc.value, now.rider.symbol]);
  for (const floor of view.floors)
    for (const register of floor.registers)
      rows.push([`EL${floor.el} ${floor.title}`, register.name, now.shown(register).value, register.text]);
  const move = view.event ?? view.preflight;
  if (move) rows.push(['Rule', ruleBits(move.rule), '', move.rule.text]);
  return rows;
}
