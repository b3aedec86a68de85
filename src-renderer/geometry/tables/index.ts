/**
 * The tree of page tables as an icicle, from the base register on the left to the output addresses on the right. An entry is as high as
 * what it maps, by the logarithm; a leaf reaches from the level where translation ends.
 */
import type { OutlineRow, TableOutline, TablesView } from '../../../emulator/session/views.ts';
import { grouped, size } from '../numbers.ts';
import { group, rect, text, type Scene, type SceneNode } from '../scene.ts';
import { fitAddress } from '../text.ts';
import { emptyRow, leafRow, moreRow, permissionText, rowName, tableRow, type Place } from './rows.ts';
import { isGap, placedRows, rowsIn, type PlacedRow } from './tree.ts';

export interface TablesOptions {
  readonly width: number;
  readonly height: number;
  /** Key (tree.ts) of the entry that is chosen. */
  readonly chosen: string | null;
}

const TOP = 46;
const BOTTOM = 8;

/** What they can be read in, in CSS pixels. */
export const leastTables = { width: 660, height: 300 } as const;

/** Large windows get larger type, not more of the small one. */
const scaleFor = (width: number, height: number): number => Math.min(1.5, Math.max(1, Math.min(width / 1100, height / 700)));

/** Rows that a picture of this size has room for: to be asked of the view. */
export function roomFor(width: number, height: number): number {
  return rowsIn(height / scaleFor(width, height) - TOP - BOTTOM);
}

export function tablesScene(view: TablesView, options: TablesOptions): Scene {
  const scale = scaleFor(options.width, options.height);
  const width = options.width / scale;
  const height = options.height / scale;
  const label = `Page tables of ${view.register}. ${view.sentence}`;
  const { root } = view;
  if (!root) return { width, height, label, nodes: [], table: [] };
  const place = placeOf(view, root, width, height);
  const rows = placedRows(root, place.top, place.bottom);
  const nodes = [heads(view, root, place), rootCell(view, root, place), ...rows.map((row) => rowNode(row, place, options.chosen))];
  return { width, height, label, nodes, table: facts(rows) };
}

function placeOf(view: TablesView, table: TableOutline, width: number, height: number): Place {
  const columns = depth(table) - table.level + 1;
  const left = 12;
  const root = 96;
  const room = width - 2 * left - root;
  const levelWidth = Math.max(74, Math.min(150, (room * 0.42) / columns));
  const outputWidth = Math.max(120, Math.min(220, room * 0.22));
  const levels = Array.from({ length: columns }, (_, i) => left + root + 6 + i * (levelWidth + 4));
  const leaves = levels[columns - 1];
  const output = width - left - outputWidth;
  return {
    top: TOP,
    bottom: height - BOTTOM,
    firstLevel: table.level,
    levels,
    levelWidth,
    leaves,
    leavesWidth: output - 18 - leaves,
    output,
    outputWidth,
    el: view.register.endsWith('EL2') ? 2 : 1,
  };
}

/** Lowest level that appears below a table. */
const depth = (table: TableOutline): number =>
  Math.max(table.level, ...table.rows.map((row) => (row.table ? depth(row.table) : table.level)));

function heads(view: TablesView, table: TableOutline, place: Place): SceneNode {
  const ink = `f-el${place.el}-ink`;
  const nodes: SceneNode[] = [
    text(12, 18, view.register, `bold ${ink}`),
    text(12, 34, fitAddress(table.address, 92, 'mono micro'), 'mono micro f-ink3'),
  ];
  place.levels.forEach((x, i) => {
    const level = place.firstLevel + i;
    const last = i === place.levels.length - 1;
    nodes.push(
      text(x + 2, 18, last ? `Level ${level}, runs of similar entries` : `Level ${level}`, `bold ${ink}`),
      text(x + 2, 34, `${size(perEntry(view, level))} each`, 'small f-ink3'),
    );
  });
  nodes.push(
    text(place.output + 2, 18, `Maps to (${view.output})`, 'bold'),
    text(place.output + 2, 34, view.output === 'IPA' ? 'then translated by stage 2' : 'real memory', 'small f-ink3'),
  );
  return group(nodes, { key: 'heads' });
}

/** Bytes that one entry of a level translates. */
const perEntry = ({ granule }: TablesView, level: number): number => granule * (granule / 8) ** (3 - level);

/** The part of the root's table that is shown. */
function shownPart({ rows }: TableOutline): { first: number; count: number } {
  const first = rows[0]?.index ?? 0;
  const last = rows.at(-1);
  return { first, count: last ? last.index + last.count - first : 0 };
}
/** There is something around what is shown. */
export const isZoomed = ({ root, path }: TablesView): boolean => path.length > 0 || (root !== null && shownPart(root).count < root.entries);

function rootCell(view: TablesView, table: TableOutline, place: Place): SceneNode {
  const y = place.top;
  const { first, count } = shownPart(table);
  const part = count < table.entries && count > 0;
  return group(
    [
      rect(12, y, 92, place.bottom - y, `f-el${place.el}-tint s-el${place.el}`, 3),
      text(22, y + 21, `Level ${table.level}`, 'bold'),
      text(22, y + 37, 'table', 'f-ink2'),
      text(22, y + 55, `${grouped(table.entries)} entries`, 'micro f-ink2'),
      part ? text(22, y + 71, `[${first}..${first + count - 1}]`, 'mono micro f-ink2') : null,
      isZoomed(view) ? text(22, y + 93, '‹ back out', 'small f-ink2') : null,
    ],
    { key: 'root', id: 'up', label: 'one table up' },
  );
}

function rowNode(placed: PlacedRow, place: Place, chosen: string | null): SceneNode {
  const { row } = placed;
  if (isGap(row)) return emptyRow(placed, place);
  if (row.kind === 'more') return moreRow(placed, place, chosen);
  return row.table ? tableRow(placed, place, chosen) : leafRow(placed, place, chosen);
}

const facts = (rows: readonly PlacedRow[]): string[][] => [
  ['Level', 'Entries', 'From', 'Bytes', 'Kind', 'Maps to', 'Permissions', 'What is there'],
  ...rows.filter(({ row }) => !isGap(row)).map(({ row, level }) => fact(level, row)),
];
const fact = (level: number, row: OutlineRow): string[] => [
  String(level),
  rowName(row),
  row.input,
  String(row.size),
  row.kind,
  row.output ?? '',
  permissionText(row),
  row.name ?? '',
];
