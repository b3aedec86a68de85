/** Hexadecimal text: lower case, `0x`, no padding unless asked for. */

/** Such text, of an unsigned 64-bit number; of a 128-bit one where it is a SIMD&FP register's. */
export type Hex = string;

/** `value` as an unsigned 64-bit number. */
export const hex = (value: bigint | number): Hex => `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;

/** An unsigned number of any size: registers of up to 128 bits, runs of bytes. */
export const wideHex = (value: bigint): Hex => `0x${value.toString(16)}`;

/** Reads `0x...` or decimal text as an unsigned 64-bit number; undefined where it is neither. */
export function parseNumber(text: string): bigint | undefined {
  if (!/^(0x[0-9a-f][0-9a-f_]*|[0-9][0-9_]*)$/i.test(text.trim())) return undefined;
  const value = BigInt(text.trim().replaceAll('_', ''));
  return value < 1n << 64n ? value : undefined;
}
