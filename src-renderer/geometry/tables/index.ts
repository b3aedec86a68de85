/**
 * The tree of page tables as an icicle, from the base register on the left to the output addresses on the right. An entry is as high as
 * what it maps, by the logarithm; a leaf reaches from the level where translation ends.
 */
import type { RegionKind, RunJson, TableJson, TablesView } from '../../../emulator/session/views.ts';
import { looks } from '../maps/index.ts';
import { grouped, size } from '../numbers.ts';
import { group, line, rect, text, type Scene, type SceneNode } from '../scene.ts';
import { fit, fitAddress, textWidth } from '../text.ts';
import { sum, tableAt, treeRows, type TreeRow } from './tree.ts';

export interface TablesOptions {
  readonly width: number;
  readonly height: number;
  /** Entry indices that lead to the table shown as the root. */
  readonly path: readonly number[];
  /** Input address of the run that is chosen. */
  readonly chosen: string | null;
}

const TOP = 46;
const BOTTOM = 8;

interface Place {
  readonly width: number;
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
  readonly stage: 1 | 2;
}

/** What a leaf is, for its colour: as in the memory maps. */
export function leafKind(run: RunJson): RegionKind {
  const { leaf } = run;
  if (!leaf || leaf.refused) return 'unmapped';
  if (leaf.isDevice) return 'device';
  const rights = Object.values(leaf.permissions).join('');
  if (rights.includes('x')) return 'executable';
  return rights.includes('w') ? 'normal' : 'readOnly';
}
export const permissionText = (run: RunJson): string => {
  const { '0': user, '1': guest, '2': hypervisor } = run.leaf?.permissions ?? {};
  if (hypervisor !== undefined) return hypervisor;
  if (guest === undefined) return user ?? '';
  return user === undefined || user === guest || user === '---' ? guest : `${guest} EL0 ${user}`;
};

export function tablesScene(view: TablesView, options: TablesOptions): Scene {
  const { tree } = view;
  const scale = Math.min(1.5, Math.max(1, Math.min(options.width / 1100, options.height / 700)));
  const width = options.width / scale;
  const height = options.height / scale;
  const label = `Page tables of ${tree.register}. ${view.sentence}`;
  if (!tree.root) return { width, height, label, nodes: [], table: [] };
  const { table } = tableAt(tree.root, options.path);
  const place = placeOf(view, table, width, height);
  const rows = treeRows(table, place.bottom - place.top);
  const wanted = sum(rows);
  const stretch = (place.bottom - place.top) / Math.max(1, wanted);
  const nodes: SceneNode[] = [heads(view, table, place), rootCell(view, table, place)];
  drawRows(nodes, rows, place, place.top, stretch, options.chosen);
  return { width, height, label, nodes, table: facts(tree.root) };
}

function placeOf(view: TablesView, table: TableJson, width: number, height: number): Place {
  const deepest = depth(table);
  const columns = deepest - table.level + 1;
  const left = 12;
  const root = 96;
  const room = width - 2 * left - root;
  const levelWidth = Math.max(74, Math.min(150, (room * 0.42) / columns));
  const outputWidth = Math.max(120, Math.min(220, room * 0.22));
  const levels = Array.from({ length: columns }, (_, i) => left + root + 6 + i * (levelWidth + 4));
  const leaves = levels[columns - 1];
  const output = width - left - outputWidth;
  return {
    width,
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
    stage: view.tree.stage,
  };
}

/** Lowest level that appears below a table. */
const depth = (table: TableJson): number => Math.max(table.level, ...table.runs.map((run) => (run.table ? depth(run.table) : table.level)));

function heads(view: TablesView, table: TableJson, place: Place): SceneNode {
  const ink = `f-el${place.el}-ink`;
  const space =
    view.tree.stage === 2
      ? 'PA'
      : view.register.endsWith('EL1') && view.registers.some(({ register, on }) => register === 'VTTBR_EL2' && on)
        ? 'IPA'
        : 'PA';
  const nodes: SceneNode[] = [
    text(12, 18, view.register, `bold ${ink}`),
    text(12, 34, fitAddress(table.address, 92, 'mono micro'), 'mono micro f-ink3'),
  ];
  place.levels.forEach((x, i) => {
    const level = place.firstLevel + i;
    const each = perEntry(view, level);
    const last = i === place.levels.length - 1;
    nodes.push(
      text(x + 2, 18, last ? `Level ${level}, runs of alike entries` : `Level ${level}`, `bold ${ink}`),
      text(x + 2, 34, `${size(each)} each`, 'small f-ink3'),
    );
  });
  nodes.push(
    text(place.output + 2, 18, `Maps to (${space})`, 'bold'),
    text(
      place.output + 2,
      34,
      view.tree.stage === 2 ? 'real memory' : space === 'IPA' ? 'stage 2 goes on from here' : 'real memory',
      'small f-ink3',
    ),
  );
  return group(nodes, { key: 'heads' });
}

/** Bytes that one entry of a level translates. */
function perEntry(view: TablesView, level: number): number {
  const { granule } = view.tree;
  return granule * (granule / 8) ** (3 - level);
}

function rootCell(view: TablesView, table: TableJson, place: Place): SceneNode {
  const y = place.top;
  return group(
    [
      rect(12, y, 92, place.bottom - y, `f-el${place.el}-tint s-el${place.el}`, 3),
      text(22, y + 21, `Level ${table.level}`, 'bold'),
      text(22, y + 37, 'table', 'f-ink2'),
      text(22, y + 55, `${grouped(table.entries)} entries`, 'micro f-ink2'),
    ],
    { key: 'root', id: 'up', label: 'one table up' },
  );
}

