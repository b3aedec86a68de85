/**
 * A regime's whole table tree for pictures: every table with its entries, equal neighbours merged into runs. Reads the tables that the
 * walker would read, in the same way; addresses are numbers below 2^48, VAs of the upper half are counted from the start of its range.
 */
import { IPA, OA, PA } from '../base/addresses.ts';
import { rootDecidedBy } from './decided-by.ts';
import { DescriptorReader } from './descriptor-reader.ts';
import { LeafReader, type LeafInfo } from './leaf.ts';
import type { PhysicalReader } from './physical.ts';
import { lookupShift, powersOfTwo, type Regime, type RegimeContext, type TableRoot } from './regime.ts';
import { RunList, type TreePool } from './run-list.ts';
import { inputOf, type TableCounts, type TableNode, type TableRun, type TableTree } from './table-types.ts';
import type { DescriptorKind } from './trace.ts';
import type { Walker } from './walk.ts';

/** Limits, since a guest's tables may be anything: tables that contain themselves would give 2^36 entries. */
export interface TreeOptions {
  /** Descriptors read at most, to the end of a page of them; 2^22 if absent. */
  readonly maxEntries?: number;
  /** Runs made of them at most, likewise; 2^19 if absent. */
  readonly maxRuns?: number;
  /** Keep every descriptor, so that trees of two instants can be compared. */
  readonly keep?: boolean;
}

/** What reading tables needs of an MMU. */
export interface TableSource {
  readonly memory: PhysicalReader;
  readonly walker: Walker;
}

/** An MMU, as far as its tables are concerned. */
export interface TableOwner extends TableSource {
  context(regime: Regime): RegimeContext;
}

/** The tree that a base register points to, also while its stage is off. */
export function readTables(mmu: TableOwner, register: TableRoot['register'], options?: TreeOptions): TableTree {
  const context = mmu.context(register === 'TTBR0_EL2' ? 'el2' : 'el1');
  return readTree(
    mmu,
    context,
    [context.lower, context.upper, context.stage2Root].find((root) => root?.register === register)!,
    options,
  );
}

/** The tree of a root of `context`. */
export function readTree(source: TableSource, context: RegimeContext, root: TableRoot, options: TreeOptions = {}): TableTree {
  const reader = new TreeReader(source, context, root, options);
  const node = root.refusal === 'none' ? reader.read(root.base, root.startLevel, 0, 0) : undefined;
  return {
    stage: reader.stage,
    register: root.register,
    base: root === context.upper ? (1n << 64n) - (1n << BigInt(root.inputBits)) : 0n,
    inputBits: root.inputBits,
    granule: powersOfTwo[root.granuleBits],
    root: node,
    refusedBy: rootDecidedBy(context, root),
    counts: reader.counts,
    isTruncated: reader.isTruncated,
  };
}

/** A table that has been read. */
class ReadTable implements TableNode {
  readonly level: number;
  readonly address: OA;
  readonly pa: PA | undefined;
  readonly input: number;
  readonly bytesPerEntry: number;
  readonly entries: number;
  readonly descriptors?: Int32Array;
  readonly problem?: NonNullable<TableNode['problem']>;
  readonly #runs: RunList;

  constructor(fields: Omit<TableNode, 'runs' | 'mapping' | 'tables'>, runs: RunList) {
    this.level = fields.level;
    this.address = fields.address;
    this.pa = fields.pa;
    this.input = fields.input;
    this.bytesPerEntry = fields.bytesPerEntry;
    this.entries = fields.entries;
    if (fields.descriptors) this.descriptors = fields.descriptors;
    if (fields.problem) this.problem = fields.problem;
    this.#runs = runs;
  }
  get runs(): readonly TableRun[] {
    return this.#runs.runs();
  }
  get mapping(): number {
    return this.#runs.mapping;
  }
  get tables(): Iterable<TableNode> {
    return this.#runs.tables;
  }
}

/** A table that is being read. */
interface OpenTable {
  readonly runs: RunList;
  readonly descriptors: Int32Array | undefined;
  readonly level: number;
  readonly input: number;
  /** Of the tables above (permissions.ts). */
  readonly control: number;
}

class TreeReader {
  readonly stage: 1 | 2;
  readonly counts: TableCounts = { tables: 0, entries: { table: 0, block: 0, page: 0, invalid: 0, reserved: 0 }, runs: 0 };
  isTruncated = false;
  private entriesLeft: number;
  private runsLeft: number;
  private readonly leaves: LeafReader;
  private readonly descriptor = new DescriptorReader();
  private readonly bigEndian: boolean;
  private readonly outputBits: number;
  private readonly nested: boolean;
  private readonly keep: boolean;
  private readonly pool: TreePool;

  constructor(
    private readonly source: TableSource,
    private readonly context: RegimeContext,
    private readonly root: TableRoot,
    { maxEntries = 2 ** 22, maxRuns = 2 ** 19, keep = false }: TreeOptions,
  ) {
    this.keep = keep;
    this.pool = { leaves: [], numbers: new Map(), granuleBits: root.granuleBits, spare: [] };
    this.entriesLeft = maxEntries;
    this.runsLeft = maxRuns;
    this.stage = root === context.stage2Root ? 2 : 1;
    this.leaves = new LeafReader(context, this.stage);
    this.bigEndian = this.stage === 1 ? context.bigEndian : context.stage2BigEndian;
    this.outputBits = this.stage === 1 ? context.outputBits : context.stage2OutputBits;
    this.nested = this.stage === 1 && context.stage2;
  }

