/** FPMulAdd and the steps of Newton's method that are made of it: FPRecipStepFused, FPRSqrtStepFused. */
import type { Bool, FunctionBuilder, Int, IntFunction } from '../builder.ts';
import { signOfZeroSum } from './add.ts';
import { all, any, defineOperation, forBoth, type Format, narrow, not, type Precision, raise, widen } from './format.ts';
import { FPProcessNaNs3 } from './nans.ts';
import { atMost, roundByMode, shiftRightSticky } from './round.ts';
import { FPFlushInput, isInfinity, isInfinityOrNaN, isSignallingNaN, magnitudeOf, normalized, signOf, withSign } from './unpack.ts';

/** significand * 2^(exponent - 63), as in `normalized`. */
interface Term {
  readonly exponent: Int;
  readonly significand: Int;
}
/** |addend + factor1 * factor2|, or where the signs of the two are opposite, |addend - factor1 * factor2|. */
interface Sum extends Term {
  /** Whether the sign is that of the product, which is the greater one. */
  readonly hasSignOfProduct: Bool;
}
type Fuse = (b: FunctionBuilder, addend: Term, factor1: Term, factor2: Term, areOpposite: Bool) => Sum;

/** value, or -value where the mask is all ones. */
const negatedBy = (b: FunctionBuilder, mask: Int, value: Int): Int => b.sub(b.xor(value, mask), mask);
const maskOf = (b: FunctionBuilder, condition: Bool): Int => b.sub(0n, b.zeroExtend(condition));

/** The exponents to align by. A zero has one below all, so that the other term is not shifted. */
function alignment(b: FunctionBuilder, addend: Int, isAddendZero: Bool, product: Int, isProductZero: Bool) {
  const none = b.constant(64, -8192n);
  const ofAddend = b.choose(isAddendZero, none, addend),
    ofProduct = b.choose(isProductZero, none, product);
  const productFirst = b.less(ofAddend, ofProduct);
  const distance = b.sub(ofProduct, ofAddend);
  return { productFirst, exponent: b.choose(productFirst, ofProduct, ofAddend), distance: negatedBy(b, b.sar(distance, 63), distance) };
}

/**
 * In 64 bits, which hold the 48 of a product and more: the addend's leading one is bit 61, the product's bit 60 or 59. Bits are lost only
 * to a shift of more than the zeros below, 38 and 13: then the terms are so far apart that their difference keeps 60 bits.
 */
const fuseSingle: Fuse = (b, addend, factor1, factor2, areOpposite) => {
  const product = b.shl(b.mul(b.shr(factor1.significand, 40), b.shr(factor2.significand, 40)), 13),
    added = b.shr(addend.significand, 2);
  const { productFirst, exponent, distance } = alignment(
    b,
    b.add(addend.exponent, 2),
    b.isZero(added),
    b.add(b.add(factor1.exponent, factor2.exponent), 4),
    b.isZero(product),
  );
  const first = b.choose(productFirst, product, added),
    second = shiftRightSticky(b, b.choose(productFirst, added, product), atMost(b, distance, 63));
  const sum = b.add(first, negatedBy(b, maskOf(b, areOpposite), second));
  const isReversed = b.less(sum, 0);
  const hasSignOfProduct = b.notZero(b.xor(productFirst, isReversed));
  return { exponent, significand: negatedBy(b, b.sar(sum, 63), sum), hasSignOfProduct };
};

/**
 * The same in pairs of 64 bits: the addend's leading one is bit 125, the product's bit 123 or 122, with 73 and 18 zeros below. The sum is
 * then cut to 64 bits with the rest in bit 0.
 */
const fuseDouble: Fuse = (b, addend, factor1, factor2, areOpposite) => {
  const x = b.shr(factor1.significand, 2),
    y = b.shr(factor2.significand, 2),
    productHigh = b.mulHigh(x, y, false),
    productLow = b.mul(x, y),
    added = b.shr(addend.significand, 2),
    zero = b.constant(64, 0);
  const { productFirst, exponent, distance } = alignment(
    b,
    b.add(addend.exponent, 2),
    b.isZero(added),
    b.add(b.add(factor1.exponent, factor2.exponent), 5),
    b.isZero(productHigh),
  );
  const firstHigh = b.choose(productFirst, productHigh, added),
    firstLow = b.choose(productFirst, productLow, zero),
    high = b.choose(productFirst, added, productHigh),
    low = b.choose(productFirst, zero, productLow);

  // The second term, shifted by 64 where the distance is as much, then by the rest of it.
  const by = atMost(b, distance, 127);
  const isFar = b.atLeast(by, 64);
  const upper = b.choose(isFar, zero, high),
    lower = b.choose(isFar, high, low),
    beyond = b.choose(isFar, low, zero);
  const carriedDown = (value: Int): Int => b.shl(b.shl(value, 1), b.sub(63n, b.and(by, 63)));
  const lost = b.or(carriedDown(lower), beyond);
  const secondHigh = b.shr(upper, by),
    secondLow = b.or(b.or(b.shr(lower, by), carriedDown(upper)), b.zeroExtend(b.notZero(lost)));

  const mask = maskOf(b, areOpposite);
  const sumLow = b.add(firstLow, negatedBy(b, mask, secondLow));
  const carry = b.zeroExtend(not(b, b.atLeast(b.choose(areOpposite, firstLow, sumLow), secondLow)));
  const sumHigh = b.add(firstHigh, negatedBy(b, mask, b.add(secondHigh, carry)));
  const isReversed = b.less(sumHigh, 0),
    negative = b.sar(sumHigh, 63);
  const absoluteLow = negatedBy(b, negative, sumLow),
    absoluteHigh = b.add(b.xor(sumHigh, negative), b.zeroExtend(b.both(isReversed, b.isZero(sumLow))));

  // Bit 127 is clear. Where the high half is zero, 64 zeros are counted, and a shift by 64 shifts by nothing.
  const zeros = b.countLeadingZeros(absoluteHigh);
  const top = b.or(b.shl(absoluteHigh, zeros), b.shr(absoluteLow, b.sub(64n, zeros)));
  const rest = b.both(b.notZero(absoluteHigh), b.notZero(b.shl(absoluteLow, zeros)));
  return {
    exponent: b.sub(exponent, zeros),
    significand: b.or(top, b.zeroExtend(rest)),
    hasSignOfProduct: b.notZero(b.xor(productFirst, isReversed)),
  };
};

