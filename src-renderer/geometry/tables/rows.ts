/** The rows of the tree: tables, runs of leaves with what they map to, runs that share a row, and what maps nothing. */
import type { OutlineRow, RegionKind } from '../../../emulator/session/views.ts';
import { looks } from '../maps/looks.ts';
import { grouped, size } from '../numbers.ts';
import { group, line, n, path, rect, text, type SceneNode } from '../scene.ts';
import { fit, fitAddress, fitWords, textWidth } from '../text.ts';
import { rowKey, type PlacedRow } from './tree.ts';

/** Where the columns of the picture are. */
export interface Place {
  readonly top: number;
  readonly bottom: number;
  readonly firstLevel: number;
  /** Left edge of each level's column, of the leaves, and of the output addresses. */
  readonly levels: readonly number[];
  readonly levelWidth: number;
  readonly leaves: number;
  readonly leavesWidth: number;
  readonly output: number;
  readonly outputWidth: number;
  readonly el: 1 | 2;
}

/** What a leaf is, for its colour: as in the memory maps. */
export function leafKind({ leaf }: Pick<OutlineRow, 'leaf'>): RegionKind {
  if (!leaf || leaf.refused) return 'unmapped';
  if (leaf.isDevice) return 'device';
  const rights = Object.values(leaf.permissions).join('');
  if (rights.includes('x')) return 'executable';
  return rights.includes('w') ? 'normal' : 'readOnly';
}
export function permissionText({ leaf }: Pick<OutlineRow, 'leaf'>): string {
  const { '0': user, '1': guest, '2': hypervisor } = leaf?.permissions ?? {};
  if (hypervisor !== undefined) return hypervisor;
  if (guest === undefined) return user ?? '';
  return user === undefined || user === guest || user === '---' ? guest : `${guest} EL0 ${user}`;
}

const indices = ({ index, count }: OutlineRow): string => (count === 1 ? `[${index}]` : `[${index}..${index + count - 1}]`);
/** "[16..17] pages", "12 more runs". */
export const rowName = (row: OutlineRow): string =>
  row.kind === 'more' ? `${grouped(row.hidden ?? 0)} more runs` : `${indices(row)} ${row.kind}${row.count > 1 ? 's' : ''}`;

const columnX = (place: Place, level: number): number => place.levels[Math.min(place.levels.length - 1, level - place.firstLevel)];
const outline = (on: boolean, otherwise: string): string => (on ? 's-ink w2' : otherwise);

/** Something in it differs from the instant compared with. */
function changeMark(x: number, y: number, h: number, row: OutlineRow): SceneNode | null {
  if (!row.changed) return null;
  const side = Math.min(11, h - 2);
  return group(
    [
      path(`M${n(x - side - 3)} ${n(y + 0.5)}H${n(x)}V${n(y + side + 3.5)}z`, 'f-mark'),
      path(`M${n(x - side)} ${n(y + 0.5)}H${n(x)}V${n(y + side + 0.5)}z`, 'f-ink'),
    ],
    { key: 'changed' },
  );
}

export function tableRow({ row, level, y, h }: PlacedRow, place: Place, chosen: string | null): SceneNode {
  const x = columnX(place, level);
  const w = place.levelWidth;
  const middle = h < 40 ? y + h / 2 + 4.5 : y + 20;
  const on = rowKey(level, row) === chosen;
  return group(
    [
      rect(x, y + 0.5, w, h - 1, `f-el${place.el}-tint ${outline(on, `s-el${place.el}-line`)}`, 3),
      h >= 13 ? text(x + 9, middle, fit(rowName(row), w - 26, ''), '') : null,
      h >= 52 ? text(x + 9, y + 37, fitAddress(row.input, w - 14, 'mono micro'), 'mono micro f-ink3') : null,
      changeMark(x + w, y, h, row),
    ],
    { key: `t${rowKey(level, row)}`, id: `table:${rowKey(level, row)}`, label: `table of entry ${row.index}` },
  );
}

/** Entries that map nothing, or that the filter leaves out. */
export function emptyRow({ row, level, y, h }: PlacedRow, place: Place): SceneNode {
  const x = columnX(place, level);
  const words = `${grouped(row.count)} ${row.kind === 'other' ? 'left out' : 'not mapped'}`;
  return group(
    [
      rect(x, y + 0.5, place.output + place.outputWidth - x, Math.max(2, h - 1), 'p-hatch-absent', 2),
      h >= 12 && textWidth(words, 'micro') < place.levelWidth ? text(x + 9, y + h / 2 + 4, words, 'micro f-ink3') : null,
      changeMark(place.output + place.outputWidth, y, h, row),
    ],
    { key: `e${rowKey(level, row)}` },
  );
}

