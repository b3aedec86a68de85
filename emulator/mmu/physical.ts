import type { PA } from '../base/addresses.ts';

/** Physical memory as a table walk sees it. */
export interface PhysicalReader {
  /**
   * Reads the little-endian doubleword at a PA (a multiple of 8, below 2^48) into `low` and `high`, without side effects.
   * False: nothing responds there, an external abort.
   */
  read(pa: PA): boolean;
  readonly low: number;
  readonly high: number;
}