/** Draws rows from y on and says where they end. */
function drawRows(nodes: SceneNode[], rows: readonly TreeRow[], place: Place, y: number, stretch: number, chosen: string | null): number {
  for (const row of rows) {
    const h = row.want * stretch;
    if (row.run.table) {
      nodes.push(tableCell(row, place, y, h));
      const inner = sum(row.rows);
      if (row.rows.length) drawRows(nodes, row.rows, place, y, h / inner, chosen);
    } else if (row.run.kind === 'invalid') nodes.push(emptyCell(row, place, y, h));
    else nodes.push(leafRow(row, place, y, h, chosen));
    y += h;
  }
  return y;
}

const columnX = (place: Place, level: number): number => place.levels[Math.min(place.levels.length - 1, level - place.firstLevel)];
const entryName = ({ index, count }: RunJson): string => (count === 1 ? `[${index}]` : `[${index}..${index + count - 1}]`);

function tableCell(row: TreeRow, place: Place, y: number, h: number): SceneNode {
  const x = columnX(place, row.level);
  const w = place.levelWidth;
  const middle = h < 40 ? y + h / 2 + 4.5 : y + 20;
  return group(
    [
      rect(x, y + 0.5, w, h - 1, `f-el${place.el}-tint s-el${place.el}-line`, 3),
      h >= 13 ? text(x + 9, middle, fit(`${entryName(row.run)} table`, w - 14, ''), '') : null,
      h >= 52 ? text(x + 9, y + 37, fitAddress(row.run.input, w - 14, 'mono micro'), 'mono micro f-ink3') : null,
    ],
    {
      key: `t${row.level} ${row.run.input}`,
      id: `table:${row.run.input}/${row.level}/${row.run.index}`,
      label: `table of entry ${row.run.index}`,
    },
  );
}

function emptyCell(row: TreeRow, place: Place, y: number, h: number): SceneNode {
  const x = columnX(place, row.level);
  const words = `${grouped(row.run.count)} not mapped`;
  return group(
    [
      rect(x, y + 0.5, place.output + place.outputWidth - x, Math.max(2, h - 1), 'p-hatch-absent', 2),
      h >= 12 && textWidth(words, 'micro') < place.levelWidth ? text(x + 9, y + h / 2 + 4, words, 'micro f-ink3') : null,
    ],
    { key: `e${row.level} ${row.run.input}` },
  );
}

function leafRow(row: TreeRow, place: Place, y: number, h: number, chosen: string | null): SceneNode {
  const { run, hidden } = row;
  const x = columnX(place, row.level);
  const right = place.leaves + place.leavesWidth;
  const w = right - x;
  const on = run.input === chosen;
  const look = looks[leafKind(run)];
  const middle = y + h / 2 + 4.5;
  const legible = h >= 13;
  const name = hidden ? `${hidden} more runs` : `${entryName(run)} ${run.kind}${run.count > 1 ? 's' : ''}`;
  const rights = hidden ? '' : permissionText(run);
  const address = run.input;
  const addressX = x + 20 + Math.max(textWidth(name, 'bold') + 12, 112);
  const rightsX = right - 10;
  const addressRoom = rightsX - textWidth(rights, 'mono small') - 10 - addressX;
  const nodes: (SceneNode | null)[] = [
    rect(x, y + 0.5, w, h - 1, `${look.region} ${on ? 's-ink w2' : look.outline}`, 3),
    rect(x, y + 0.5, 10, h - 1, look.bar, 2),
    look.barPattern ? rect(x, y + 0.5, 10, h - 1, look.barPattern) : null,
    legible ? text(x + 19, middle, fit(name, w - 30, 'bold'), 'bold') : null,
    legible && addressRoom > 52 ? text(addressX, middle, fitAddress(address, addressRoom, 'mono small'), 'mono small f-ink2') : null,
    legible && rights ? text(rightsX, middle, fit(rights, Math.max(0, rightsX - addressX + 40), 'mono small'), 'mono small end') : null,
  ];
  if (!hidden) {
    const bytes = size(run.size);
    nodes.push(
      line(right, y + h / 2, place.output, y + h / 2, on ? 's-ink w2' : 's-line2'),
      rect(place.output, y + 0.5, place.outputWidth, h - 1, on ? 'f-surface s-ink w2' : 'f-sunken s-line', 3),
      legible
        ? text(
            place.output + 10,
            middle,
            fitAddress(run.output ?? '', place.outputWidth - 30 - textWidth(bytes, 'micro'), 'mono small'),
            'mono small',
          )
        : null,
      legible ? text(place.output + place.outputWidth - 8, middle, bytes, 'micro f-ink3 end') : null,
    );
  }
  return group(nodes, { key: `l${row.level} ${run.input}`, id: hidden ? `more:${run.input}` : `run:${run.input}`, label: name });
}

function facts(root: TableJson): string[][] {
  const rows = [['Level', 'Entries', 'From', 'Bytes', 'Kind', 'Maps to', 'Permissions']];
  const visit = (table: TableJson): void => {
    for (const run of table.runs) {
      if (run.kind === 'invalid' || rows.length > 300) continue;
      rows.push([String(table.level), entryName(run), run.input, String(run.size), run.kind, run.output ?? '', permissionText(run)]);
      if (run.table) visit(run.table);
    }
  };
  visit(root);
  return rows;
}
