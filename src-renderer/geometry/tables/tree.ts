/** The tree of page tables as an icicle: every row of the outline, as high as what it maps, by the logarithm. */
import { hierarchy, partition } from 'd3';
import type { OutlineRow, TableOutline, TablesView } from '../../../emulator/session/views.ts';

/** One row of the picture, beside the table that it leads to: entries, or a table with the rows of what it holds. */
export interface PlacedRow {
  readonly row: OutlineRow;
  /** Level of the table that holds the entry. */
  readonly level: number;
  readonly y: number;
  readonly h: number;
}

/** Below this a row has no text. */
const READABLE = 20;
const GAP = 13;

/** What is drawn where nothing is mapped, or for what the filter leaves out. */
export const isGap = ({ kind }: OutlineRow): boolean => kind === 'invalid' || kind === 'other';

const pages = ({ size }: OutlineRow): number => Math.max(1, size / 4096);
/** What a row without its own rows asks for; large runs are higher, by the logarithm of their size. */
function weight(row: OutlineRow, { rows }: TableOutline): number {
  // What fills its table alone is as high as the table, which has a name.
  if (isGap(row)) return rows.length > 1 ? GAP : READABLE;
  return READABLE + (row.leaf ? 3.2 * Math.log2(pages(row)) : 0);
}

/** A row, or above all of them the table that is shown. */
interface Part {
  readonly row?: OutlineRow;
  /** The table that holds it. */
  readonly holder?: TableOutline;
  /** The table that it leads to. */
  readonly table: TableOutline | undefined;
}

/** All rows from the top down, each before those of the table that it leads to; together they fill the height. */
export function placedRows(table: TableOutline, top: number, bottom: number): PlacedRow[] {
  const tree = hierarchy<Part>({ table }, ({ table: holder }) => holder?.rows.map((row) => ({ row, holder, table: row.table })));
  // Rows of a table add up: only what leads to no rows has its own weight.
  tree.sum(({ row, holder, table: next }) => (row && holder && !next?.rows.length ? weight(row, holder) : 0));
  const placed: PlacedRow[] = [];
  partition<Part>()
    .size([bottom - top, 1])(tree)
    .eachBefore(({ data: { row, holder }, x0, x1 }) => {
      if (row && holder) placed.push({ row, level: holder.level, y: top + x0, h: x1 - x0 });
    });
  return placed;
}

/** The tree in parts of no more than `most` rows that lead to no others, each with the tables above them. */
export function partsOf(view: TablesView, most: number): TablesView[] {
  const { root } = view;
  if (!root) return [view];
  let before = 0;
  const part = (table: TableOutline, from: number): TableOutline => ({
    ...table,
    rows: table.rows.flatMap((row): OutlineRow[] => {
      if (!row.table?.rows.length) return before++ >= from && before <= from + most ? [row] : [];
      const inner = part(row.table, from);
      return inner.rows.length > 0 ? [{ ...row, table: inner }] : [];
    }),
  });
  const parts: TablesView[] = [];
  let rows = Infinity;
  for (let from = 0; from < rows; from += most) {
    before = 0;
    parts.push({ ...view, root: part(root, from) });
    rows = before;
  }
  return parts;
}

/** How many rows fit into a height, if every other one has a gap beside it. */
export const rowsIn = (height: number): number => Math.max(6, Math.floor(height / (READABLE + 7)));

/** What names an entry among all that are shown: tables below each other begin at the same address. */
export const rowKey = (level: number, { input }: Pick<OutlineRow, 'input'>): string => `${level}/${input}`;

/** Rows that can be chosen, from the top. */
export const chosenOrder = (table: TableOutline): { readonly key: string; readonly level: number; readonly row: OutlineRow }[] =>
  table.rows.flatMap((row) => [
    ...(isGap(row) ? [] : [{ key: rowKey(table.level, row), level: table.level, row }]),
    ...(row.table ? chosenOrder(row.table) : []),
  ]);
