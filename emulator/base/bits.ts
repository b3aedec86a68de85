/** Bit fields in the manual's notation: `value<high:low>`. */

export const bits = (value: bigint, high: number, low: number): bigint => (value >> BigInt(low)) & ((1n << BigInt(high - low + 1)) - 1n);

export const bit = (value: bigint, position: number): 0 | 1 => Number((value >> BigInt(position)) & 1n) as 0 | 1;

/** The same for a 32-bit word; `high` and `low` are at most 31. */
export const bits32 = (word: number, high: number, low: number): number => (word << (31 - high)) >>> (31 - high + low);

export const bit32 = (word: number, position: number): 0 | 1 => ((word >>> position) & 1) as 0 | 1;

/** A 64-bit value from unsigned halves. */
export const join64 = (low: number, high: number): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);

export const low32 = (value: bigint): number => Number(value & 0xffff_ffffn);
