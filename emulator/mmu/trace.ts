/** What a walk tells of itself, step by step, to whoever wants to draw it. */
import type { TableRoot } from './regime.ts';

export type DescriptorKind = 'table' | 'block' | 'page' | 'invalid' | 'reserved';

export interface WalkTrace {
  /**
   * A descriptor is about to be fetched from `address`, entry `index` of the table of `entries` entries at `table`: an IPA for stage 1 under
   * stage 2, else a PA. Stage-2 steps that follow before `fetched` or `refused` are those of this fetch.
   */
  begin(stage: 1 | 2, level: number, root: TableRoot, table: number, index: number, entries: number, address: number): void;
  /** The descriptor was read at `pa`; its halves after byte reversal. */
  fetched(pa: number, low: number, high: number): void;
  /** What it is, and where it leads: the next table, or the base of the memory it maps. */
  verdict(kind: DescriptorKind, next: number | undefined): void;
  /** It could not be read: stage 2 refused its address, or nothing answers at `pa`. */
  refused(pa?: number): void;
}
