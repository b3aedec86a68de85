/** What FPUnpack finds out about an operand. */
import type { Bool, FunctionBuilder, Int, IntFunction } from '../builder.ts';
import { all, definePart, forBoth, type Format, isFlushing, not, type Precision, raise } from './format.ts';

export const signOf = (b: FunctionBuilder, { bits }: Format, value: Int): Int => b.and(b.shr(value, bits - 1), 1);
/** The value without its sign. Magnitudes of numbers are ordered as the numbers are. */
export const magnitudeOf = (b: FunctionBuilder, { signBit }: Format, value: Int): Int => b.and(value, signBit - 1n);
export const withSign = (b: FunctionBuilder, { bits }: Format, sign: Int, magnitude: Int | bigint): Int =>
  b.or(b.shl(sign, bits - 1), magnitude);

export const isNaN = (b: FunctionBuilder, { infinity }: Format, magnitude: Int): Bool => b.atLeast(magnitude, infinity + 1n);
export const isInfinity = (b: FunctionBuilder, { infinity }: Format, magnitude: Int): Bool => b.equal(magnitude, infinity);
export const isInfinityOrNaN = (b: FunctionBuilder, { infinity }: Format, magnitude: Int): Bool => b.atLeast(magnitude, infinity);
export const isSignallingNaN = (b: FunctionBuilder, format: Format, magnitude: Int): Bool =>
  b.both(isNaN(b, format, magnitude), b.isZero(b.and(magnitude, format.quiet)));

/** The operand as FPUnpack takes it: where FPCR.FZ is set, zero for a denormal number (Arm ARM A1.5.4). */
export const FPFlushInput: Record<Precision, IntFunction> = forBoth((format) =>
  definePart('FPFlushInput', format, 1, (b, value) => {
    const magnitude = magnitudeOf(b, format, value);
    const isDenormal = b.both(b.notZero(magnitude), not(b, b.atLeast(magnitude, 1n << BigInt(format.fraction))));
    const flushes = all(b, isFlushing(b), isDenormal);
    raise(b, { IDC: flushes });
    return b.choose(flushes, b.and(value, format.signBit), value);
  }),
);

/** A magnitude that is no infinity or NaN as significand * 2^(exponent - 63). Bit 63 of the significand is set, except in zero. */
export function normalized(b: FunctionBuilder, format: Format, magnitude: Int): { readonly exponent: Int; readonly significand: Int } {
  const { fraction, bias } = format;
  const biased = b.shr(magnitude, fraction);
  const hidden = b.zeroExtend(b.notZero(biased));
  const digits = b.or(b.and(magnitude, (1n << BigInt(fraction)) - 1n), b.shl(hidden, fraction));
  const zeros = b.countLeadingZeros(digits);
  // A denormal number has the exponent of the least normal one.
  const exponent = b.add(b.sub(b.sub(biased, hidden), zeros), 1 - bias + 63 - fraction);
  return { exponent, significand: b.shl(digits, zeros) };
}
