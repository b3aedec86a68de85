/**
 * What of a table tree can be looked at in one picture: the part that is zoomed into, as many rows as there is room for. Runs that find no
 * room are put together, the smallest first, and so is what a filter leaves out; nothing is lost without being counted.
 */
import { OA } from '../base/addresses.ts';
import { join64 } from '../base/bits.ts';
import { hex } from '../base/hex.ts';
import type { LeafInfo } from './leaf.ts';
import type { EntryMatcher } from './table-filter.ts';
import { inputOf, type TableNode, type TableRun, type TableTree } from './table-types.ts';
import type { DescriptorKind } from './trace.ts';
import type { Hex } from './walk-types.ts';

export interface TableOutline {
  readonly level: number;
  readonly address: Hex;
  readonly pa: Hex | null;
  readonly input: Hex;
  readonly bytesPerEntry: number;
  readonly entries: number;
  readonly rows: readonly OutlineRow[];
  readonly problem?: string;
}

/** Entries of one table, as one row. */
export interface OutlineRow {
  /** `more`: runs put together for want of room. `other`: what the filter leaves out. */
  readonly kind: DescriptorKind | 'more' | 'other';
  readonly index: number;
  readonly count: number;
  readonly input: Hex;
  /** Bytes of input addresses. */
  readonly size: number;
  /** First descriptor; absent where it is not known to the bit, since only the first of each run is kept. */
  readonly value?: Hex;
  readonly output?: Hex;
  readonly leaf?: LeafInfo;
  /** What lies where it leads. */
  readonly name?: string;
  /** The table that the entry leads to, where its rows are shown. */
  readonly table?: TableOutline;
  /** Runs that are not shown as their own rows: in `more`, and below a table that is shown closed. */
  readonly hidden?: number;
  /** Entries, of this row or below it, that differ from the instant compared with. */
  readonly changed?: number;
}

export interface OutlineOptions {
  /** Rows of the whole picture; a few more may come. */
  readonly rows: number;
  /** Indices of the entries that lead to the table shown as the root. */
  readonly path?: readonly number[];
  /** Of that table, only these entries. */
  readonly first?: number;
  readonly last?: number;
  readonly matches?: EntryMatcher | undefined;
  /** Input address, from the start of the range: its entry has its own row. */
  readonly pick?: number | undefined;
  /** Likewise, but its whole run is the row. */
  readonly keep?: number | undefined;
  /** How many entries of a run have changed. */
  readonly changes?: ((node: TableNode, run: TableRun) => number) | undefined;
}

export interface Outline {
  readonly root: TableOutline;
  /** The entries that led there, as far as they exist. */
  readonly path: readonly { readonly level: number; readonly index: number; readonly input: Hex }[];
  /** Entries of the whole tree that match; null where everything does. */
  readonly matched: number | null;
}

export function outlineTree(tree: TableTree, options: OutlineOptions): Outline | null {
  if (!tree.root) return null;
  const path: { level: number; index: number; input: Hex }[] = [];
  let node = tree.root;
  for (const index of options.path ?? []) {
    const next = node.runs.find((run) => run.index === index)?.table;
    if (!next) break;
    path.push({ level: node.level, index, input: hex(tree.base + BigInt(node.input + index * node.bytesPerEntry)) });
    node = next;
  }
  // A part of a table is asked for of the table that the whole path leads to, or not at all.
  const arrived = path.length === (options.path ?? []).length;
  const window = { first: arrived ? (options.first ?? 0) : 0, last: arrived ? (options.last ?? Infinity) : Infinity };
  const outliner = new Outliner(tree, options);
  const matched = options.matches ? outliner.totals(tree.root).entries : null;
  return { root: outliner.table(node, Math.max(4, options.rows), window), path, matched };
}

interface Window {
  readonly first: number;
  readonly last: number;
}
const everything: Window = { first: 0, last: Infinity };

/** A run that may get a row: how many it could fill. */
interface Item {
  readonly run: TableRun;
  readonly need: number;
  /** What the filter leaves out, and what is not mapped, stand between them. */
  readonly wanted: boolean;
  /** It holds the entry that is picked, or kept. */
  readonly picked: boolean;
  share: number;
}

interface Totals {
  readonly rows: number;
  readonly entries: number;
}
const nothing: Totals = { rows: 0, entries: 0 };
const oneRow: Totals = { rows: 1, entries: 0 };

