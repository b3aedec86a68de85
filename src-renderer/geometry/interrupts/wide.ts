/** The way of an interrupt from the left to the right: the physical half above, the virtual one in its zone below. */
import type { InterruptsView, InterruptState, InterruptWay, StationRow } from '../../../emulator/session/views.ts';
import { grouped } from '../numbers.ts';
import { arrowHead, group, line, path, rect, rounded, text, type SceneNode } from '../scene.ts';
import { fit, textWidth } from '../text.ts';
import { boxHeight, link, mark, stationBox, tick } from './parts.ts';
import {
  distributorHold,
  distributorRows,
  interruptKey,
  physicalReach,
  physicalStations,
  virtualReach,
  virtualStations,
  type Reached,
  type Row,
  type Station,
} from './stations.ts';

/** Narrower than this, stations stand below each other. */
export const LEAST_WIDE = 1000;

const TOP = 54;
const ROW = 28;
/** Interrupts of which a row is drawn; the list beside the picture has all. */
const MOST_ROWS = 8;
/** The foot of the distributor, and of the boxes that say where it leads. */
const FOOT = 30;
const GAP = 26;
/** Shares of the width. */
const shares = { physical: [0.185, 0.36, 0.145, 0.165, 0.145], virtual: [0.34, 0.2, 0.22, 0.2] } as const;

interface Span {
  readonly x: number;
  readonly w: number;
}
interface Half {
  readonly nodes: readonly SceneNode[];
  readonly height: number;
}
/** With the places from where it goes on: the middle of the vector, and of the enable bits. */
interface Physical extends Half {
  readonly vectorX: number;
  readonly rowX: number;
}

function columns(x: number, w: number, of: readonly number[]): Span[] {
  const room = w - GAP * (of.length - 1);
  const sum = of.reduce((all, one) => all + one, 0);
  let at = x;
  return of.map((share) => {
    const wide = (room * share) / sum;
    at += wide + GAP;
    return { x: at - wide - GAP, w: wide };
  });
}
const heads = (list: readonly (readonly [x: number, title: string, more: string])[], y: number): SceneNode[] =>
  list.flatMap(([x, title, more]) => [text(x, y, title, 'bold'), ...(more ? [text(x, y + 15, more, 'small f-ink3')] : [])]);

const ofGic = ({ interrupts }: InterruptsView): readonly InterruptState[] => interrupts.filter(({ id }) => typeof id === 'number');
/** The chosen interrupt and those around it. */
function shownRows(view: InterruptsView): readonly InterruptState[] {
  const all = ofGic(view);
  const at = all.findIndex(({ id }) => id === view.chosen.id);
  const first = Math.max(0, Math.min(at - (MOST_ROWS >> 1), all.length - MOST_ROWS));
  return all.slice(first, first + MOST_ROWS);
}

export function physicalHalf(view: InterruptsView, x: number, w: number): Physical {
  const { physical } = view;
  const rows = shownRows(view);
  const [source, distributor, cpuInterface, cpu, vector] = columns(x, w, shares.physical);
  const reach = physicalReach(view);
  const own = rows.findIndex(({ id }) => id === view.chosen.id);
  const h = Math.max(boxHeight(view.cpuInterface.length), rows.length * ROW + 12 + FOOT);
  const y = TOP + 5 + Math.max(0, own) * ROW + 14;
  const stations = physicalStations(view);
  const rowsOf = (name: Station['name']): readonly Row[] => stations.find((one) => one.name === name)?.rows ?? [];
  const others = ofGic(view).length - rows.length;
  const to = physical ? `el${physical.to}` : 'ink';
  const state = (name: Station['name'] | 'vector'): Reached => (physical ? reach(name) : 'beside');
  const outline = physical && state('vector') === 'past' ? `s-${to}` : '';
  const nodes = [
    ...heads(
      [
        [source.x, 'Source', 'line now'],
        [distributor.x, 'Distributor', others > 0 ? `and ${others} more in use` : ''],
        [cpuInterface.x, 'CPU interface', ''],
        [cpu.x, 'Who takes it', ''],
        [vector.x, physical ? `EL${physical.to} vector` : 'Vector', ''],
      ],
      22,
    ),
    rect(distributor.x, TOP, distributor.w, h, 'f-sunken s-line2', 6),
    ...columnNames.map((name, i) => text(cellX(distributor, i), TOP - 6, name, 'micro f-ink3 middle')),
    ...rows.map((row, i) => interruptRow(view, row, TOP + 5 + i * ROW, source, distributor)),
    ...groupBits(view, rowsOf('distributor'), distributor, TOP + h - 11),
    ...(physical
      ? [
          ...link(distributor.x + distributor.w, cpuInterface.x, y, state('cpuInterface')),
          ...link(cpuInterface.x + cpuInterface.w, cpu.x, y, state('cpu')),
          ...link(cpu.x + cpu.w, vector.x, y, state('vector'), to, true),
        ]
      : []),
    ...stationBox(physical ? rowsOf('cpuInterface') : unmarked(view.cpuInterface), ...box(cpuInterface, TOP, h), state('cpuInterface')),
    ...stationBox(physical ? rowsOf('cpu') : unmarked(view.routing), ...box(cpu, TOP, h), state('cpu'), outline),
    ...leadsTo(physical, cpu, TOP + h),
    ...vectorBox(physical, vector, Math.min(Math.max(TOP, y - 32), TOP + h - 64), state('vector') === 'past'),
  ];
  return { nodes, height: TOP + h, vectorX: vector.x + vector.w / 2, rowX: cellX(distributor, 0) };
}
const unmarked = (rows: readonly StationRow[]): readonly Row[] => rows.map((row) => ({ ...row, holds: null }));
const box = ({ x, w }: Span, y: number, h: number): [x: number, y: number, w: number, h: number] => [x, y, w, h];

