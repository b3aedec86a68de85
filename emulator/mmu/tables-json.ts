/** A table tree as plain data with addresses as hex strings, for views, files and JSON. */
import { hex } from '../base/hex.ts';
import { join64 } from '../base/bits.ts';
import type { LeafInfo } from './leaf.ts';
import { inputOf, type TableCounts, type TableNode, type TableRun, type TableTree } from './table-types.ts';
import type { DescriptorKind } from './trace.ts';
import type { DecidedBy, Hex } from './walk-types.ts';

export interface TablesJson {
  readonly stage: 1 | 2;
  readonly register: string;
  /** Bits of the input address; bytes of a granule. */
  readonly inputBits: number;
  readonly granule: number;
  readonly root: TableJson | null;
  /** What leaves it without a root. */
  readonly refusedBy?: DecidedBy;
  readonly counts: TableCounts;
  readonly isTruncated: boolean;
}

export interface TableJson {
  readonly level: number;
  readonly address: Hex;
  readonly pa: Hex | null;
  readonly input: Hex;
  readonly bytesPerEntry: number;
  readonly entries: number;
  readonly runs: readonly RunJson[];
  readonly problem?: string;
}

export interface RunJson {
  readonly kind: DescriptorKind;
  readonly index: number;
  readonly count: number;
  readonly input: Hex;
  /** Bytes of input addresses. */
  readonly size: number;
  /** First descriptor. */
  readonly value: Hex;
  readonly output?: Hex;
  readonly leaf?: LeafInfo;
  readonly table?: TableJson;
}

export function tablesToJson(tree: TableTree): TablesJson {
  const { stage, register, base, inputBits, granule, root, refusedBy, counts, isTruncated } = tree;
  return {
    stage,
    register,
    inputBits,
    granule,
    root: root ? tableToJson(root, base) : null,
    ...(refusedBy ? { refusedBy } : {}),
    counts,
    isTruncated,
  };
}

const tableToJson = (node: TableNode, base: bigint): TableJson => ({
  level: node.level,
  address: hex(node.address),
  pa: node.pa === undefined ? null : hex(node.pa),
  input: hex(base + BigInt(node.input)),
  bytesPerEntry: node.bytesPerEntry,
  entries: node.entries,
  runs: node.runs.map((run) => runToJson(node, run, base)),
  ...(node.problem ? { problem: node.problem } : {}),
});

const runToJson = (node: TableNode, run: TableRun, base: bigint): RunJson => ({
  kind: run.kind,
  index: run.index,
  count: run.count,
  input: hex(base + BigInt(inputOf(node, run))),
  size: run.count * node.bytesPerEntry,
  value: hex(join64(run.low, run.high)),
  ...(run.output === undefined ? {} : { output: hex(run.output) }),
  ...(run.leaf ? { leaf: run.leaf } : {}),
  ...(run.table ? { table: tableToJson(run.table, base) } : {}),
});
