/** What a walk reports, step by step, to whoever wants to draw it. */
import type { OA, PA } from '../base/addresses.ts';
import type { TableRoot } from './regime.ts';

export type DescriptorKind = 'table' | 'block' | 'page' | 'invalid' | 'reserved';

/** A descriptor as the walker reads it, of use only until the next is read. */
export interface DecodedDescriptor {
  readonly low: number;
  readonly high: number;
  readonly kind: DescriptorKind;
  /** Next table, or base of the memory that is mapped; without meaning where it is neither. */
  readonly next: OA;
}

export interface WalkTrace {
  /**
   * A descriptor is about to be fetched from `address`, entry `index` of the table of `entries` entries at `table`. Stage-2 steps that follow before `decoded` or `refused` are those of this fetch.
   */
  begin(stage: 1 | 2, level: number, root: TableRoot, table: OA, index: number, entries: number, address: OA): void;
  /** The descriptor was read at `pa` and is what it is. `control`: what the tables of stage 1 above it withhold (permissions.ts). */
  decoded(pa: PA, descriptor: DecodedDescriptor, control: number): void;
  /** It could not be read: stage 2 refused its address, or nothing answers at `pa`. */
  refused(pa?: PA): void;
}