const columnNames = ['Enable', 'Pending', 'Active', 'Priority', 'Group', 'Target', 'Trigger'] as const;
const cellX = ({ x, w }: Span, i: number): number => x + 28 + (i * (w - 56)) / (columnNames.length - 1);

/** The source of an interrupt and its row in the distributor. */
function interruptRow(view: InterruptsView, row: InterruptState, y: number, source: Span, table: Span): SceneNode {
  const isChosen = row.id === view.chosen.id;
  const { physical } = view;
  const station = isChosen && physicalReach(view)(physical?.hold?.station ?? 'source') === 'holds' ? physical?.hold?.station : undefined;
  const tone = physical?.verdict === 'held' ? 'held' : 'quiet';
  const held = station === 'distributor' ? distributorHold(physical!.hold!.field) : '';
  const asks = row.pending || row.high === true;
  const level = row.high === null ? (row.pending ? 'sent' : '') : row.high ? 'high' : 'low';
  const cells = distributorRows(row).flatMap(({ name, value }, n): SceneNode[] => {
    const cx = cellX(table, n);
    const isBit = n < 3;
    const face = name === 'Priority' || name === 'Group' ? 'mono small middle' : 'small f-ink2 middle';
    return [
      ...mark(name === held ? tone : null, cx - 20, y + 3, 40, 22),
      isBit && value === '1' ? tick(cx, y + 14) : text(cx, y + 18, isBit ? (name === held ? '0' : '–') : value, face),
    ];
  });
  const way = asks || row.active ? 's-ink w2' : isChosen && physicalReach(view)('source') !== 'beside' ? 's-ink3 w15 dashed' : 's-line2';
  const face = isChosen ? 'bold' : '';
  return group(
    [
      ...(isChosen ? [rect(table.x + 3, y, table.w - 6, 28, 'f-sel', 4)] : []),
      rect(source.x, y + 1, source.w, 26, `f-surface ${isChosen ? 's-ink w2' : 's-line2'}`, 4),
      ...(station === 'source' ? mark(tone, source.x, y + 1, source.w, 26) : []),
      text(source.x + 10, y + 18, fit(row.short, source.w - 84, face), face),
      text(source.x + source.w - 38, y + 18, String(row.id), 'mono small end'),
      text(source.x + source.w - 9, y + 18, level, asks ? 'small bold end' : 'small f-ink3 end'),
      line(source.x + source.w, y + 14, table.x, y + 14, way),
      ...cells,
    ],
    { id: interruptKey(row), key: interruptKey(row), label: `${row.short}, INTID ${row.id}` },
  );
}

