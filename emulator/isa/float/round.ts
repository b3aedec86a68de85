/** FPRound, with which almost every operation ends. */
import type { Bool, FunctionBuilder, Int, IntFunction } from '../builder.ts';
import { all, type AnyPrecision, any, definePart, type Format, formats, hasAlternativeHalf, isFlushing, not, raise } from './format.ts';
import { withSign } from './unpack.ts';

/** FPRounding: the first four are those of FPCR.RMode. */
export const ROUNDING = { TIEEVEN: 0, POSINF: 1, NEGINF: 2, ZERO: 3, TIEAWAY: 4, ODD: 5 } as const;

/** FPRoundingMode: FPCR.RMode, 32 bits. */
export const FPRoundingMode = (b: FunctionBuilder): Int => b.and(b.shr(b.fpcr(), 22), 3);

/** Whether a directed rounding goes away from zero. */
export const isAway = (b: FunctionBuilder, sign: Int, rounding: Int): Bool => b.equal(rounding, b.add(sign, 1));

/** Whether whole + fraction / 2^64 is rounded up in magnitude. A fraction of all ones must not occur. */
export function roundsUp(b: FunctionBuilder, sign: Int, rounding: Int, whole: Int, fraction: Int): Bool {
  const half = 1n << 63n,
    never = (1n << 64n) - 1n;
  const directed = b.choose(isAway(b, sign, rounding), b.constant(64, 1), b.constant(64, never));
  const toNearest = b.choose(b.equal(rounding, ROUNDING.TIEAWAY), b.constant(64, half), directed);
  const least = b.choose(b.isZero(rounding), b.sub(half + 1n, b.and(whole, 1)), toNearest);
  return b.atLeast(fraction, least);
}

/** `value >> by`, with bit 0 set where a one is lost; `by` is at most 63. */
export function shiftRightSticky(b: FunctionBuilder, value: Int, by: Int): Int {
  const shifted = b.shr(value, by);
  return b.or(shifted, b.zeroExtend(not(b, b.equal(b.shl(shifted, by), value))));
}

/** The lesser, of unsigned integers. */
export const atMost = (b: FunctionBuilder, value: Int, limit: number): Int => b.choose(b.atLeast(value, limit), limit, value);

/**
 * FPRound(sign, exponent, significand, rounding) of significand * 2^(exponent - 63), which is exact, or else has bit 0 of the significand
 * set and at least two more bits than the format. Zero gives zero of that sign and no exception.
 */
const round = (format: Format): IntFunction =>
  definePart('FPRound', format, 4, (b, sign, exponent, significand, rounding) => {
    const { bits, fraction: F, infinity } = format;
    const zeros = b.countLeadingZeros(significand);
    const biased = b.add(b.sub(exponent, zeros), format.bias);
    const isNonzero = b.notZero(significand);
    // Tininess is detected before rounding.
    const isTiny = b.both(b.less(biased, 1), isNonzero);
    const digits = shiftRightSticky(b, b.shl(significand, zeros), b.choose(isTiny, atMost(b, b.sub(1n, biased), 63), b.constant(64, 0)));
    const whole = b.shr(digits, 63 - F),
      rest = b.shl(digits, F + 1);
    const isInexact = b.notZero(rest);
    const odd = b.both(b.equal(rounding, ROUNDING.ODD), isInexact);
    const up = b.zeroExtend(roundsUp(b, sign, rounding, whole, rest));
    // The leading one of `whole`, and a carry out of the fraction, count up the exponent.
    const below = b.choose(b.both(isNonzero, not(b, isTiny)), b.shl(b.sub(biased, 1), F), b.constant(64, 0));
    const rounded = b.add(b.add(below, b.or(whole, b.zeroExtend(odd))), up);

    // An overflow gives infinity, or the greatest finite number.
    const toInfinity = b.either(b.isZero(rounding), isAway(b, sign, rounding));
    const tooLarge = b.add(b.zeroExtend(toInfinity), infinity - 1n);
    if (bits === 16) {
      // Half precision is never flushed, and the alternative format has numbers where others have infinity and NaNs.
      const alternative = hasAlternativeHalf(b);
      const largest = b.choose(alternative, format.signBit - 1n, b.constant(64, infinity - 1n));
      const overflows = not(b, b.atLeast(largest, rounded));
      const isInvalid = b.both(overflows, alternative),
        isOverflow = b.both(overflows, not(b, alternative));
      raise(b, {
        IOC: isInvalid,
        OFC: isOverflow,
        UFC: b.both(isTiny, isInexact),
        IXC: b.both(b.either(isInexact, isOverflow), not(b, isInvalid)),
      });
      return withSign(b, format, sign, b.choose(overflows, b.choose(alternative, largest, tooLarge), rounded));
    }
    const overflows = b.atLeast(rounded, infinity);
    const flushes = b.both(isFlushing(b), isTiny);
    raise(b, {
      OFC: overflows,
      UFC: any(b, flushes, all(b, isTiny, isInexact)),
      IXC: b.both(b.either(isInexact, overflows), not(b, flushes)),
    });
    return withSign(b, format, sign, b.choose(overflows, tooLarge, b.choose(flushes, b.constant(64, 0), rounded)));
  });
export const FPRound: Record<AnyPrecision, IntFunction> = { 16: round(formats[16]), 32: round(formats[32]), 64: round(formats[64]) };

/** FPRound by FPCR.RMode. */
export const roundByMode = (b: FunctionBuilder, { bits }: Format, sign: Int, exponent: Int, significand: Int): Int =>
  b.call(FPRound[bits], sign, exponent, significand, b.zeroExtend(FPRoundingMode(b)));
