/** The rows of the tree for a spreadsheet: one line for each run, tables before what is in them. */
import { csvLines } from '../../../emulator/session/csv.ts';
import type { OutlineRow, TableOutline, TablesView } from '../../../emulator/session/views.ts';

const head = [
  'register',
  'level',
  'index',
  'entries',
  'kind',
  'input',
  'bytes',
  'output',
  'descriptor',
  'el0',
  'el1',
  'el2',
  'memory',
  'shareability',
  'nG',
  'contiguous',
  'refused',
  'name',
];

export function tablesCsv(view: TablesView): string {
  const lines = (table: TableOutline): string[][] =>
    table.rows.flatMap((row) => [cells(view, table.level, row), ...(row.table ? lines(row.table) : [])]);
  return csvLines([head, ...(view.root ? lines(view.root) : [])]);
}

function cells({ register }: TablesView, level: number, row: OutlineRow): string[] {
  const { index, count, kind, input, size, output, value, leaf, name } = row;
  const { permissions, memory, shareability, notGlobal, contiguous, refused } = leaf ?? {};
  const flag = (value: boolean | undefined): string => (value === undefined ? '' : value ? '1' : '0');
  return [
    register,
    String(level),
    String(index),
    String(count),
    kind,
    input,
    String(size),
    output ?? '',
    value ?? '',
    permissions?.['0'] ?? '',
    permissions?.['1'] ?? '',
    permissions?.['2'] ?? '',
    memory ?? '',
    shareability ?? '',
    flag(notGlobal),
    flag(contiguous),
    refused ?? '',
    name ?? '',
  ];
}