/** The groups that the distributor forwards, at its foot. */
function groupBits(view: InterruptsView, rows: readonly Row[], { x, w }: Span, y: number): SceneNode[] {
  const marked = (name: string): Row['holds'] => rows.find((row) => row.name === name)?.holds ?? null;
  return [
    line(x + 10, y - 19, x + w - 10, y - 19, 's-line'),
    text(x + 12, y, 'GICD_CTLR', 'small f-ink3'),
    ...view.distributor.flatMap(({ name, value }, i) => {
      const words = `${name} = ${value}`;
      const [left, wide] = [x + 88 + i * 108, textWidth(words, 'small')];
      return [...mark(marked(name), left - 8, y - 15, wide + 16, 20), text(left, y, words, 'small f-ink2')];
    }),
  ];
}

/** At the foot of the bits that decide: where they lead. */
const leadsTo = (way: InterruptWay | null, { x, w }: Span, bottom: number): SceneNode[] =>
  way
    ? [
        line(x + 12, bottom - FOOT, x + w - 12, bottom - FOOT, 's-line'),
        text(x + 12, bottom - 11, `${way.kind} to EL${way.to}`, `bold f-el${way.to}-ink`),
      ]
    : [];

function vectorBox(way: InterruptWay | null, { x, w }: Span, y: number, isReached: boolean): SceneNode[] {
  const to = way?.to ?? 1;
  const frame = isReached ? `f-el${to}-tint s-el${to}-line` : 'f-surface s-line2 dashed';
  const offset = way?.vector ? `+0x${way.vector.offset.toString(16)}` : 'IRQ slot';
  const name = way?.vector ? (way.vector.place.symbol ?? way.vector.place.address) : `of VBAR_EL${to}`;
  return [
    rect(x, y, w, 64, frame, 6),
    text(x + w / 2, y + 27, offset, `mono bold middle ${isReached ? `f-el${to}-ink` : 'f-ink3'}`),
    text(x + w / 2, y + 46, fit(name, w - 12, 'micro'), 'micro f-ink2 middle'),
  ];
}

const LIST_ROW = 25;
const software = ['VI', 'VF', 'VSE'] as const;

