/** The tree of page tables with heights: rows that a person can read, however many entries there are. */
import type { RunJson, TableJson } from '../../../emulator/session/views.ts';

/** One row of the picture: a run of entries, many small runs in one, or a table with the rows of what it holds. */
export interface TreeRow {
  readonly run: RunJson;
  /** Level of the table that holds the entry. */
  readonly level: number;
  /** Runs hidden in this row; 0 for a row that stands for itself. */
  readonly hidden: number;
  readonly rows: readonly TreeRow[];
  /** What it asks for, and below which it cannot be read. */
  readonly want: number;
}

/** Below this a row has no text. */
export const READABLE = 20;
const INVALID = 13;

const pages = (run: RunJson): number => Math.max(1, run.size / 4096);
/** Large runs are higher, by the logarithm of their size. */
const leafHeight = (run: RunJson): number => READABLE + 3.2 * Math.log2(pages(run));

/** `room`: pixels for the whole tree. When leaves do not fit, the smallest of each table are put together. */
export function treeRows(table: TableJson, room: number): TreeRow[] {
  const leaves = countLeaves(table);
  const most = Math.max(6, Math.floor(room / (READABLE + 5)));
  return rowsOf(table, leaves <= most ? 0 : smallestShown(table, most));
}

const countLeaves = (table: TableJson): number =>
  table.runs.reduce((sum, run) => sum + (run.kind === 'invalid' ? 0 : run.table ? Math.max(1, countLeaves(run.table)) : 1), 0);

/** Runs of fewer bytes than this are put together. */
function smallestShown(table: TableJson, most: number): number {
  const sizes: number[] = [];
  const collect = (node: TableJson): void => {
    for (const run of node.runs) {
      if (run.table) collect(run.table);
      else if (run.kind !== 'invalid') sizes.push(run.size);
    }
  };
  collect(table);
  return sizes.sort((a, b) => b - a)[Math.min(most, sizes.length) - 1] ?? 0;
}

function rowsOf(table: TableJson, smallest: number): TreeRow[] {
  const rows: TreeRow[] = [];
  let more: RunJson[] = [];
  const flush = (): void => {
    if (more.length === 0) return;
    const [run] = more;
    rows.push({
      run,
      level: table.level,
      hidden: more.length === 1 ? 0 : more.length,
      rows: [],
      want: more.length === 1 ? leafHeight(run) : READABLE,
    });
    more = [];
  };
  for (const run of table.runs) {
    if (run.table) {
      flush();
      const inner = rowsOf(run.table, smallest);
      rows.push({ run, level: table.level, hidden: 0, rows: inner, want: Math.max(READABLE, sum(inner)) });
    } else if (run.kind === 'invalid') {
      // Between hidden runs, empty entries are hidden too.
      if (more.length === 0) rows.push({ run, level: table.level, hidden: 0, rows: [], want: INVALID });
    } else if (run.size < smallest) more.push(run);
    else {
      flush();
      rows.push({ run, level: table.level, hidden: 0, rows: [], want: leafHeight(run) });
    }
  }
  flush();
  return rows;
}

export const sum = (rows: readonly TreeRow[]): number => rows.reduce((total, row) => total + row.want, 0);

/** The table at the end of a path of entry indices, or the root where the path leads nowhere (any more). */
export function tableAt(root: TableJson, path: readonly number[]): { table: TableJson; path: readonly number[] } {
  let table = root;
  const valid: number[] = [];
  for (const index of path) {
    const next = table.runs.find((run) => run.index === index)?.table;
    if (!next) break;
    table = next;
    valid.push(index);
  }
  return { table, path: valid };
}
