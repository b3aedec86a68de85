/** FPRecipEstimate, FPRSqrtEstimate, FPRecpX, UnsignedRecipEstimate, UnsignedRSqrtEstimate. */
import type { FunctionBuilder, Int, IntFunction } from '../builder.ts';
import { defineFunction } from '../functions.ts';
import { defineOperation, forBoth, isFlushing, not, type Precision, raise } from './format.ts';
import { FPProcessNaN } from './nans.ts';
import { FPRoundingMode, isAway } from './round.ts';
import { FPFlushInput, isInfinity, isInfinityOrNaN, magnitudeOf, normalized, signOf, withSign } from './unpack.ts';

/** RecipEstimate: 256..511 represents 0.5 to 1.0, the result for 1.0 to 2.0. */
function recipEstimate(b: FunctionBuilder, a: Int): Int {
  const middle = b.add(b.shl(a, 1), 1);
  return b.shr(b.add(b.divU(b.constant(a.width, 1 << 19), middle), 1), 1);
}

/** RecipSqrtEstimate: 128..511 represents 0.25 to 1.0, the result, 256..511, for 1.0 to 2.0. */
function recipSqrtEstimate(b: FunctionBuilder, a: Int): Int {
  const isLow = not(b, b.atLeast(a, 256));
  const middle = b.choose(isLow, b.add(b.shl(a, 1), 1), b.shl(b.or(a, 1), 1));
  // The greatest r of ten bits with middle * r * r < 2^28. The manual counts up to it from 512.
  let root: Int = b.constant(a.width, 512);
  for (let bit = 256; bit > 0; bit >>= 1) {
    const next = b.add(root, bit);
    root = b.choose(b.atLeast(b.mul(middle, b.mul(next, next)), 1 << 28), root, next);
  }
  return b.shr(b.add(root, 1), 1);
}

export const FPRecipEstimate: Record<Precision, IntFunction> = forBoth((format) =>
  defineOperation('FPRecipEstimate', format, 1, (b, operand) => {
    const { width, fraction: F, bias, infinity } = format;
    const value = b.call(FPFlushInput[width], operand);
    const nan = b.call(FPProcessNaN[width], value);
    const magnitude = magnitudeOf(b, format, value),
      sign = signOf(b, format, value),
      zero = b.constant(64, 0);
    const isSpecial = isInfinityOrNaN(b, format, magnitude),
      isOfZero = b.isZero(magnitude);
    // Below 2^-(bias + 1), whose reciprocal is out of range.
    const overflows = b.both(not(b, isOfZero), not(b, b.atLeast(magnitude, 1n << BigInt(F - 2))));
    // From 2^(bias - 1) on, the result is denormal.
    const flushes = b.both(b.both(isFlushing(b), b.atLeast(magnitude, BigInt(2 * bias - 1) << BigInt(F))), not(b, isSpecial));
    raise(b, { DZC: isOfZero, OFC: overflows, IXC: overflows, UFC: flushes });

    const { exponent, significand } = normalized(b, format, magnitude);
    const estimate = b.shl(recipEstimate(b, b.shr(significand, 55)), F - 8);
    const biased = b.sub(bias - 1, exponent);
    const normal = b.add(b.shl(b.sub(biased, 1), F), estimate),
      denormal = b.shr(estimate, b.sub(1n, biased));
    const finite = b.choose(b.less(biased, 1), denormal, normal);

    const rounding = b.zeroExtend(FPRoundingMode(b));
    const toInfinity = b.either(b.isZero(rounding), isAway(b, sign, rounding));
    const tooLarge = b.add(b.zeroExtend(toInfinity), infinity - 1n);
    const ofNone = b.choose(isOfZero, infinity, b.choose(overflows, tooLarge, b.choose(b.either(isSpecial, flushes), zero, finite)));
    return b.choose(b.notZero(nan), nan, withSign(b, format, sign, ofNone));
  }),
);

export const FPRSqrtEstimate: Record<Precision, IntFunction> = forBoth((format) =>
  defineOperation('FPRSqrtEstimate', format, 1, (b, operand) => {
    const { width, fraction: F, bias, infinity, defaultNaN } = format;
    const value = b.call(FPFlushInput[width], operand);
    const nan = b.call(FPProcessNaN[width], value);
    const magnitude = magnitudeOf(b, format, value),
      sign = signOf(b, format, value);
    const isOfZero = b.isZero(magnitude);
    const isInvalid = b.both(b.both(b.notZero(sign), not(b, isOfZero)), b.isZero(nan));
    raise(b, { DZC: isOfZero, IOC: isInvalid });

    // An even biased exponent leaves 1/2 to 1, an odd one 1/4 to 1/2.
    const { exponent, significand } = normalized(b, format, magnitude);
    const biased = b.add(exponent, bias);
    const scaled = b.shr(significand, b.add(55n, b.and(biased, 1)));
    const estimate = b.and(recipSqrtEstimate(b, scaled), 0xff);
    const halved = b.shr(b.sub(3 * bias - 1, biased), 1);
    const finite = b.or(b.shl(halved, F), b.shl(estimate, F - 8));

    const ofInfinity = b.choose(isInfinity(b, format, magnitude), b.constant(64, 0), finite);
    const number = b.choose(isOfZero, withSign(b, format, sign, infinity), b.choose(isInvalid, defaultNaN, ofInfinity));
    return b.choose(b.notZero(nan), nan, number);
  }),
);

/** The reciprocal of the exponent: its bits inverted, the fraction zero. */
export const FPRecpX: Record<Precision, IntFunction> = forBoth((format) =>
  defineOperation('FPRecpX', format, 1, (b, operand) => {
    const { width, infinity, fraction } = format;
    const value = b.call(FPFlushInput[width], operand);
    const nan = b.call(FPProcessNaN[width], value);
    const exponent = b.and(value, infinity);
    const greatest = infinity - (1n << BigInt(fraction));
    const result = b.choose(b.isZero(exponent), greatest, b.xor(exponent, infinity));
    return b.choose(b.notZero(nan), nan, withSign(b, format, signOf(b, format, value), result));
  }),
);

/** Of 32 bits that represent 0 to 1. All ones where the result is 2 or more. */
export const UnsignedRecipEstimate: IntFunction = defineFunction('UnsignedRecipEstimate', [32], 32, (b, operand) => {
  const estimate = b.shl(recipEstimate(b, b.shr(operand, 23)), 23);
  return b.choose(b.less(operand, 0), estimate, 0xffff_ffff);
});
export const UnsignedRSqrtEstimate: IntFunction = defineFunction('UnsignedRSqrtEstimate', [32], 32, (b, operand) => {
  const estimate = b.shl(recipSqrtEstimate(b, b.shr(operand, 23)), 23);
  return b.choose(b.atLeast(operand, 0x4000_0000), estimate, 0xffff_ffff);
});
