import { IPA, PA, VA } from '../../base/addresses.ts';
import * as v from 'valibot';
import { hex } from '../../base/hex.ts';
import { count } from '../../explain/words.ts';
import { entryTraitNames } from '../../mmu/table-filter.ts';
import {
  compareTrees,
  decodeEntry,
  entryMatcher,
  largestRun,
  leafAt,
  outlineTree,
  reachVirtual,
  readTables,
  type EntryChange,
  type Mmu,
  type OutlineRow,
  type TableOutline,
  type TableTree,
  type TreeLeaf,
  type TreeChanges,
} from '../../mmu/index.ts';
import { treeAt, translates, type OtherInstant } from '../compared.ts';
import { guestsOf, mmuOfGuest } from '../guests.ts';
import { addressesInUse } from '../in-use.ts';
import { nameOfVirtual } from '../place-names.ts';
import type { Program } from '../program.ts';
import { limits } from '../limits.ts';
import { address, count as number, otherInstant, vmid } from '../schemas.ts';
import { atRest, view } from '../view.ts';
import { tableRegisters, type TableChange, type TableChanges, type TablesView } from '../views.ts';

/** Rows of a picture that says nothing of its room. */
const ROWS = 24;

const params = v.strictObject({
  /** Without one, that of the guest's own tables once they are on, else what translates at all. */
  register: v.optional(v.picklist(tableRegisters)),
  /** Whose tables; without one, those of the machine as it is. */
  vmid: v.optional(vmid),
  /** Entries that lead to the table shown as the root, and the part of it that is shown. */
  zoom: v.optional(
    v.strictObject({ path: v.pipe(v.array(number), v.maxLength(4), v.readonly()), first: v.optional(number), last: v.optional(number) }),
  ),
  /** Rows that the picture has room for. */
  rows: v.optional(v.pipe(number, v.minValue(4), v.maxValue(limits.tableRows))),
  filter: v.optional(
    v.strictObject({
      traits: v.pipe(v.array(v.picklist(entryTraitNames)), v.maxLength(entryTraitNames.length), v.readonly()),
      text: v.pipe(v.string(), v.maxLength(200)),
    }),
  ),
  compare: v.optional(otherInstant),
  /** An input address whose entry has its own row. */
  pick: v.optional(address),
});
export type TablesParams = v.InferOutput<typeof params>;

/** The tree of a base register; without one, of the guest's own tables once they are on, else of what translates at all. */
export const tables = view(params, (program, params, { isRunning } = atRest): TablesView => {
  const { machine } = program;
  const { vmid, filter, zoom, rows = ROWS, pick } = params;
  // What "the trap before" is changes all the time while the machine runs.
  const compare = isRunning && params.compare === 'trap' ? undefined : params.compare;
  const mmu = mmuOfGuest(program, vmid);
  const registers = tableRegisters.map((register) => ({ register, on: translates(mmu, register) }));
  const register = params.register ?? registers.find(({ on }) => on)?.register ?? 'TTBR0_EL2';
  const since = compareInstant(program, compare);
  const tree = readTables(mmu, register, { keep: since !== undefined });
  const other = since === undefined ? undefined : treeAt(program, since, register, vmid);
  const changes = other && compareTrees(other.tree, tree);
  const matches = filter && entryMatcher(tree, filter);
  const inUse = leafInUse(program, mmu, tree);
  const outline = outlineTree(tree, {
    rows,
    path: zoom?.path ?? [],
    first: zoom?.first ?? 0,
    last: zoom?.last ?? Infinity,
    matches,
    pick: pick === undefined ? undefined : Number(BigInt(pick) - tree.base),
    keep: inUse?.input,
    changes: changes?.within,
  });
  const { stage, inputBits, granule, refusedBy, counts, isTruncated } = tree;
  return {
    at: machine.steps,
    register,
    vmid: vmid ?? null,
    guests: guestsOf(program),
    registers,
    stage,
    inputBits,
    granule,
    output: outputSpace(mmu, tree),
    root: outline ? named(program, mmu, tree, outline.root) : null,
    path: outline?.path ?? [],
    inUse: inUse ? { level: inUse.level, input: hex(tree.base + BigInt(inUse.input)), reason: inUse.reason } : null,
    ...(refusedBy ? { refusal: refusedBy.text } : {}),
    counts,
    isTruncated,
    matches: outline?.matched ?? null,
    changes: other && changes ? describeChanges(tree, other, changes) : null,
    sentence: sentence(tree, registers.find((one) => one.register === register)!.on),
  };
});

