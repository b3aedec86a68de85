/** What a regime's table tree is made of, as it is read (tables.ts) and as whoever asks it sees it. */
import type { OA, PA } from '../base/addresses.ts';
import type { LeafInfo } from './leaf.ts';
import type { TableRoot } from './regime.ts';
import type { DescriptorKind } from './trace.ts';
import type { DecidedBy } from './walk-types.ts';

export interface TableTree {
  readonly stage: 1 | 2;
  readonly register: TableRoot['register'];
  /** 0, or where the VAs of the upper half begin: 2^64 - 2^inputBits. Add it to an `input` for the VA. */
  readonly base: bigint;
  readonly inputBits: number;
  /** Bytes of a granule. */
  readonly granule: number;
  /** Undefined where the root cannot be used: `refusedBy` says why. */
  readonly root: TableNode | undefined;
  readonly refusedBy: DecidedBy | undefined;
  readonly counts: TableCounts;
  /** A limit was reached; the rest is missing. */
  readonly isTruncated: boolean;
}

export interface TableCounts {
  tables: number;
  /** Descriptors of each kind. */
  readonly entries: Record<DescriptorKind, number>;
  /** Runs that they were merged into. */
  runs: number;
}

export interface TableNode {
  readonly level: number;
  readonly address: OA;
  /** Where its first bytes are; undefined where stage 2 refuses them. */
  readonly pa: PA | undefined;
  /** First input address it translates, and how much each entry does. */
  readonly input: number;
  readonly bytesPerEntry: number;
  readonly entries: number;
  /** Made anew at each look: keep what is needed more than once. */
  readonly runs: readonly TableRun[];
  /** How many of them map something or lead to a table. */
  readonly mapping: number;
  /** The tables below, in the order of their entries. */
  readonly tables: Iterable<TableNode>;
  /** All descriptors as pairs of signed halves, where they were asked for; zero where they could not be read. */
  readonly descriptors?: Int32Array;
  /** Why its entries, or the rest of them, could not be read. */
  readonly problem?: 'refused by stage 2' | 'no memory';
}

/** Neighbouring entries of one table that are alike: invalid ones, or leaves with equal attributes and contiguous output. Tables stand alone. */
export interface TableRun {
  readonly kind: DescriptorKind;
  /** First entry and how many. */
  readonly index: number;
  readonly count: number;
  /** Value of the first descriptor, in signed halves. */
  readonly low: number;
  readonly high: number;
  /** Output address of the first leaf, or address of the next table. */
  readonly output: OA | undefined;
  readonly leaf: LeafInfo | undefined;
  /** The table below; undefined where its address is beyond the output size or the tree was cut off. */
  readonly table: TableNode | undefined;
}

/** Input address of a run's first entry. */
export const inputOf = (node: TableNode, run: Pick<TableRun, 'index'>): number => node.input + run.index * node.bytesPerEntry;
