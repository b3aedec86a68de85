/** Values for tests of floating point, where something is decided more often than random bits would. */
import type { Choices } from './choices.ts';

/** Widths of exponent and fraction. */
const formats = { 16: [5, 10], 32: [8, 23], 64: [11, 52] } as const;

/** A number where something is decided: zeros, infinities, NaNs, subnormals, ends of ranges, halves, what integers can just hold. */
function number(choose: Choices, bits: keyof typeof formats): bigint {
  const [exponentBits, fractionBits] = formats[bits];
  const most = 2 ** exponentBits - 1;
  const bias = most >> 1;
  const near = (exponent: number): number => Math.max(0, Math.min(most, exponent - 1 + choose.below(3)));
  const exponent = choose.of([0, 1, most, most - 1, bias, near(bias), near(bias), near(bias + fractionBits)]);
  const other = choose.of([near(bias + 31), near(bias + 63), near(bias + 15), near(bias - 14), near(bias - 126), choose.below(most + 1)]);
  const all = (1n << BigInt(fractionBits)) - 1n;
  const top = 1n << BigInt(fractionBits - 1);
  const somewhere = BigInt(choose.below(fractionBits));
  const fraction = choose.of([
    0n,
    0n,
    1n,
    all,
    top,
    top | 1n,
    top - 1n,
    1n << somewhere,
    all & ~((1n << somewhere) - 1n),
    choose.bits(fractionBits),
  ]);
  const sign = choose.bits(1) << BigInt(bits - 1);
  return sign | (BigInt(choose.once(2) ? exponent : other) << BigInt(fractionBits)) | fraction;
}
/** Lanes of one of the formats, or random bits. */
export function floatDoubleword(choose: Choices): bigint {
  if (choose.once(6)) return choose.bits(64);
  const bits = choose.of([16, 32, 32, 64, 64] as const);
  let value = 0n;
  for (let at = 0; at < 64; at += bits) value |= number(choose, bits) << BigInt(at);
  return value;
}
export const floatQuadword = (choose: Choices): bigint => floatDoubleword(choose) | (floatDoubleword(choose) << 64n);