class Outliner {
  private readonly known = new Map<TableNode, Totals>();

  constructor(
    private readonly tree: TableTree,
    private readonly options: OutlineOptions,
  ) {}

  table(node: TableNode, room: number, window: Window = everything): TableOutline {
    const { level, address, pa, input, bytesPerEntry, entries, problem } = node;
    return {
      level,
      address: hex(address),
      pa: pa === undefined ? null : hex(pa),
      input: hex(this.tree.base + BigInt(input)),
      bytesPerEntry,
      entries,
      rows: this.rows(node, this.items(node, window), room),
      ...(problem ? { problem } : {}),
    };
  }

  private items(node: TableNode, window: Window): Item[] {
    const wanted = this.options.pick ?? this.options.keep;
    return this.runsOf(node, window).map((run) => {
      const need = this.wanted(node, run).rows;
      const from = inputOf(node, run);
      const picked = wanted !== undefined && wanted >= from && wanted < from + run.count * node.bytesPerEntry;
      return { run, need, wanted: need > 0, picked, share: 0 };
    });
  }

  /** The runs of a table within the window, with the picked entry cut out of its run. */
  private runsOf(node: TableNode, { first, last }: Window): readonly TableRun[] {
    const { pick } = this.options;
    const at = pick === undefined ? -1 : Math.floor((pick - node.input) / node.bytesPerEntry);
    if (first === 0 && last === Infinity && (at < 0 || at >= node.entries)) return node.runs;
    return node.runs.flatMap((run) => {
      const cut = at >= run.index && at < run.index + run.count ? [at, at + 1] : [];
      const edges = [first, last + 1, ...cut].filter((edge) => edge > run.index && edge < run.index + run.count);
      const starts = [run.index, ...edges.sort((a, b) => a - b)];
      return starts
        .map((start, i) => partOf(node, run, start, starts[i + 1] ?? run.index + run.count))
        .filter(({ index }) => index >= first && index <= last);
    });
  }

  /** What is wanted of a run: rows that it could fill, and entries. Nothing for what only separates others. */
  private wanted(node: TableNode, run: TableRun): Totals {
    const { matches } = this.options;
    if (run.table) {
      const below = this.totals(run.table);
      return matches || below.rows > 0 ? below : oneRow;
    }
    if (!matches) return run.leaf || run.kind === 'table' ? oneRow : nothing;
    const entries = matches(node, run);
    return entries > 0 ? { rows: 1, entries } : nothing;
  }
  /** The same of all that is in a table. Each is counted once, however often it is asked for. */
  totals(node: TableNode): Totals {
    let known = this.known.get(node);
    if (!known) this.known.set(node, (known = this.options.matches ? this.matching(node) : { rows: this.mapping(node), entries: 0 }));
    return known;
  }
  private matching(node: TableNode): Totals {
    let rows = 0;
    let entries = 0;
    for (const run of node.runs) {
      const wanted = this.wanted(node, run);
      rows += wanted.rows;
      entries += wanted.entries;
    }
    return { rows, entries };
  }
  /** Without a filter nobody has to look at the runs themselves. */
  private mapping(node: TableNode): number {
    let rows = node.mapping;
    // The row of a table is its own only where it has nothing in it.
    for (const table of node.tables) rows += Math.max(1, this.totals(table).rows) - 1;
    return rows;
  }

  private rows(node: TableNode, items: readonly Item[], room: number): OutlineRow[] {
    share(items, room);
    const rows: OutlineRow[] = [];
    let group: Group | undefined;
    const flush = (): void => {
      if (!group) return;
      rows.push(this.groupRow(node, group));
      for (const run of group.after) rows.push(this.row(node, run));
      group = undefined;
    };
    for (const { run, wanted, share } of items) {
      const isGap = run.kind === 'invalid' || run.kind === 'reserved';
      if (wanted && share > 0) {
        flush();
        rows.push(run.table ? this.tableRow(node, run, share) : this.row(node, run));
        continue;
      }
      const kind = wanted ? 'more' : 'other';
      if (!wanted && isGap && !this.options.matches) {
        // Between runs that are put together, what is not mapped is too.
        if (group) group.after.push(run);
        else rows.push(this.row(node, run));
        continue;
      }
      if (group && group.kind !== kind) flush();
      group ??= { kind, runs: [], after: [] };
      group.runs.push(...group.after, run);
      group.after.length = 0;
    }
    flush();
    return rows;
  }

