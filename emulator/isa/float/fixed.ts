/** Between floating point and integers: FPToFixed, FixedToFP, FPRoundInt. */
import type { Bool, FunctionBuilder, Int, IntFunction } from '../builder.ts';
import { defineFunction } from '../functions.ts';
import { type Format, forBoth, narrow, not, type Precision, raise, widen } from './format.ts';
import { FPProcessNaN } from './nans.ts';
import { FPRound, ROUNDING, roundByMode, roundsUp } from './round.ts';
import { FPFlushInput, isNaN, magnitudeOf, normalized, signOf } from './unpack.ts';

/** significand * 2^(exponent - 63) rounded to an integer; of no use where the exponent is above 63. */
function roundedToInteger(b: FunctionBuilder, sign: Int, exponent: Int, significand: Int, rounding: Int) {
  const zero = b.constant(64, 0);
  const isFraction = b.less(exponent, 0);
  // Below 1/2 all that counts is whether it is zero.
  const ofFraction = b.choose(b.equal(exponent, -1n), significand, b.zeroExtend(b.notZero(significand)));
  const whole = b.choose(isFraction, zero, b.shr(significand, b.sub(63n, exponent))),
    fraction = b.choose(isFraction, ofFraction, b.shl(b.shl(significand, 1), exponent));
  const up = roundsUp(b, sign, rounding, whole, fraction);
  return { integer: b.add(whole, b.zeroExtend(up)), isInexact: b.notZero(fraction) };
}

const negatedIf = (b: FunctionBuilder, condition: Bool, value: Int): Int => b.choose(condition, b.sub(0n, value), value);

const toFixed = (format: Format, M: Precision): IntFunction => {
  const { width: N } = format;
  return defineFunction(`FPToFixed${N}to${M}`, [N, 32, 32, 32], M, (b, operand, fbits, unsigned, rounding) => {
    const value = b.call(FPFlushInput[N], widen(b, operand));
    const magnitude = magnitudeOf(b, format, value),
      sign = signOf(b, format, value),
      isNegative = b.notZero(sign);
    const isANaN = isNaN(b, format, magnitude);
    const { exponent: unscaled, significand } = normalized(b, format, magnitude);
    const exponent = b.add(unscaled, b.zeroExtend(fbits));
    const { integer, isInexact } = roundedToInteger(b, sign, exponent, significand, b.zeroExtend(rounding));

    // SatQ, on the magnitude.
    const greatest = (1n << BigInt(M - 1)) - 1n;
    const ofUnsigned = b.choose(isNegative, b.constant(64, 0), b.constant(64, (1n << BigInt(M)) - 1n));
    const limit = b.choose(b.notZero(unsigned), ofUnsigned, b.add(sign, greatest));
    const isTooLarge = b.either(not(b, b.less(exponent, 64)), not(b, b.atLeast(limit, integer)));
    const isInvalid = b.either(isANaN, isTooLarge);
    raise(b, { IOC: isInvalid, IXC: b.both(isInexact, not(b, isInvalid)) });
    const saturated = b.choose(isANaN, b.constant(64, 0), b.choose(isTooLarge, limit, integer));
    return narrow(b, M, negatedIf(b, isNegative, saturated));
  });
};
/** FPToFixed(operand, fbits, unsigned, rounding), by the bits N of the operand, then M of the result. */
export const FPToFixed: Record<Precision, Record<Precision, IntFunction>> = forBoth((format) => ({
  32: toFixed(format, 32),
  64: toFixed(format, 64),
}));

const fromFixed = (M: Precision, format: Format): IntFunction => {
  const { width: N } = format;
  return defineFunction(`FixedToFP${M}to${N}`, [M, 32, 32], N, (b, operand, fbits, unsigned) => {
    const isUnsigned = b.notZero(unsigned);
    const value = M === 64 ? operand : b.choose(isUnsigned, b.zeroExtend(operand), b.signExtend(operand));
    const isNegative = b.both(b.less(value, 0), not(b, isUnsigned));
    const exponent = b.sub(63n, b.zeroExtend(fbits));
    return narrow(b, N, roundByMode(b, format, b.zeroExtend(isNegative), exponent, negatedIf(b, isNegative, value)));
  });
};
/** FixedToFP(operand, fbits, unsigned) by FPCR.RMode, by the bits M of the operand, then N of the result. */
export const FixedToFP: Record<Precision, Record<Precision, IntFunction>> = {
  32: forBoth((format) => fromFixed(32, format)),
  64: forBoth((format) => fromFixed(64, format)),
};

/** FPRoundInt(operand, rounding, exact). */
export const FPRoundInt: Record<Precision, IntFunction> = forBoth((format) => {
  const { width, bits, fraction } = format;
  return defineFunction(`FPRoundInt${bits}`, [width, 32, 32], width, (b, operand, rounding, exact) => {
    const value = b.call(FPFlushInput[width], widen(b, operand));
    const nan = b.call(FPProcessNaN[width], value);
    const sign = signOf(b, format, value);
    const { exponent, significand } = normalized(b, format, magnitudeOf(b, format, value));
    // Numbers that have no bits for a fraction are integers, and infinity stays.
    const hasFraction = b.less(exponent, fraction);
    const { integer, isInexact } = roundedToInteger(b, sign, exponent, significand, b.zeroExtend(rounding));
    raise(b, { IXC: b.both(b.both(isInexact, hasFraction), b.notZero(exact)) });
    const significandOfInteger = b.choose(hasFraction, integer, b.constant(64, 0));
    const rounded = b.call(FPRound[bits], sign, b.constant(64, 63), significandOfInteger, b.constant(64, ROUNDING.ZERO));
    return narrow(b, width, b.choose(b.notZero(nan), nan, b.choose(hasFraction, rounded, value)));
  });
});
