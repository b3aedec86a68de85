/** What stands at the right of a floor: the vector table, the card of the instruction that caused the event, the place an ERET lands. */
import type { LevelsView, Place } from '../../../emulator/session/views.ts';
import { group, rect, text, type GroupNode, type SceneNode } from '../scene.ts';
import { fit, fitAddress, textWidth } from '../text.ts';
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
  readonly note: string;
  readonly dashed: boolean;
}

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

/** The two lines below a card's title: where it is, and its address. Where both names find no room in one line, they have one each. */
function cardLines({ title, place, note }: CardContent, source: string, room: number): [string, string] {
  const address = title === place.address ? '' : fitAddress(`PC ${place.address}`, room, 'mono small');
  const fits = (content: string): boolean => textWidth(content, 'mono small') <= room;
  const last = note ? fit(note, room, 'small') : address;
  if (!source && !note) return [address, ''];
  if (!source || fits(source)) return [fit(source || note, room, 'mono small'), last];
  const { symbol } = place;
  const file = sourceText(place);
  if (!symbol || !file) return [fit(source, room, 'mono small'), last];
  return [fit(file, room, 'mono small'), note ? last : fits(symbol) ? symbol : address];
}

/** From where to where a card may stand, and where in it. */
export interface Slot {
  readonly top: number;
  readonly bottom: number;
  readonly align: 'middle' | 'bottom';
}

/** A card at the right of its floor; how many lines it has follows from the room. */
export function card(box: FloorBox, columns: Columns, compact: boolean, content: CardContent, slot: Slot): Card {
  const el = box.floor.el;
  const x = columns.side - 2;
  const w = columns.right - x - (compact ? 8 : 14);
  const room = slot.bottom - slot.top - 12;
  const source = placeText(content.place);
  const [second, third] = cardLines(content, source, w - 26);
  // No higher than what there is to say.
  const h = room >= 74 && third ? 70 : room >= 50 && second ? 48 : 32;
  const bottom = slot.bottom - h - 8;
  const y = slot.align === 'bottom' ? bottom : Math.min(bottom, slot.top + (slot.bottom - slot.top - h) / 2);
  const inner = x + 14;
  const nodes: SceneNode[] = [rect(x, y, w, h, `f-surface s-el${el} ${content.dashed ? 'dashed' : ''}`, 6)];
  const titleClass = `mono ${compact || h < 40 ? '' : 'lead'} bold f-el${el}-ink`.replace(/ +/g, ' ');
  const baseline = h === 32 ? y + 21 : y + (h === 48 ? 19 : 24);
  if (h === 32) {
    nodes.push(text(inner, baseline, fit(content.title, w > 200 ? w * 0.42 : w - 26, titleClass), titleClass));
    if (w > 200) nodes.push(text(x + w - 12, baseline, shortPlace(content, w * 0.5), 'mono micro f-ink2 end'));
  } else {
    const title = fit(content.title, w - 28, titleClass);
    const rest = w - 44 - textWidth(title, titleClass);
    nodes.push(text(inner, baseline, title, titleClass));
    if (content.right && rest > 60) nodes.push(text(x + w - 12, baseline, fit(content.right, rest, 'micro f-ink3'), 'micro f-ink3 end'));
    nodes.push(text(inner, baseline + (h === 48 ? 18 : 20), second, 'mono small f-ink2'));
    if (h === 70) nodes.push(text(inner, baseline + 37, third, `${content.note ? '' : 'mono '}small f-ink3`));
  }
  return { node: group(nodes, { key: content.key }), x, y, w, h };
}