/** (addend + operand1 * operand2) * 2^scale in one rounding. */
const fused = (name: string, format: Format, scale: 0 | -1): IntFunction =>
  defineOperation(name, format, 3, (b, operandA, operand1, operand2) => {
    const { width: bits } = format;
    const [valueA, value1, value2] = [operandA, operand1, operand2].map((operand) => b.call(FPFlushInput[bits], operand));
    const nan = b.call(FPProcessNaNs3[bits], valueA, value1, value2);
    const [magnitudeA, magnitude1, magnitude2] = [valueA, value1, value2].map((value) => magnitudeOf(b, format, value));
    const signA = signOf(b, format, valueA),
      signP = signOf(b, format, b.xor(value1, value2));
    const areOpposite = not(b, b.equal(signA, signP));

    const isProductInfinite = b.either(isInfinity(b, format, magnitude1), isInfinity(b, format, magnitude2));
    // Zero times infinity is invalid even beside a quiet NaN, not beside a signalling one.
    const isInfinityTimesZero = all(
      b,
      isProductInfinite,
      b.either(b.isZero(magnitude1), b.isZero(magnitude2)),
      not(b, isSignallingNaN(b, format, magnitudeA)),
    );
    const isInfinityLessInfinity = all(b, b.isZero(nan), isProductInfinite, isInfinity(b, format, magnitudeA), areOpposite);
    const isInvalid = b.either(isInfinityTimesZero, isInfinityLessInfinity);
    raise(b, { IOC: isInvalid });
    const infinity = b.choose(isProductInfinite, withSign(b, format, signP, format.infinity), valueA);
    const special = b.choose(isInvalid, format.defaultNaN, b.choose(b.notZero(nan), nan, infinity));
    const isSpecial = any(b, ...[magnitudeA, magnitude1, magnitude2].map((magnitude) => isInfinityOrNaN(b, format, magnitude)));

    const fuse = bits === 64 ? fuseDouble : fuseSingle;
    const [addend, factor1, factor2] = [magnitudeA, magnitude1, magnitude2].map((magnitude) => normalized(b, format, magnitude));
    const { exponent, significand, hasSignOfProduct } = fuse(b, addend, factor1, factor2, areOpposite);
    const sign = b.choose(b.isZero(significand), signOfZeroSum(b, signA, signP), b.choose(hasSignOfProduct, signP, signA));
    const rounded = roundByMode(b, format, sign, b.add(exponent, scale), b.choose(isSpecial, b.constant(64, 0), significand));
    return b.choose(isSpecial, special, rounded);
  });

/** FPMulAdd(addend, operand1, operand2). */
export const FPMulAdd: Record<Precision, IntFunction> = forBoth((format) => fused('FPMulAdd', format, 0));
const FPMulAddHalved: Record<Precision, IntFunction> = forBoth((format) => fused('FPMulAddHalved', format, -1));

/** `constant - operand1 * operand2`, fused, where zero times infinity counts as zero. */
const step = (name: string, format: Format, called: Record<Precision, IntFunction>, constant: 2 | 3): IntFunction =>
  defineOperation(name, format, 2, (b, operand1, operand2) => {
    const { width, bias, fraction, signBit } = format;
    const factors = [b.xor(operand1, signBit), operand2];
    const [magnitude1, magnitude2] = factors.map((factor) => magnitudeOf(b, format, b.call(FPFlushInput[width], factor)));
    const isInfinityTimesZero = any(
      b,
      b.both(isInfinity(b, format, magnitude1), b.isZero(magnitude2)),
      b.both(b.isZero(magnitude1), isInfinity(b, format, magnitude2)),
    );
    const two = BigInt(bias + 1) << BigInt(fraction),
      addend = b.constant(width, constant === 2 ? two : two + (1n << BigInt(fraction - 1)));
    const inputs = factors.map((factor) => narrow(b, width, b.choose(isInfinityTimesZero, 0, factor)));
    return widen(b, b.call(called[width], addend, ...inputs));
  });

/** 2 - operand1 * operand2. */
export const FPRecipStepFused: Record<Precision, IntFunction> = forBoth((format) => step('FPRecipStepFused', format, FPMulAdd, 2));
/** (3 - operand1 * operand2) / 2. */
export const FPRSqrtStepFused: Record<Precision, IntFunction> = forBoth((format) => step('FPRSqrtStepFused', format, FPMulAddHalved, 3));
