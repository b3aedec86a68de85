/** FPProcessNaN, FPProcessNaNs, FPProcessNaNs3. */
import type { Bool, FunctionBuilder, Int, IntFunction } from '../builder.ts';
import { any, definePart, forBoth, type Format, givesDefaultNaN, type Precision, raise } from './format.ts';
import { isNaN, isSignallingNaN, magnitudeOf } from './unpack.ts';

/** The NaN that results from the operands, or zero where none of them is a NaN. The first signalling NaN goes before the first quiet one. */
function processNaNs(b: FunctionBuilder, format: Format, operands: readonly Int[]): Int {
  const magnitudes = operands.map((operand) => magnitudeOf(b, format, operand));
  const nans = magnitudes.map((magnitude) => isNaN(b, format, magnitude));
  const signalling = magnitudes.map((magnitude) => isSignallingNaN(b, format, magnitude));
  const firstOf = (which: readonly Bool[], otherwise: Int): Int =>
    operands.reduceRight<Int>((rest, operand, i) => b.choose(which[i], operand, rest), otherwise);
  const none = b.constant(64, 0);
  const nan = firstOf(signalling, firstOf(nans, none));
  raise(b, { IOC: any(b, ...signalling) });
  return b.choose(any(b, ...nans), b.choose(givesDefaultNaN(b), format.defaultNaN, b.or(nan, format.quiet)), none);
}

const ofOperands = (name: string, count: number): Record<Precision, IntFunction> =>
  forBoth((format) => definePart(name, format, count, (b, ...operands) => processNaNs(b, format, operands)));

export const FPProcessNaN = ofOperands('FPProcessNaN', 1);
export const FPProcessNaNs = ofOperands('FPProcessNaNs', 2);
export const FPProcessNaNs3 = ofOperands('FPProcessNaNs3', 3);
