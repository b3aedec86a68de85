/** FPConvert between precisions. */
import type { Bool, FunctionBuilder, Int, IntFunction } from '../builder.ts';
import { defineFunction } from '../functions.ts';
import { type AnyPrecision, any, type Format, formats, givesDefaultNaN, hasAlternativeHalf, narrow, not, raise, widen } from './format.ts';
import { FPRound, FPRoundingMode, ROUNDING } from './round.ts';
import { FPFlushInput, isInfinityOrNaN, isNaN, isSignallingNaN, magnitudeOf, normalized, signOf, withSign } from './unpack.ts';

/** FPConvertNaN: a quiet NaN with as much of the payload, from the top, as there is room for. */
function convertNaN(b: FunctionBuilder, from: Format, to: Format, sign: Int, magnitude: Int): Int {
  const payload = b.and(magnitude, from.quiet - 1n);
  const [narrower, wider] = [from.fraction - to.fraction, to.fraction - from.fraction];
  return withSign(b, to, sign, b.or(narrower > 0 ? b.shr(payload, narrower) : b.shl(payload, wider), to.defaultNaN));
}

const conversion = (name: string, from: Format, to: Format, rounding: (b: FunctionBuilder) => Int): IntFunction =>
  defineFunction(name, [from.width], to.width, (b, operand) => {
    const wide = widen(b, operand),
      never = b.constant(32, 0) as Bool,
      zero = b.constant(64, 0);
    // Half precision is neither flushed here nor, where it is the alternative one, does it have infinities and NaNs.
    const value = from.bits === 16 ? b.and(wide, 0xffff) : b.call(FPFlushInput[from.width], wide);
    const fromAlternative = from.bits === 16 ? hasAlternativeHalf(b) : never,
      toAlternative = to.bits === 16 ? hasAlternativeHalf(b) : never;
    const magnitude = magnitudeOf(b, from, value),
      sign = signOf(b, from, value);
    const isSpecial = b.both(isInfinityOrNaN(b, from, magnitude), not(b, fromAlternative)),
      isANaN = isNaN(b, from, magnitude);
    raise(b, { IOC: b.both(isSpecial, any(b, isSignallingNaN(b, from, magnitude), toAlternative)) });

    const { exponent, significand } = normalized(b, from, magnitude);
    const rounded = b.call(FPRound[to.bits], sign, exponent, b.choose(isSpecial, zero, significand), b.zeroExtend(rounding(b)));

    const nan = b.choose(givesDefaultNaN(b), to.defaultNaN, convertNaN(b, from, to, sign, magnitude));
    const ofNaN = b.choose(toAlternative, withSign(b, to, sign, zero), nan),
      ofInfinity = withSign(b, to, sign, b.choose(toAlternative, to.signBit - 1n, b.constant(64, to.infinity)));
    return narrow(b, to.width, b.choose(isSpecial, b.choose(isANaN, ofNaN, ofInfinity), rounded));
  });

const between = (from: AnyPrecision, to: AnyPrecision): IntFunction =>
  conversion(`FPConvert${from}to${to}`, formats[from], formats[to], FPRoundingMode);

/** By what is converted from, and to. */
export const FPConvert = {
  16: { 32: between(16, 32), 64: between(16, 64) },
  32: { 16: between(32, 16), 64: between(32, 64) },
  64: { 16: between(64, 16), 32: between(64, 32) },
} as const;

/** FPConvert(operand, fpcr, FPRounding_ODD) to single precision. */
export const FPConvertRoundOdd: IntFunction = conversion('FPConvertRoundOdd', formats[64], formats[32], (b) =>
  b.constant(32, ROUNDING.ODD),
);
