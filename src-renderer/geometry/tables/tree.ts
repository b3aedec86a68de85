/** The tree of page tables with heights: every row of the outline, as high as what it maps, by the logarithm. */
import type { OutlineRow, TableOutline } from '../../../emulator/session/views.ts';

/** One row of the picture: entries, or a table with the rows of what it holds. */
export interface TreeRow {
  readonly row: OutlineRow;
  /** Level of the table that holds the entry. */
  readonly level: number;
  readonly rows: readonly TreeRow[];
  /** What it asks for, and below which it cannot be read. */
  readonly want: number;
}

/** Below this a row has no text. */
const READABLE = 20;
const GAP = 13;

/** What stands for nothing mapped, or for what the filter leaves out. */
export const isGap = ({ kind }: OutlineRow): boolean => kind === 'invalid' || kind === 'other';

const pages = ({ size }: OutlineRow): number => Math.max(1, size / 4096);
/** Large runs are higher, by the logarithm of their size. */
const leafHeight = (row: OutlineRow): number => READABLE + (row.leaf ? 3.2 * Math.log2(pages(row)) : 0);

export const treeRows = (table: TableOutline): TreeRow[] =>
  table.rows.map((row) => {
    const rows = row.table ? treeRows(row.table) : [];
    const want = row.table ? Math.max(READABLE, sum(rows)) : isGap(row) ? GAP : leafHeight(row);
    return { row, level: table.level, rows, want };
  });

export const sum = (rows: readonly TreeRow[]): number => rows.reduce((total, row) => total + row.want, 0);

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
