/** FPCompare and its like, FPMax, FPMin, FPMaxNum, FPMinNum. */
import type { Bool, FunctionBuilder, Int, IntFunction } from '../builder.ts';
import { defineFunction } from '../functions.ts';
import { defineOperation, forBoth, type Format, narrow, not, type Precision, raise, widen } from './format.ts';
import { FPProcessNaNs } from './nans.ts';
import { FPFlushInput, isNaN, isSignallingNaN, magnitudeOf, signOf, withSign } from './unpack.ts';

/** An integer for each number that is ordered as the numbers are, -0 below +0. */
function orderOf(b: FunctionBuilder, format: Format, value: Int): Int {
  const mask = b.sub(0n, signOf(b, format, value));
  return b.xor(magnitudeOf(b, format, value), mask);
}

/** How a comparison comes out, as NZCV: less, equal, greater, or unordered. */
const comparison = (format: Format): IntFunction => {
  const { width, bits } = format;
  return defineFunction(`FPCompare${bits}`, [width, width, 32], 32, (b, operand1, operand2, signalNaNs) => {
    const [value1, value2] = [operand1, operand2].map((operand) => b.call(FPFlushInput[width], widen(b, operand)));
    const magnitudes = [value1, value2].map((value) => magnitudeOf(b, format, value));
    const [isUnordered, isSignalled] = [isNaN, isSignallingNaN].map((test) => {
      const [first, second] = magnitudes.map((magnitude) => test(b, format, magnitude));
      return b.either(first, second);
    });
    raise(b, { IOC: b.either(isSignalled, b.both(isUnordered, b.notZero(signalNaNs))) });

    const areZeros = b.isZero(b.or(magnitudes[0], magnitudes[1]));
    const isEqual = b.either(areZeros, b.equal(value1, value2)),
      isLess = b.less(orderOf(b, format, value1), orderOf(b, format, value2));
    const ordered = b.choose(isLess, b.constant(32, 0b1000), b.constant(32, 0b0010));
    return b.choose(isUnordered, b.constant(32, 0b0011), b.choose(isEqual, b.constant(32, 0b0110), ordered));
  });
};
/** FPCompare(operand1, operand2, signal_nans): NZCV in bits 3..0. */
export const FPCompare: Record<Precision, IntFunction> = forBoth(comparison);

/** Zero or one; quiet NaNs are invalid operands except to FPCompareEQ. */
const test = (name: string, signalNaNs: 0 | 1, holds: (b: FunctionBuilder, nzcv: Int) => Bool): Record<Precision, IntFunction> =>
  forBoth(({ bits, width }) =>
    defineFunction(`${name}${bits}`, [width, width], 32, (b, operand1, operand2) =>
      holds(b, b.call(FPCompare[width], operand1, operand2, b.constant(32, signalNaNs))),
    ),
  );
export const FPCompareEQ = test('FPCompareEQ', 0, (b, nzcv) => b.equal(nzcv, 0b0110));
export const FPCompareGE = test('FPCompareGE', 1, (b, nzcv) => b.either(b.equal(nzcv, 0b0110), b.equal(nzcv, 0b0010)));
export const FPCompareGT = test('FPCompareGT', 1, (b, nzcv) => b.equal(nzcv, 0b0010));

/** FPMax takes +0 to be greater than -0, as the order of integers has it. */
const choice = (name: string, format: Format, takesGreater: boolean): IntFunction =>
  defineOperation(name, format, 2, (b, operand1, operand2) => {
    const { width } = format;
    const value1 = b.call(FPFlushInput[width], operand1),
      value2 = b.call(FPFlushInput[width], operand2);
    const nan = b.call(FPProcessNaNs[width], value1, value2);
    const isLess = b.less(orderOf(b, format, value1), orderOf(b, format, value2));
    const chosen = takesGreater ? b.choose(isLess, value2, value1) : b.choose(isLess, value1, value2);
    return b.choose(b.notZero(nan), nan, chosen);
  });
export const FPMax: Record<Precision, IntFunction> = forBoth((format) => choice('FPMax', format, true));
export const FPMin: Record<Precision, IntFunction> = forBoth((format) => choice('FPMin', format, false));

/** One quiet NaN gives way to the other operand: an infinity takes its place. */
const numberChoice = (name: string, format: Format, called: Record<Precision, IntFunction>, infinitySign: 0n | 1n): IntFunction =>
  defineOperation(name, format, 2, (b, operand1, operand2) => {
    const { width } = format;
    const [isQuiet1, isQuiet2] = [operand1, operand2].map((operand) => {
      const magnitude = magnitudeOf(b, format, operand);
      return b.both(isNaN(b, format, magnitude), not(b, isSignallingNaN(b, format, magnitude)));
    });
    const infinity = withSign(b, format, b.constant(64, infinitySign), format.infinity);
    const replaced = (operand: Int, isQuiet: Bool, isOtherQuiet: Bool): Int =>
      narrow(b, width, b.choose(b.both(isQuiet, not(b, isOtherQuiet)), infinity, operand));
    return widen(b, b.call(called[width], replaced(operand1, isQuiet1, isQuiet2), replaced(operand2, isQuiet2, isQuiet1)));
  });
export const FPMaxNum: Record<Precision, IntFunction> = forBoth((format) => numberChoice('FPMaxNum', format, FPMax, 1n));
export const FPMinNum: Record<Precision, IntFunction> = forBoth((format) => numberChoice('FPMinNum', format, FPMin, 0n));