/** Runs put together for want of room: choosing them shows them alone. */
export function moreRow({ row, level, y, h }: PlacedRow, place: Place, chosen: string | null): SceneNode {
  const x = columnX(place, level);
  const w = place.output + place.outputWidth - x;
  const middle = y + h / 2 + 4.5;
  const name = rowName(row);
  const hint = 'zoom in ›';
  return group(
    [
      rect(x, y + 0.5, w, h - 1, `f-sunken ${outline(rowKey(level, row) === chosen, 's-line2 dashed')}`, 3),
      h >= 13 ? text(x + 19, middle, name, 'bold f-ink2') : null,
      h >= 13 ? text(x + 31 + textWidth(name, 'bold'), middle, `entries ${indices(row)}, ${size(row.size)}`, 'small f-ink3') : null,
      h >= 13 ? text(x + w - 10 - (row.changed ? 14 : 0), middle, hint, 'small f-ink2 end') : null,
      changeMark(x + w, y, h, row),
    ],
    { key: `m${rowKey(level, row)}`, id: `more:${rowKey(level, row)}`, label: `${name}, zoom in` },
  );
}

/** A run of leaves from where translation ends to what it maps to; or a table that is shown closed. */
export function leafRow({ row, level, y, h }: PlacedRow, place: Place, chosen: string | null): SceneNode {
  const x = columnX(place, level);
  const right = place.leaves + place.leavesWidth;
  const on = rowKey(level, row) === chosen;
  const closed = row.kind === 'table';
  const look = closed ? undefined : looks[leafKind(row)];
  const middle = y + h / 2 + 4.5;
  const legible = h >= 13;
  const rights = permissionText(row);
  const rightsX = right - 10 - (row.changed ? 14 : 0);
  const nodes: (SceneNode | null)[] = [
    rect(
      x,
      y + 0.5,
      right - x,
      h - 1,
      look ? `${look.region} ${outline(on, look.outline)}` : `f-el${place.el}-tint ${outline(on, `s-el${place.el}-line`)}`,
      3,
    ),
    look ? rect(x, y + 0.5, 10, h - 1, look.bar, 2) : null,
    look?.barPattern ? rect(x, y + 0.5, 10, h - 1, look.barPattern) : null,
  ];
  if (legible) {
    nodes.push(...words(row, x + 19, rightsX - (rights ? textWidth(rights, 'mono small') + 10 : 0), middle, closed));
    if (rights) nodes.push(text(rightsX, middle, rights, 'mono small end'));
  }
  nodes.push(changeMark(right, y, h, row));
  if (!closed) nodes.push(...outputCell(row, place, y, h, right, on, legible));
  return group(nodes, {
    key: `l${rowKey(level, row)}`,
    id: `${closed ? 'table' : 'run'}:${rowKey(level, row)}`,
    label: rowName(row),
  });
}

/** Entries, then what lies there, then the input address, as far as there is room. */
function words(row: OutlineRow, x: number, right: number, baseline: number, closed: boolean): SceneNode[] {
  const name = fit(rowName(row), Math.max(30, right - x), 'bold');
  const nodes: SceneNode[] = [text(x, baseline, name, closed ? '' : 'bold')];
  const addressX = x + Math.max(textWidth(name, 'bold') + 12, 122);
  const hidden = closed ? `${grouped(row.hidden ?? 0)} runs, zoom in ›` : undefined;
  if (right - addressX > 52) {
    const address = fitAddress(row.input, right - addressX, 'mono small');
    nodes.push(text(addressX, baseline, address, 'mono small f-ink2'));
    const nameX = addressX + Math.max(textWidth(address, 'mono small') + 14, 132);
    const what = hidden ?? row.name;
    if (what && right - nameX > 40)
      nodes.push(text(nameX, baseline, fitWords(what, right - nameX, 'small'), 'small f-ink2', { whole: what }));
  }
  return nodes;
}

function outputCell(row: OutlineRow, place: Place, y: number, h: number, from: number, on: boolean, legible: boolean): SceneNode[] {
  const { output: x, outputWidth: w } = place;
  const middle = y + h / 2 + 4.5;
  const bytes = size(row.size);
  const nodes: SceneNode[] = [
    line(from, y + h / 2, x, y + h / 2, on ? 's-ink w2' : 's-line2'),
    rect(x, y + 0.5, w, h - 1, on ? 'f-surface s-ink w2' : 'f-sunken s-line', 3),
  ];
  if (!legible) return nodes;
  return [
    ...nodes,
    text(x + 10, middle, fitAddress(row.output ?? '', w - 30 - textWidth(bytes, 'micro'), 'mono small'), 'mono small'),
    text(x + w - 8, middle, bytes, 'micro f-ink3 end'),
  ];
}
