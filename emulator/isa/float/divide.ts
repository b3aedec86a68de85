/** FPDiv, FPSqrt. */
import type { FunctionBuilder, Int, IntFunction } from '../builder.ts';
import { any, defineOperation, forBoth, type Format, not, type Precision, raise } from './format.ts';
import { FPProcessNaN, FPProcessNaNs } from './nans.ts';
import { roundByMode } from './round.ts';
import { FPFlushInput, isInfinity, isInfinityOrNaN, magnitudeOf, normalized, signOf, withSign } from './unpack.ts';

/**
 * A quotient of two significands with bit 63 for 1, and its remainder in bit 0: long division by digits of as many bits as the divisor
 * leaves free in 64.
 */
function quotientOf(b: FunctionBuilder, { width, fraction }: Format, dividend: Int, by: Int): Int {
  const digit = 63 - fraction,
    further = width === 64 ? 4 : 0;
  const divisor = b.shr(by, digit);
  let quotient = b.divU(dividend, divisor),
    remainder = b.sub(dividend, b.mul(quotient, divisor));
  for (let i = 0; i < further; i++) {
    const shifted = b.shl(remainder, digit),
      next = b.divU(shifted, divisor);
    quotient = b.or(b.shl(quotient, digit), next);
    remainder = b.sub(shifted, b.mul(next, divisor));
  }
  return b.or(b.shl(quotient, 63 - digit * (further + 1)), b.zeroExtend(b.notZero(remainder)));
}

export const FPDiv: Record<Precision, IntFunction> = forBoth((format) =>
  defineOperation('FPDiv', format, 2, (b, operand1, operand2) => {
    const { width, infinity, defaultNaN } = format;
    const value1 = b.call(FPFlushInput[width], operand1),
      value2 = b.call(FPFlushInput[width], operand2);
    const nan = b.call(FPProcessNaNs[width], value1, value2);
    const magnitude1 = magnitudeOf(b, format, value1),
      magnitude2 = magnitudeOf(b, format, value2);
    const sign = signOf(b, format, b.xor(value1, value2));
    const isInvalid = b.either(
      b.both(isInfinity(b, format, magnitude1), isInfinity(b, format, magnitude2)),
      b.both(b.isZero(magnitude1), b.isZero(magnitude2)),
    );
    const isDividendSpecial = isInfinityOrNaN(b, format, magnitude1),
      isByZero = b.isZero(magnitude2);
    raise(b, { IOC: isInvalid, DZC: b.both(isByZero, not(b, b.either(isInvalid, isDividendSpecial))) });

    const dividend = normalized(b, format, magnitude1),
      divisor = normalized(b, format, magnitude2);
    const isSpecial = any(b, isDividendSpecial, isInfinityOrNaN(b, format, magnitude2), isByZero);
    const quotient = quotientOf(b, format, dividend.significand, divisor.significand);
    const significand = b.choose(isSpecial, b.constant(64, 0), quotient);
    const rounded = roundByMode(b, format, sign, b.sub(dividend.exponent, divisor.exponent), significand);

    // What is divided by infinity is zero, as is the quotient of nothing.
    const isInfinite = b.either(isDividendSpecial, isByZero);
    const special = b.choose(isInvalid, defaultNaN, b.choose(isInfinite, withSign(b, format, sign, infinity), rounded));
    return b.choose(isSpecial, b.choose(b.notZero(nan), nan, special), rounded);
  }),
);

interface Root {
  readonly root: Int;
  readonly remainder: Int;
}

/** The root, of 7 bits, of 14 bits of which one of the upper two is set: digit by digit. */
function firstRoot(b: FunctionBuilder, radicand: Int): Root {
  let root: Int = b.constant(64, 64),
    remainder = b.sub(radicand, 64 * 64);
  for (let bit = 32; bit > 0; bit >>= 1) {
    const product = b.mul(b.add(b.shl(root, 1), bit), bit);
    const fits = b.atLeast(remainder, product);
    root = b.choose(fits, b.add(root, bit), root);
    remainder = b.choose(fits, b.sub(remainder, product), remainder);
  }
  return { root, remainder };
}

/** The root of twice as many bits, when the radicand goes on with `high` and `low`, `bits` each (Zimmermann's "Karatsuba square root"). */
function longerRoot(b: FunctionBuilder, { root, remainder }: Root, bits: number, high: Int, low: Int): Root {
  const dividend = b.or(b.shl(remainder, bits), high),
    double = b.shl(root, 1);
  const quotient = b.divU(dividend, double);
  const guess = b.add(b.shl(root, bits), quotient);
  const left = b.sub(b.or(b.shl(b.sub(dividend, b.mul(quotient, double)), bits), low), b.mul(quotient, quotient));
  // It is one too much where more than the radicand is used up.
  const excess = b.shr(left, 63);
  const exact = b.sub(guess, excess);
  return { root: exact, remainder: b.choose(b.notZero(excess), b.add(left, b.add(b.shl(exact, 1), 1)), left) };
}

export const FPSqrt: Record<Precision, IntFunction> = forBoth((format) =>
  defineOperation('FPSqrt', format, 1, (b, operand) => {
    const { width, defaultNaN } = format;
    const value = b.call(FPFlushInput[width], operand);
    const nan = b.call(FPProcessNaN[width], value);
    const magnitude = magnitudeOf(b, format, value),
      sign = signOf(b, format, value);
    const isInvalid = b.both(b.both(b.notZero(sign), b.notZero(magnitude)), b.isZero(nan));
    raise(b, { IOC: isInvalid });

    // 56 bits, of an even exponent, give a root of 28 bits; 56 more, all zeros, another 28 bits.
    const { exponent, significand } = normalized(b, format, magnitude);
    const radicand = b.shr(significand, b.sub(9n, b.and(exponent, 1)));
    const bitsFrom = (from: number, count: number): Int => b.and(b.shr(radicand, from), (1n << BigInt(count)) - 1n);
    const root7 = firstRoot(b, b.shr(radicand, 42)),
      root14 = longerRoot(b, root7, 7, bitsFrom(35, 7), bitsFrom(28, 7)),
      root28 = longerRoot(b, root14, 14, bitsFrom(14, 14), bitsFrom(0, 14)),
      zero = b.constant(64, 0);
    const { root, remainder } = width === 32 ? root28 : longerRoot(b, root28, 28, zero, zero);
    const rootDigits = b.or(b.shl(root, width === 32 ? 36 : 8), b.zeroExtend(b.notZero(remainder)));
    const isSpecial = any(b, b.notZero(sign), isInfinityOrNaN(b, format, magnitude), b.isZero(magnitude));
    const rounded = roundByMode(b, format, sign, b.sar(exponent, 1), b.choose(isSpecial, zero, rootDigits));
    return b.choose(isSpecial, b.choose(isInvalid, defaultNaN, b.choose(b.notZero(nan), nan, value)), rounded);
  }),
);
