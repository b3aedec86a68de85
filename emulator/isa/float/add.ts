/** FPAdd, FPSub. */
import type { FunctionBuilder, Int, IntFunction } from '../builder.ts';
import { all, defineOperation, forBoth, type Format, not, type Precision, raise } from './format.ts';
import { FPProcessNaNs } from './nans.ts';
import { atMost, FPRoundingMode, ROUNDING, roundByMode, shiftRightSticky } from './round.ts';
import { FPFlushInput, isInfinity, isInfinityOrNaN, magnitudeOf, signOf } from './unpack.ts';

/** The sign of an exact sum of zero: that of both, or by the rounding mode. */
export function signOfZeroSum(b: FunctionBuilder, sign1: Int, sign2: Int): Int {
  const down = b.zeroExtend(b.equal(FPRoundingMode(b), ROUNDING.NEGINF));
  return b.choose(b.equal(sign1, sign2), sign1, down);
}

/** The digits of a finite magnitude with the hidden one at bit 62, and its exponent, not below the least of normal numbers. */
function digitsOf(b: FunctionBuilder, { fraction: F }: Format, magnitude: Int): { readonly biased: Int; readonly digits: Int } {
  const exponent = b.shr(magnitude, F),
    hidden = b.zeroExtend(b.notZero(exponent));
  const digits = b.or(b.and(magnitude, (1n << BigInt(F)) - 1n), b.shl(hidden, F));
  return { biased: b.add(b.sub(exponent, hidden), 1), digits: b.shl(digits, 62 - F) };
}

const sum = (name: string, format: Format, subtracts: boolean): IntFunction =>
  defineOperation(name, format, 2, (b, operand1, operand2) => {
    const { width, bias } = format;
    const value1 = b.call(FPFlushInput[width], operand1),
      flushed2 = b.call(FPFlushInput[width], operand2);
    const nan = b.call(FPProcessNaNs[width], value1, flushed2);
    const value2 = subtracts ? b.xor(flushed2, format.signBit) : flushed2;

    const inOrder = b.atLeast(magnitudeOf(b, format, value1), magnitudeOf(b, format, value2));
    const greater = b.choose(inOrder, value1, value2),
      lesser = b.choose(inOrder, value2, value1);
    const magnitude = magnitudeOf(b, format, greater),
      sign = signOf(b, format, greater),
      otherSign = signOf(b, format, lesser);
    const areOpposite = not(b, b.equal(sign, otherSign));
    const isSpecial = isInfinityOrNaN(b, format, magnitude);
    const isInvalid = all(b, areOpposite, isInfinity(b, format, magnitude), isInfinity(b, format, magnitudeOf(b, format, lesser)));
    raise(b, { IOC: isInvalid });

    const { biased, digits } = digitsOf(b, format, magnitude),
      other = digitsOf(b, format, magnitudeOf(b, format, lesser));
    const aligned = shiftRightSticky(b, other.digits, atMost(b, b.sub(biased, other.biased), 63));
    const digitsOfSum = b.choose(areOpposite, b.sub(digits, aligned), b.add(digits, aligned));
    const signOfSum = b.choose(b.isZero(digitsOfSum), signOfZeroSum(b, sign, otherSign), sign);
    const rounded = roundByMode(b, format, signOfSum, b.add(biased, 1 - bias), b.choose(isSpecial, b.constant(64, 0), digitsOfSum));
    const special = b.choose(b.notZero(nan), nan, b.choose(isInvalid, format.defaultNaN, greater));
    return b.choose(isSpecial, special, rounded);
  });

export const FPAdd: Record<Precision, IntFunction> = forBoth((format) => sum('FPAdd', format, false));
export const FPSub: Record<Precision, IntFunction> = forBoth((format) => sum('FPSub', format, true));