  read(address: OA, level: number, input: number, control: number): TableNode {
    const { root, counts } = this;
    counts.tables++;
    const shift = lookupShift(level, root.granuleBits);
    const bytesPerEntry = powersOfTwo[shift];
    const entries = powersOfTwo[level === root.startLevel ? root.inputBits - shift : root.granuleBits - 3];
    const runs = new RunList(this.pool, shift);
    const descriptors = this.keep ? new Int32Array(2 * entries) : undefined;
    let pa: PA | undefined;
    let problem: TableNode['problem'];
    for (let first = 0; first < entries && !problem; first += ENTRIES_PER_PAGE) {
      if (this.entriesLeft <= 0 || this.runsLeft <= 0) {
        this.isTruncated = true;
        break;
      }
      const end = Math.min(entries, first + ENTRIES_PER_PAGE);
      const page = this.physical(OA(address + first * 8));
      if (first === 0) pa = page;
      if (page === undefined) problem = 'refused by stage 2';
      else if (!this.readPage({ runs, descriptors, level, input, control }, page, first, end)) problem = 'no memory';
    }
    runs.finish();
    return new ReadTable(
      { level, address, pa, input, bytesPerEntry, entries, ...(descriptors && { descriptors }), ...(problem && { problem }) },
      runs,
    );
  }

  /** PA of a part of a table that lies in one 4 KiB page. */
  private physical(address: OA): PA | undefined {
    if (!this.nested) return PA(address);
    const { walker } = this.source;
    return walker.stage2(this.context, IPA(address), true) ? walker.pa : undefined;
  }

  /** Entries `first` to `end` of a table, which lie at `pa` one after the other. False where there is no memory. */
  private readPage({ runs, descriptors, level, input, control }: OpenTable, pa: PA, first: number, end: number): boolean {
    const { granuleBits } = this.root;
    const { memory } = this.source;
    const { descriptor, bigEndian, outputBits, counts, leaves } = this;
    const shift = lookupShift(level, granuleBits);
    const bytesPerEntry = powersOfTwo[shift];
    this.entriesLeft -= end - first;
    for (let index = first; index < end; index++) {
      if (!descriptor.fetch(memory, PA(pa + (index - first) * 8), bigEndian)) return false;
      descriptor.decode(level, shift, granuleBits, outputBits);
      const { low, high, kind } = descriptor;
      if (descriptors) {
        descriptors[2 * index] = low;
        descriptors[2 * index + 1] = high;
      }
      counts.entries[kind]++;
      if (kind === 'invalid' || kind === 'reserved') {
        if (runs.lastKind === kind) runs.extend();
        else this.begin(runs, kind, index, low, high);
        continue;
      }
      if (kind === 'table') {
        const table = descriptor.isBeyond
          ? undefined
          : this.child(descriptor.next, level + 1, input + index * bytesPerEntry, control | descriptor.control);
        this.begin(runs, kind, index, low, high, undefined, table);
        continue;
      }
      const leaf = leaves.read(descriptor, control);
      if (runs.lastLeaf === leaf && runs.nextOutput(bytesPerEntry) === descriptor.next) runs.extend();
      else this.begin(runs, kind, index, low, high, leaf);
    }
    return true;
  }

  private begin(runs: RunList, kind: DescriptorKind, index: number, low: number, high: number, leaf?: LeafInfo, table?: TableNode): void {
    this.counts.runs++;
    this.runsLeft--;
    runs.push(kind, index, low, high, leaf, table);
  }

  private child(address: OA, level: number, input: number, control: number): TableNode | undefined {
    if (this.entriesLeft > 0 && this.runsLeft > 0) return this.read(address, level, input, control);
    this.isTruncated = true;
    return undefined;
  }
}

const ENTRIES_PER_PAGE = 512;

/** A range that leaves map, merged across tables where neighbours are alike. */
export interface MappedRange {
  readonly input: number;
  bytes: number;
  readonly output: OA;
  readonly leaf: LeafInfo;
  /** Size of the first leaf. */
  readonly leafBytes: number;
}

/** All that a tree maps, by ascending input address. */
export function* mappedRanges(tree: TableTree): Generator<MappedRange> {
  let open: MappedRange | undefined;
  for (const { node, run } of leafRuns(tree.root)) {
    const input = inputOf(node, run);
    const bytes = run.count * node.bytesPerEntry;
    const leaf = run.leaf!;
    const output = run.output!;
    if (open?.leaf === leaf && open.input + open.bytes === input && open.output + open.bytes === output) open.bytes += bytes;
    else {
      if (open) yield open;
      open = { input, bytes, output, leaf, leafBytes: node.bytesPerEntry };
    }
  }
  if (open) yield open;
}

function* leafRuns(node: TableNode | undefined): Generator<{ node: TableNode; run: TableRun }> {
  if (!node) return;
  for (const run of node.runs) {
    if (run.leaf) yield { node, run };
    else if (run.table) yield* leafRuns(run.table);
  }
}

/** Input addresses that a tree maps to `output`, at most `limit` of them. */
export function inputsOf(tree: TableTree, output: OA, limit = 16): number[] {
  const found: number[] = [];
  for (const range of mappedRanges(tree)) {
    if (found.length === limit) break;
    if (output >= range.output && output < range.output + range.bytes && !range.leaf.refused)
      found.push(range.input + output - range.output);
  }
  return found;
}
