import type { PA } from '../base/addresses.ts';

/** The guest's memory, as a device reaches it by itself, by PA. */
export interface DmaMemory {
  /** Undefined where any of the range is not memory. */
  read(pa: PA, length: number): Uint8Array | undefined;
  /** Whether all of the range is RAM. */
  isWritable(pa: PA, length: number): boolean;
  /** Only where `isWritable`. */
  write(pa: PA, bytes: Uint8Array): void;
}
