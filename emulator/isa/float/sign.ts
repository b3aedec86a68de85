/** FPAbs, FPNeg: bits, not arithmetic, so that NaNs and denormal numbers pass. */
import type { FunctionBuilder, Int } from '../builder.ts';
import { formats } from './format.ts';

export const FPAbs = (b: FunctionBuilder, operand: Int): Int => b.and(operand, formats[operand.width].signBit - 1n);
export const FPNeg = (b: FunctionBuilder, operand: Int): Int => b.xor(operand, formats[operand.width].signBit);
