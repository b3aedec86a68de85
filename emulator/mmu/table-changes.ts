/** What differs between the trees of a base register at two instants, entry by entry. Both trees must have been read with `keep`. */
import { descriptorKind } from './descriptor-reader.ts';
import type { TableNode, TableRun, TableTree } from './table-types.ts';
import type { DescriptorKind } from './trace.ts';

export type ChangeKind = 'added' | 'removed' | 'changed';

/** Neighbouring entries of one table that changed in the same way. */
export interface EntryChange {
  readonly kind: ChangeKind;
  readonly level: number;
  /** First entry and how many. */
  readonly index: number;
  count: number;
  /** Input address of the first, from the start of the range, and what each translates. */
  readonly input: number;
  readonly bytesPerEntry: number;
  /** The first descriptor then and now, in signed halves; and what they are. */
  readonly before: Descriptor;
  readonly after: Descriptor;
}
export interface Descriptor {
  readonly low: number;
  readonly high: number;
  readonly kind: DescriptorKind;
}

export interface TreeChanges {
  /** By rising input address, tables before what is in them; at most as many as were asked for. */
  readonly list: readonly EntryChange[];
  /** Entries of each kind. */
  readonly entries: Readonly<Record<ChangeKind, number>>;
  /** Entries of a run that changed. */
  readonly within: (node: TableNode, run: TableRun) => number;
}

export function compareTrees(before: TableTree, after: TableTree, most = 400): TreeChanges {
  const old = tablesOf(before);
  const now = tablesOf(after);
  const all: EntryChange[] = [];
  const changed = new Map<string, number[]>();
  const entries = { added: 0, removed: 0, changed: 0 };
  for (const key of new Set([...now.keys(), ...old.keys()])) {
    const indices = compareTable(all, entries, old.get(key), now.get(key), after.granule === 65536 ? 16 : 12);
    if (indices.length > 0) changed.set(key, indices);
  }
  all.sort((a, b) => a.input - b.input || a.level - b.level);
  return {
    list: all.slice(0, most),
    entries,
    within: (node, run) => {
      const indices = changed.get(keyOf(node));
      if (!indices) return 0;
      return firstNotBelow(indices, run.index + run.count) - firstNotBelow(indices, run.index);
    },
  };
}

const keyOf = ({ level, input }: TableNode): string => `${level}/${input}`;

function tablesOf({ root }: TableTree): Map<string, TableNode> {
  const found = new Map<string, TableNode>();
  const visit = (node: TableNode): void => {
    found.set(keyOf(node), node);
    for (const { table } of node.runs) if (table) visit(table);
  };
  if (root) visit(root);
  return found;
}

/** Compares all entries of a table that is there at one of the instants at least; returns the indices of those that differ. */
function compareTable(
  changes: EntryChange[],
  entries: Record<ChangeKind, number>,
  before: TableNode | undefined,
  after: TableNode | undefined,
  granuleBits: number,
): number[] {
  const { level, input, bytesPerEntry } = (after ?? before)!;
  const length = Math.max(after?.entries ?? 0, before?.entries ?? 0);
  const indices: number[] = [];
  let open: EntryChange | undefined;
  for (let index = 0; index < length; index++) {
    const low = after?.descriptors?.[2 * index] ?? 0;
    const high = after?.descriptors?.[2 * index + 1] ?? 0;
    const oldLow = before?.descriptors?.[2 * index] ?? 0;
    const oldHigh = before?.descriptors?.[2 * index + 1] ?? 0;
    const wasValid = (oldLow & 1) !== 0;
    const isValid = (low & 1) !== 0;
    // What an entry that maps nothing says besides is of no consequence.
    if ((low === oldLow && high === oldHigh) || (!wasValid && !isValid)) continue;
    const kind = !wasValid ? 'added' : !isValid ? 'removed' : 'changed';
    entries[kind]++;
    indices.push(index);
    const now = { low, high, kind: descriptorKind(low, level, granuleBits) };
    const then = { low: oldLow, high: oldHigh, kind: descriptorKind(oldLow, level, granuleBits) };
    const follows = open && open.kind === kind && open.index + open.count === index;
    // Tables stand alone: each leads somewhere else.
    if (follows && open!.after.kind === now.kind && open!.before.kind === then.kind && now.kind !== 'table' && then.kind !== 'table')
      open!.count++;
    else
      changes.push(
        (open = { kind, level, index, count: 1, input: input + index * bytesPerEntry, bytesPerEntry, before: then, after: now }),
      );
  }
  return indices;
}

/** The entry of `level` that translates an input address (from the start of the range): nothing where there is no table for it. */
export function descriptorIn(tree: TableTree, input: number, level: number): Descriptor {
  let node = tree.root;
  while (node && node.level < level) {
    const index = Math.floor((input - node.input) / node.bytesPerEntry);
    node = node.runs.find((run) => run.index === index)?.table;
  }
  const index = node ? Math.floor((input - node.input) / node.bytesPerEntry) : 0;
  const low = node?.descriptors?.[2 * index] ?? 0;
  const high = node?.descriptors?.[2 * index + 1] ?? 0;
  return { low, high, kind: descriptorKind(low, level, Math.log2(tree.granule)) };
}

/** How many of the sorted numbers are below a limit. */
function firstNotBelow(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
