/** What is on the right of a floor: the vector table, the card of the instruction that caused the event, the place an ERET lands. */
import type { LevelsView, Place } from '../../../emulator/session/views.ts';
import { group, rect, text, type GroupNode, type SceneNode } from '../scene.ts';
import { fit, fitAddress, textWidth, wrap } from '../text.ts';
import type { Columns, FloorBox } from './layout.ts';
import type { Moment } from './moment.ts';

const kinds = ['Sync', 'IRQ', 'FIQ', 'SError'];
/** Arm ARM D1.10.2, table D1-5: the sixteen slots by where the exception comes from and of what kind it is. */
const sources = (el: number): string[] => [`EL${el}, SP_EL0`, `EL${el}, SP_EL${el}`, 'lower, A64', 'lower, A32'];

export interface Vectors {
  readonly node: GroupNode;
  /** Middle of the left edge of the row that the arrow goes to. */
  readonly rowY: number;
  readonly bottom: number;
}

export function vectorTable(view: LevelsView, box: FloorBox, columns: Columns, moment: Moment, compact: boolean): Vectors {
  const el = view.vectors.el;
  const offset = moment.event?.to === el && moment.event.kind === 'exception' ? moment.event.vectorOffset : null;
  const hitRow = offset === null ? -1 : offset >> 9;
  const hitColumn = offset === null ? -1 : (offset >> 7) & 3;
  const x = columns.side;
  const top = box.y + (compact ? 8 : 10);
  const cellHeight = compact ? 19 : 24;
  const labels = columns.sideWidth > 212;
  const cellWidth = Math.min(46, (columns.sideWidth - (labels ? 76 : 0)) / 4);
  const y = top + (compact ? 30 : 36);
  const nodes: (SceneNode | null)[] = [
    text(x, top + 10, 'Vector table', `bold${compact ? ' small' : ''}`),
    columns.sideWidth > 180 ? text(x + 86, top + 10, `VBAR_EL${el} + offset`, 'small f-ink3') : null,
    ...kinds.map((kind, i) =>
      text(x + (i + 0.5) * cellWidth, y - 5, kind, i === hitColumn && moment.arrived ? 'small f-ink bold middle' : 'small f-ink3 middle'),
    ),
  ];
  sources(el).forEach((source, row) => {
    for (let column = 0; column < 4; column++) {
      const hit = row === hitRow && column === hitColumn && moment.arrived;
      const cx = x + column * cellWidth;
      const cy = y + row * cellHeight;
      nodes.push(
        rect(cx + 1, cy + 1, cellWidth - 2, cellHeight - 2, 'f-surface s-line2', 3),
        hit
          ? rect(cx + 1, cy + 1, cellWidth - 2, cellHeight - 2, `f-el${el}`, 3, { key: `slot${row}${column}`, enter: 'fade' })
          : group([], { key: `slot${row}${column}` }),
        text(
          cx + cellWidth / 2,
          cy + cellHeight / 2 + 4,
          `+${(row * 0x200 + column * 0x80).toString(16)}`,
          `mono micro middle ${hit ? `f-on-el${el} bold` : 'f-ink3'}`,
        ),
      );
    }
    if (labels)
      nodes.push(
        text(
          x + 4 * cellWidth + 6,
          y + (row + 0.5) * cellHeight + 4,
          source,
          row === hitRow && moment.arrived ? 'micro bold' : 'micro f-ink3',
        ),
      );
  });
  const bottom = y + 4 * cellHeight;
  const room = moment.event?.from === el ? 0 : box.y + box.h - bottom;
  const why = moment.arrived && offset !== null && room > 38 ? slotReason(moment, hitRow, hitColumn, columns.sideWidth) : undefined;
  const notes = why ?? (view.vectors.note && room > 22 ? [fit(view.vectors.note, columns.sideWidth, 'small f-ink3')] : []);
  notes.forEach((note, i) => nodes.push(text(x, bottom + 17 + i * 15, note, 'small f-ink3')));
  return {
    node: group(nodes, { key: `vectors${el}`, id: `vectors:${el}`, label: `vector table of EL${el}` }),
    rowY: y + (Math.max(hitRow, 0) + 0.5) * cellHeight,
    bottom,
  };
}

/** Why it is this slot: two lines, undefined where they find no room. */
function slotReason({ event, rider }: Moment, row: number, column: number, room: number): string[] | undefined {
  const from = row < 2 ? `EL${event!.to} itself` : `EL${event!.from} in AArch${row === 2 ? 64 : 32}`;
  const kind = column === 0 ? 'synchronous' : kinds[column];
  const slot = `slot +0x${event!.vectorOffset!.toString(16)}, so PC = ${rider.pc.value}`;
  const first = [`Came from ${from}, ${kind}:`, `From ${from}, ${kind}:`].find((line) => textWidth(line, 'small') <= room);
  return first !== undefined && textWidth(slot, 'small') <= room ? [first, slot] : undefined;
}

