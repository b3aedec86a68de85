/** What a descriptor is and where it points: the questions that walks and pictures of tables share (Arm ARM D8.3.1). */
import { powersOfTwo } from './regime.ts';
import type { DescriptorKind } from './trace.ts';

/** Kind of a descriptor by its low half. Blocks exist from level 1 (4 KiB granule) or 2 (64 KiB) on; level 3 has pages only. */
export function descriptorKind(low: number, level: number, granuleBits: number): DescriptorKind {
  if ((low & 1) === 0) return 'invalid';
  if (level === 3) return (low & 2) === 0 ? 'reserved' : 'page';
  if ((low & 2) !== 0) return 'table';
  return level >= (granuleBits === 12 ? 1 : 2) ? 'block' : 'reserved';
}

/** Bits 47:`from` of a descriptor, in place: next table or output address. `from` is 12..42. */
export const addressField = (low: number, high: number, from: number): number =>
  from < 32 ? (high & 0xffff) * 0x1_0000_0000 + (((low >>> from) << from) >>> 0) : ((high & 0xffff) >>> (from - 32)) * powersOfTwo[from];

/** The halves after the byte reversal of a big-endian walk; each half comes from the other. */
export const swap32 = (word: number): number => ((word >>> 24) | ((word >>> 8) & 0xff00) | ((word << 8) & 0xff_0000) | (word << 24)) >>> 0;