  private row(node: TableNode, run: Part): OutlineRow {
    const { kind, index, count, low, high, output, leaf, isCut } = run;
    const changed = this.changedIn(node, run);
    return {
      kind,
      index,
      count,
      ...this.place(node, run),
      ...(isCut ? {} : { value: hex(join64(low, high)) }),
      ...(output === undefined ? {} : { output: hex(output) }),
      ...(leaf ? { leaf } : {}),
      ...(changed > 0 ? { changed } : {}),
    };
  }

  private tableRow(node: TableNode, run: TableRun, share: number): OutlineRow {
    const row = this.row(node, run);
    const table = run.table!;
    const need = this.totals(table).rows;
    return need <= share || share > 2 ? { ...row, table: this.table(table, share) } : { ...row, hidden: need };
  }

  private groupRow(node: TableNode, { kind, runs }: Group): OutlineRow {
    const [first] = runs;
    const last = runs.at(-1)!;
    if (runs.length === 1 && kind === 'more' && !first.table) return this.row(node, first);
    const hidden = runs.reduce((sum, run) => sum + this.wanted(node, run).rows, 0);
    const changed = runs.reduce((sum, run) => sum + this.changedIn(node, run), 0);
    const whole = { index: first.index, count: last.index + last.count - first.index };
    return { kind, ...whole, ...this.place(node, whole), ...(kind === 'more' ? { hidden } : {}), ...(changed > 0 ? { changed } : {}) };
  }

  private place(node: TableNode, { index, count }: Pick<TableRun, 'index' | 'count'>): Pick<OutlineRow, 'input' | 'size'> {
    return { input: hex(this.tree.base + BigInt(inputOf(node, { index }))), size: count * node.bytesPerEntry };
  }

  private changedIn(node: TableNode, run: TableRun): number {
    const { changes } = this.options;
    if (!changes) return 0;
    const below = run.table?.runs.reduce((sum, inner) => sum + this.changedIn(run.table!, inner), 0) ?? 0;
    return changes(node, run) + below;
  }
}

/** Neighbours that share a row. */
interface Group {
  readonly kind: 'more' | 'other';
  readonly runs: TableRun[];
  /** Entries that map nothing and would follow it. */
  readonly after: TableRun[];
}

/** Part of a run. Attributes and outputs are those of the whole; bits that mean nothing may differ, so only the first has a known value. */
type Part = TableRun & { readonly isCut?: true };

function partOf(node: TableNode, run: TableRun, from: number, to: number): Part {
  const { kind, low, high, leaf, table } = run;
  if (from === run.index && to === run.index + run.count) return run;
  const output = run.output === undefined ? undefined : OA(run.output + (from - run.index) * node.bytesPerEntry);
  return { kind, index: from, count: to - from, low, high, output, leaf, table, ...(from === run.index ? {} : { isCut: true }) };
}

/** Gives each item its part of the room: one row each, the largest first, and what is left to tables that can use it. */
function share(items: readonly Item[], room: number): void {
  const wanted = items.filter((item) => item.wanted);
  let shown = wanted;
  if (wanted.length > room) {
    const bySize = [...wanted].sort(
      (a, b) => Number(b.picked) - Number(a.picked) || b.run.count - a.run.count || a.run.index - b.run.index,
    );
    let most = room - 1;
    do {
      shown = bySize.slice(0, most);
      most = Math.floor(most * 0.8);
    } while (most > 0 && shown.length + groupsBetween(wanted, new Set(shown)) > room);
  }
  let left = Math.max(0, room - shown.length);
  for (const item of shown) item.share = 1;
  let open = shown.filter((item) => item.need > 1);
  while (open.length > 0 && left >= open.length) {
    const each = Math.floor(left / open.length);
    for (const item of open) {
      const more = Math.min(each, item.need - item.share);
      item.share += more;
      left -= more;
    }
    open = open.filter((item) => item.need > item.share);
  }
}

/** How many rows those that are not shown take together. */
function groupsBetween(wanted: readonly Item[], shown: ReadonlySet<Item>): number {
  let groups = 0;
  wanted.forEach((item, i) => {
    if (!shown.has(item) && (i === 0 || shown.has(wanted[i - 1]))) groups++;
  });
  return groups;
}
