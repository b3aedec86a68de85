/** FPMul, FPMulX. */
import type { IntFunction } from '../builder.ts';
import { any, defineOperation, forBoth, type Format, type Precision, raise } from './format.ts';
import { FPProcessNaNs } from './nans.ts';
import { roundByMode } from './round.ts';
import { FPFlushInput, isInfinity, isInfinityOrNaN, magnitudeOf, normalized, signOf, withSign } from './unpack.ts';

/** FPMulX differs in the product of zero and infinity: 2 there, invalid here. */
const product = (name: string, format: Format, isExtended: boolean): IntFunction =>
  defineOperation(name, format, 2, (b, operand1, operand2) => {
    const { width, infinity, bias, fraction } = format;
    const value1 = b.call(FPFlushInput[width], operand1),
      value2 = b.call(FPFlushInput[width], operand2);
    const nan = b.call(FPProcessNaNs[width], value1, value2);
    const magnitude1 = magnitudeOf(b, format, value1),
      magnitude2 = magnitudeOf(b, format, value2);
    const sign = signOf(b, format, b.xor(value1, value2));
    const isSpecial = b.either(isInfinityOrNaN(b, format, magnitude1), isInfinityOrNaN(b, format, magnitude2));
    const isInfinityTimesZero = any(
      b,
      b.both(isInfinity(b, format, magnitude1), b.isZero(magnitude2)),
      b.both(b.isZero(magnitude1), isInfinity(b, format, magnitude2)),
    );
    if (!isExtended) raise(b, { IOC: isInfinityTimesZero });

    const a = normalized(b, format, magnitude1),
      c = normalized(b, format, magnitude2);
    // Bits 127..64 of the product, with those below gathered in bit 0.
    const low = b.mul(a.significand, c.significand);
    const significand = b.or(b.mulHigh(a.significand, c.significand, false), b.zeroExtend(b.notZero(low)));
    const exponent = b.add(b.add(a.exponent, c.exponent), 1);
    const rounded = roundByMode(b, format, sign, exponent, b.choose(isSpecial, b.constant(64, 0), significand));

    const two = withSign(b, format, sign, BigInt(bias + 1) << BigInt(fraction));
    const ofInfinityAndZero = isExtended ? two : b.constant(64, format.defaultNaN);
    const special = b.choose(isInfinityTimesZero, ofInfinityAndZero, withSign(b, format, sign, infinity));
    return b.choose(isSpecial, b.choose(b.notZero(nan), nan, special), rounded);
  });

export const FPMul: Record<Precision, IntFunction> = forBoth((format) => product('FPMul', format, false));
export const FPMulX: Record<Precision, IntFunction> = forBoth((format) => product('FPMulX', format, true));
