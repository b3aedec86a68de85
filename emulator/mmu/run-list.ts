/**
 * The runs of one table, kept as numbers: a tree may have hundreds of thousands, and that many objects that live on cost more to keep than
 * tables cost to read. Objects are made when somebody looks, and are forgotten again.
 */
import { addressField, nextAddress } from './descriptor-reader.ts';
import type { LeafInfo } from './leaf.ts';
import type { TableNode, TableRun } from './table-types.ts';
import type { DescriptorKind } from './trace.ts';

const kinds = ['table', 'block', 'page', 'invalid', 'reserved'] as const satisfies readonly DescriptorKind[];
/** Numbers of a run: first index, count, halves of the first descriptor, and its kind with the number of its leaf above. */
const WIDTH = 5;
const [INDEX, COUNT, LOW, HIGH, WHAT] = [0, 1, 2, 3, 4];

/** What a whole tree has in common. */
export interface TreePool {
  readonly leaves: LeafInfo[];
  readonly numbers: Map<LeafInfo, number>;
  readonly granuleBits: number;
  /** Room for the runs of a table that is being read, to be used again by the next. */
  readonly spare: Int32Array[];
}

export class RunList {
  private numbers: Int32Array;
  private readonly below = new Map<number, TableNode>();
  length = 0;
  /** Runs that map something or lead to a table. */
  mapping = 0;
  /** Of the run that is open: what it is, and its leaf. */
  lastKind: DescriptorKind | undefined;
  lastLeaf: LeafInfo | undefined;

  constructor(
    private readonly pool: TreePool,
    /** Lowest input address bit of an entry: where the output of a leaf begins. */
    private readonly shift: number,
  ) {
    this.numbers = pool.spare.pop() ?? new Int32Array(512 * WIDTH);
  }

  /** The tables that its entries lead to. */
  get tables(): Iterable<TableNode> {
    return this.below.values();
  }

  push(kind: DescriptorKind, index: number, low: number, high: number, leaf?: LeafInfo, table?: TableNode): void {
    const at = this.length * WIDTH;
    if (at === this.numbers.length) {
      const larger = new Int32Array(this.numbers.length * 2);
      larger.set(this.numbers);
      this.numbers = larger;
    }
    this.numbers[at + INDEX] = index;
    this.numbers[at + COUNT] = 1;
    this.numbers[at + LOW] = low;
    this.numbers[at + HIGH] = high;
    this.numbers[at + WHAT] = kinds.indexOf(kind) | (leaf ? this.numberOf(leaf) << 3 : 0);
    if (table) this.below.set(this.length, table);
    this.length++;
    if (leaf || kind === 'table') this.mapping++;
    this.lastKind = kind;
    this.lastLeaf = leaf;
  }
  /** One more entry belongs to the open run. */
  extend(): void {
    this.numbers[(this.length - 1) * WIDTH + COUNT]++;
  }
  /** All entries have been read. */
  finish(): void {
    const own = this.numbers.slice(0, this.length * WIDTH);
    this.pool.spare.push(this.numbers);
    this.numbers = own;
  }
  /** Where the output of the entry after the open run would have to be for it to belong to it. */
  nextOutput(bytesPerEntry: number): number {
    const at = (this.length - 1) * WIDTH;
    return addressField(this.numbers[at + LOW], this.numbers[at + HIGH], this.shift) + this.numbers[at + COUNT] * bytesPerEntry;
  }

  /** Leaves are numbered from 1. */
  private numberOf(leaf: LeafInfo): number {
    const { leaves, numbers } = this.pool;
    let number = numbers.get(leaf);
    if (number === undefined) numbers.set(leaf, (number = leaves.push(leaf)));
    return number;
  }

  runs(): TableRun[] {
    const runs: TableRun[] = [];
    for (let i = 0; i < this.length; i++) runs.push(this.run(i));
    return runs;
  }
  private run(i: number): TableRun {
    const { numbers, pool, shift } = this;
    const at = i * WIDTH;
    const low = numbers[at + LOW];
    const high = numbers[at + HIGH];
    const kind = kinds[numbers[at + WHAT] & 7];
    const leaf = pool.leaves[(numbers[at + WHAT] >> 3) - 1] as LeafInfo | undefined;
    const output = kind === 'table' || leaf ? nextAddress(kind, low, high, shift, pool.granuleBits) : undefined;
    return { kind, index: numbers[at + INDEX], count: numbers[at + COUNT], low, high, output, leaf, table: this.below.get(i) };
  }
}