/** The leaf that the machine uses at this instant; else, and while the stage is off, that of the largest run. */
function leafInUse(program: Program, mmu: Mmu, tree: TableTree): (TreeLeaf & { readonly reason: string }) | undefined {
  const { register, stage, base } = tree;
  const regime = register === 'TTBR0_EL2' ? 'el2' : 'el1';
  const used = translates(mmu, register) ? addressesInUse(program, regime, mmu) : [];
  for (const { va, name } of used) {
    const ipa = stage === 2 ? reachedIpa(mmu, va) : undefined;
    const input = stage === 2 ? ipa : Number(va - base);
    const leaf = input === undefined ? undefined : leafAt(tree, input);
    if (leaf) return { ...leaf, reason: `translates ${stage === 2 ? `the IPA of ${name}` : name}` };
  }
  const largest = largestRun(tree);
  return largest && { ...largest, reason: 'begins the largest run' };
}

const reachedIpa = (mmu: Mmu, va: VA): IPA | undefined => {
  const reached = reachVirtual(mmu, va, 1);
  return reached.ok ? reached.ipa : undefined;
};

/** Tells of each leaf what it leads to. */
function named(program: Program, mmu: Mmu, tree: TableTree, table: TableOutline): TableOutline {
  const name = (row: OutlineRow): string => {
    const output = Number(BigInt(row.output!));
    const pa =
      outputSpace(mmu, tree) === 'PA' ? PA(output) : mmu.walker.stage2(mmu.context('el1'), IPA(output), false) ? mmu.walker.pa : undefined;
    return nameOfVirtual(program, VA(BigInt(row.input)), pa, row.size);
  };
  const rows = table.rows.map((row) => {
    if (row.table) return { ...row, table: named(program, mmu, tree, row.table) };
    return row.leaf && row.output !== undefined ? { ...row, name: name(row) } : row;
  });
  return { ...table, rows };
}

export const outputSpace = (mmu: Mmu, { stage, register }: Pick<TableTree, 'stage' | 'register'>): 'IPA' | 'PA' =>
  stage === 1 && register !== 'TTBR0_EL2' && translates(mmu, 'VTTBR_EL2') ? 'IPA' : 'PA';

/** The instant that is compared with; undefined for none. */
export function compareInstant({ timeline }: Program, compare: TablesParams['compare']): number | undefined {
  if (compare === undefined) return undefined;
  return compare === 'trap' ? (timeline.previousEvent() ?? 0) : Math.min(compare, timeline.end);
}

function describeChanges(tree: TableTree, other: OtherInstant, { entries, list }: TreeChanges): TableChanges {
  const { at: since, wasOff } = other;
  const parts = (['added', 'removed', 'changed'] as const).filter((kind) => entries[kind] > 0).map((kind) => `${entries[kind]} ${kind}`);
  const off = wasOff ? ' The stage was off then; this is what the memory held.' : '';
  const found = parts.length ? `Since instant ${since}: ${parts.join(', ')}.` : `Nothing has changed since instant ${since}.`;
  return { since, ...entries, list: list.map((change) => changeRow(tree, other, change)), sentence: found + off };
}

function changeRow(tree: TableTree, { mmu, tree: old }: OtherInstant, change: EntryChange): TableChange {
  const { kind, level, index, input, bytesPerEntry, before, after } = change;
  const place = { context: mmu.context(tree.register === 'TTBR0_EL2' ? 'el2' : 'el1'), stage: tree.stage, level };
  const said = (descriptor: EntryChange['before'], granule: number): TableChange['before'] => {
    const { value, verdict } = decodeEntry({ ...place, granuleBits: Math.log2(granule) }, descriptor);
    return { value, verdict };
  };
  return {
    kind,
    level,
    index,
    count: change.count,
    input: hex(tree.base + BigInt(input)),
    size: change.count * bytesPerEntry,
    before: said(before, old.granule),
    after: said(after, tree.granule),
  };
}

function sentence({ register, stage, root, refusedBy, counts, isTruncated }: TableTree, on: boolean): string {
  if (!root) return `${register} has no table to read. ${refusedBy?.text ?? ''}`;
  const what = stage === 2 ? 'the hypervisor maps guest physical addresses (IPA) to real ones' : 'virtual addresses are mapped';
  const { page, block } = counts.entries;
  const off = on ? '' : ' This stage is off at this instant.';
  const rest = isTruncated ? ' There is more than can be shown.' : '';
  return `With ${count(counts.tables, 'table')}, ${count(page, 'page')} and ${count(block, 'block')}, ${what}.${off}${rest}`;
}