/** In its zone, below `bottom`, where the physical half `from` ends. */
export function virtualHalf(view: InterruptsView, x: number, bottom: number, w: number, from: Physical): Half {
  const { virtual, chosen, tied, history } = view;
  const reach = virtualReach(view);
  const [list, middle, mask] = virtualStations(view);
  const [lists, virtualInterface, guest, vector] = columns(x + 14, w - 28, shares.virtual);
  const written =
    (virtual?.listRegister ?? null) === null ? undefined : history?.steps.findLast(({ text: words }) => words.startsWith('put into '));
  const gap = written || tied !== null ? 40 : 18;
  const top = bottom + gap;
  const y0 = top + 34;
  const h = Math.max(boxHeight(middle.rows.length), list.rows.length * LIST_ROW + LIST_ROW);
  const isByHand = typeof chosen.id !== 'number';
  const handY = y0 + list.rows.length * LIST_ROW;
  const y = (isByHand ? handY : y0 + (virtual?.listRegister ?? 0) * LIST_ROW) + 11;
  const state = (name: Station['name'] | 'vector'): Reached => (virtual ? reach(name) : 'beside');
  const listRow = (row: Row, i: number): SceneNode => {
    const at = y0 + i * LIST_ROW;
    const isOwn = virtual?.listRegister === i;
    const free = row.value === '';
    const words = Math.max(122, 52 + textWidth(row.value, 'mono small'));
    const room = lists.w - words - 8;
    // Of 64 bits of a GICv3 the meaning comes first; the digits stand beside the picture, too.
    const isWide = words > 122 && textWidth(row.text, 'small f-ink2') > room;
    return group(
      [
        rect(lists.x, at, lists.w, 22, `f-surface ${isOwn ? 's-ink w2' : 's-line2'}`, 4),
        ...mark(row.holds, lists.x, at, lists.w, 22),
        text(lists.x + 10, at + 15.5, row.name, isOwn ? 'bold' : ''),
        ...(isWide ? [] : [text(lists.x + 44, at + 15.5, row.value || 'free', free ? 'small f-ink3' : 'mono small')]),
        ...(free
          ? []
          : [
              text(lists.x + (isWide ? 44 : words), at + 15.5, fit(row.text, isWide ? lists.w - 52 : room, 'small f-ink2'), 'small f-ink2'),
            ]),
      ],
      { key: row.name },
    );
  };
  const nodes = [
    rect(x, top, w, h + 48, 'f-surface s-el1-line dashedLong', 8),
    ...heads(
      [
        [lists.x, 'List registers', ''],
        [virtualInterface.x, 'Virtual CPU interface', ''],
        [guest.x, 'Guest mask', ''],
        [vector.x, 'Guest vector', ''],
      ],
      top + 22,
    ),
    text(lists.x + 98, top + 22, view.vmid === null ? 'for the guest' : `for guest ${view.vmid}`, 'small f-ink3'),
    ...list.rows.map(listRow),
    rect(lists.x, handY, lists.w, 22, `f-surface ${isByHand ? 's-ink w2' : 's-line2'}`, 4),
    ...(isByHand && reach('listRegister') === 'holds' ? mark('quiet', lists.x, handY, lists.w, 22) : []),
    text(lists.x + 10, handY + 15.5, 'HCR_EL2', isByHand ? 'bold' : ''),
    ...software.map((name, i) => {
      const isSet = view.interrupts.some(({ id, pending }) => id === name && pending);
      return group([text(lists.x + 84 + i * 60, handY + 15.5, `${name} = ${isSet ? 1 : 0}`, isSet ? 'small bold' : 'small f-ink3')], {
        id: `interrupt:${name}`,
        key: name,
        label: `HCR_EL2.${name}`,
      });
    }),
    ...stationBox(middle.rows, ...box(virtualInterface, y0, h), isByHand ? 'beside' : state('virtualInterface')),
    ...(virtual && !isByHand
      ? [
          ...link(lists.x + lists.w, virtualInterface.x, y, state('virtualInterface')),
          ...link(virtualInterface.x + virtualInterface.w, guest.x, y, state('guest')),
        ]
      : []),
    ...(virtual && isByHand ? [pastInterface(lists, guest, y, y0 + h + 7, state('guest'))] : []),
    ...(virtual ? link(guest.x + guest.w, vector.x, y0 + 32, state('vector'), 'el1', true) : []),
    ...stationBox(
      mask.rows,
      ...box(guest, y0, h),
      virtual ? state('guest') : 'beside',
      virtual && state('vector') === 'past' ? 's-el1' : '',
    ),
    ...leadsTo(virtual, guest, y0 + h),
    ...vectorBox(virtual, vector, y0, state('vector') === 'past'),
    ...(written ? [injected(written.at, from.vectorX, bottom, top, lists)] : []),
    ...(tied === null
      ? []
      : [
          line(from.rowX, top, from.rowX, bottom + 9, 's-ink3 w15 dashed'),
          arrowHead(from.rowX, bottom + 2, 'up', 'f-ink3'),
          text(from.rowX - 12, bottom + 25, `HW = 1: the guest’s EOI deactivates ${chosen.id}`, 'small f-ink2 end'),
        ]),
  ];
  return { nodes, height: gap + h + 48 };
}

/** What HCR_EL2 makes pending comes to the guest past the virtual CPU interface. */
function pastInterface(lists: Span, guest: Span, y: number, below: number, reached: Reached): SceneNode {
  const [left, right] = [lists.x + lists.w + GAP / 2, guest.x - GAP / 2];
  const d = rounded(
    [
      [lists.x + lists.w, y],
      [left, y],
      [left, below],
      [right, below],
      [right, below - 26],
      [guest.x, below - 26],
    ],
    6,
  );
  return path(d, reached === 'ahead' ? 's-ink3 w15 dashed' : 's-ink w2');
}

/** From EL2's handler to the list register that it wrote. */
function injected(at: number, x: number, bottom: number, top: number, lists: Span): SceneNode {
  const y = (bottom + top) / 2;
  const words = `EL2 wrote the list register: ${grouped(at)}`;
  const wide = textWidth(words, 'small f-el2-ink');
  const end = lists.x + lists.w - 40;
  return group(
    [
      path(
        rounded(
          [
            [x, bottom],
            [x, y],
            [end, y],
            [end, top + 26],
          ],
          8,
        ),
        's-el2 w2',
      ),
      arrowHead(end, top + 33, 'down', 'f-el2'),
      rect(x - wide - 60, y - 9, wide + 16, 18, 'f-surface', 4),
      text(x - wide - 52, y + 4, words, 'small f-el2-ink'),
    ],
    { id: `instant:${at}`, key: 'injected', label: `Instant ${at}` },
  );
}