export interface Card {
  readonly node: GroupNode;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

interface CardContent {
  readonly key: string;
  readonly title: string;
  readonly right: string;
  readonly place: Place;
  /** Of the place a return goes to: what is there, and which memory it is. */
  readonly goal?: Goal | null;
  readonly dashed: boolean;
}
interface Goal {
  readonly instruction: string;
  readonly note: string;
}

/** A line below a card's title. */
interface CardLine {
  readonly content: string;
  readonly class: string;
  /** What it stands for, where it is cut. */
  readonly whole?: string;
}
const FIRST = 'mono small f-ink2';
const NEXT = 'mono small f-ink3';
const NOTE = 'small f-ink3';

/** "main.c:42  hv_putc" */
export const placeText = (place: Place): string => [sourceText(place), place.symbol ?? ''].filter(Boolean).join('  ');
const sourceText = ({ file, line }: Place): string => (file ? `${file.split('/').at(-1)}${line ? `:${line}` : ''}` : '');

/** As much of a place as has room without being cut; nothing that the title says. */
function shortPlace({ title, place }: CardContent, room: number): string {
  const names = [placeText(place), place.symbol ?? '', sourceText(place)].filter(Boolean);
  return (
    names.find((name) => textWidth(name, 'mono micro') <= room) ??
    (title === place.address ? '' : fitAddress(place.address, room, 'mono micro'))
  );
}

/** Where an instruction is, and its address, in no more than two lines. Where both names find no room in one line, they have one each. */
function placeLines({ title, place }: CardContent, room: number, most: number): CardLine[] {
  const address = title === place.address ? '' : fitAddress(`PC ${place.address}`, room, NEXT);
  const source = placeText(place);
  const { symbol } = place;
  const file = sourceText(place);
  const parted = symbol && file && textWidth(source, FIRST) > room;
  const second = parted && textWidth(symbol, NEXT) <= room ? symbol : address;
  const lines = source ? [fit(parted ? file : source, room, FIRST), second] : [address];
  const isCut = lines[0].endsWith('…') || (parted && second !== symbol);
  return lines
    .filter(Boolean)
    .slice(0, most)
    .map((content, i) => ({ content, class: i === 0 ? FIRST : NEXT, ...(i === 0 && isCut && { whole: source }) }));
}

/** What a return goes to: the function and the instruction, in a line each where one is too narrow, then the memory, if there is room. */
function goalLines({ instruction, note }: Goal, { symbol }: Place, room: number, most: number): CardLine[] {
  const whole = [symbol, instruction].filter(Boolean).join(': ');
  const all = textWidth(whole, FIRST) <= room ? [whole] : [symbol ?? '', instruction].filter(Boolean);
  const names = all.slice(Math.max(0, all.length - most));
  const left = most - names.length;
  const notes = textWidth(note, NOTE) <= room ? [note] : note.split(/, (?=PA )/).flatMap((part) => wrap(part, room, NOTE, 2));
  return [
    ...names.map((whole) => ({ content: fit(whole, room, FIRST), class: FIRST, whole })),
    ...notes
      .filter(Boolean)
      .slice(0, left)
      .map((content) => ({ content, class: NOTE })),
  ];
}

/** From where to where a card may stand, and where in it. */
export interface Slot {
  readonly top: number;
  readonly bottom: number;
  readonly align: 'middle' | 'bottom';
}

/** Heights of cards with so many lines below the title. */
const HEIGHTS = [32, 48, 70, 87, 104];

/** A card at the right of its floor; how many lines it has follows from the room, and no more than there is to say. */
export function card(box: FloorBox, columns: Columns, compact: boolean, content: CardContent, slot: Slot): Card {
  const el = box.floor.el;
  const x = columns.side - 2;
  const w = columns.right - x - (compact ? 8 : 14);
  const room = slot.bottom - slot.top - 12;
  const most = HEIGHTS.findLastIndex((height) => height === HEIGHTS[0] || room >= height + 4);
  const lines = content.goal ? goalLines(content.goal, content.place, w - 26, most) : placeLines(content, w - 26, most);
  const h = HEIGHTS[lines.length];
  const bottom = slot.bottom - h - 8;
  const y = slot.align === 'bottom' ? bottom : Math.min(bottom, slot.top + (slot.bottom - slot.top - h) / 2);
  const inner = x + 14;
  const nodes: SceneNode[] = [rect(x, y, w, h, `f-surface s-el${el} ${content.dashed ? 'dashed' : ''}`, 6)];
  const isLow = lines.length < 2;
  const titleClass = `mono ${compact || lines.length === 0 ? '' : 'lead'} bold f-el${el}-ink`.replace(/ +/g, ' ');
  const baseline = y + (lines.length === 0 ? 21 : isLow ? 19 : 24);
  if (lines.length === 0) {
    nodes.push(text(inner, baseline, fit(content.title, w > 200 ? w * 0.42 : w - 26, titleClass), titleClass, { whole: content.title }));
    if (w > 200)
      nodes.push(text(x + w - 12, baseline, shortPlace(content, w * 0.5), 'mono micro f-ink2 end', { whole: placeText(content.place) }));
  } else {
    const title = fit(content.title, w - 28, titleClass);
    const rest = w - 44 - textWidth(title, titleClass);
    nodes.push(text(inner, baseline, title, titleClass, { whole: content.title }));
    if (content.right && rest > 60) nodes.push(text(x + w - 12, baseline, fit(content.right, rest, 'micro f-ink3'), 'micro f-ink3 end'));
    lines.forEach((line, i) =>
      nodes.push(text(inner, baseline + (isLow ? 18 : 20) + i * 17, line.content, line.class, { whole: line.whole })),
    );
  }
  return { node: group(nodes, { key: content.key }), x, y, w, h };
}
