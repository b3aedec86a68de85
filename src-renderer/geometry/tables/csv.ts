/** Page tables for a spreadsheet: the rows of trees, one line for each run, tables before what is in them; what has changed; who reaches a PA. */
import { csvLines } from '../../../emulator/session/csv.ts';
import type { OutlineRow, ReachView, TableOutline, TablesView } from '../../../emulator/session/views.ts';

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

export function tablesCsv(...views: readonly TablesView[]): string {
  const lines = (view: TablesView, table: TableOutline): string[][] =>
    table.rows.flatMap((row) => [cells(view, table.level, row), ...(row.table ? lines(view, row.table) : [])]);
  return csvLines([head, ...views.flatMap((view) => (view.root ? lines(view, view.root) : []))]);
}

/** The entries that differ from those of another instant. */
export function changesCsv({ register, changes }: TablesView): string {
  const names = ['register', 'change', 'level', 'index', 'entries', 'input', 'bytes', 'before', 'said before', 'after', 'says now'];
  const rows = (changes?.list ?? []).map(({ kind, level, index, count, input, size, before, after }) => [
    register,
    kind,
    String(level),
    String(index),
    String(count),
    input,
    String(size),
    before.value,
    before.verdict,
    after.value,
    after.verdict,
  ]);
  return csvLines([names, ...rows]);
}

/** The addresses that reach a physical one; an address space from which nothing does has a line too. */
export function reachCsv({ pa, name, spaces }: ReachView): string {
  const names = ['pa', 'name', 'space', 'vmid', 'va', 'ipa', 'el0', 'el1', 'el2', 'memory'];
  const rows = spaces.flatMap(({ title, vmid, vas, ipas }) => {
    const start = [pa, name ?? '', title, vmid === null ? '' : String(vmid)];
    if (vas.length === 0) return (ipas?.length ? ipas : ['']).map((ipa) => [...start, '', ipa, '', '', '', '']);
    return vas.map(({ va, ipa, permissions, memory }) => [
      ...start,
      va,
      ipa ?? '',
      permissions?.['0'] ?? '',
      permissions?.['1'] ?? '',
      permissions?.['2'] ?? '',
      memory ?? '',
    ]);
  });
  return csvLines([names, ...rows]);
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
