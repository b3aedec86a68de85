/**
 * Operations on floating-point numbers, by the names of the instructions that do them alone or lane by lane; in words, <n> and <m> stand for
 * the operands. And how an instruction names a precision and a rounding.
 */
import type { Builder, Int, IntFunction, VectorRegister } from '../builder.ts';
import { allocated } from '../define.ts';
import {
  FixedToFP,
  FPAbs,
  FPAdd,
  FPCompareEQ,
  FPCompareGE,
  FPCompareGT,
  FPDiv,
  FPMax,
  FPMaxNum,
  FPMin,
  FPMinNum,
  FPMul,
  FPMulX,
  FPNeg,
  FPRecipEstimate,
  FPRecipStepFused,
  FPRecpX,
  FPRoundingMode,
  FPRoundInt,
  FPRSqrtEstimate,
  FPRSqrtStepFused,
  FPSqrt,
  FPSub,
  FPToFixed,
  ROUNDING,
  type Precision,
} from '../float/index.ts';

/** By ftype, or by sz. */
export const precisionOf = (ftype: number): Precision => (ftype ? 64 : 32);
export const singleOrDouble = ({ ftype }: { readonly ftype: number }) => allocated(ftype < 2);

/** A number, alone in the register; and the register made that number. */
export const scalar = (b: Builder, r: VectorRegister, ftype: number): Int => b.lane(r, precisionOf(ftype), 0);
export const setScalar = (b: Builder, r: VectorRegister, ftype: number, value: Int): void => b.setLanes(r, precisionOf(ftype), [value]);

/** Roundings by the letter in the names of FCVTxx and FRINTx; X and I follow FPCR. */
const roundings = { N: ROUNDING.TIEEVEN, P: ROUNDING.POSINF, M: ROUNDING.NEGINF, Z: ROUNDING.ZERO, A: ROUNDING.TIEAWAY };
export type RoundingLetter = keyof typeof roundings;
export const roundingOf = (b: Builder, letter: RoundingLetter): Int => b.constant(32, roundings[letter]);
export const roundingText: Record<RoundingLetter, string> = {
  N: 'to nearest, ties to even',
  P: 'towards plus infinity',
  M: 'towards minus infinity',
  Z: 'towards zero',
  A: 'to nearest, ties away from zero',
};

type Called = Record<Precision, IntFunction>;
export interface Unary {
  readonly compute: (b: Builder, value: Int, N: Precision) => Int;
  readonly says: string;
}
const calls1 = (called: Called, says: string): Unary => ({ compute: (b, value, N) => b.call(called[N], value), says });
const rounds = (letter: RoundingLetter): Unary => ({
  compute: (b, value, N) => b.call(FPRoundInt[N], value, roundingOf(b, letter), 0),
  says: `Rounds <n> to a whole number, ${roundingText[letter]}`,
});
const roundsByFPCR = (exact: 0 | 1, also: string): Unary => ({
  compute: (b, value, N) => b.call(FPRoundInt[N], value, FPRoundingMode(b), exact),
  says: `Rounds <n> to a whole number, as FPCR says${also}`,
});
const toInteger = (letter: RoundingLetter, unsigned: 0 | 1): Unary => ({
  compute: (b, value, N) => b.call(FPToFixed[N][N], value, 0, unsigned, roundingOf(b, letter)),
  says: `Converts <n> to ${integers[unsigned]}, rounded ${roundingText[letter]}`,
});
const fromInteger = (unsigned: 0 | 1): Unary => ({
  compute: (b, value, N) => b.call(FixedToFP[N][N], value, 0, unsigned),
  says: `Converts <n>, ${integers[unsigned]}, to floating point`,
});
export const integers = ['a signed integer', 'an unsigned integer'] as const;

/** All ones or all zeros. */
const flags = (b: Builder, holds: Int, N: Precision): Int => b.sub(b.constant(N, 0), N === 64 ? b.zeroExtend(holds) : holds);
const zeroIf = (called: Called, isZeroFirst: boolean, condition: string): Unary => ({
  compute: (b, value, N) => {
    const zero = b.constant(N, 0);
    return flags(b, isZeroFirst ? b.call(called[N], zero, value) : b.call(called[N], value, zero), N);
  },
  says: `Sets all bits if <n> is ${condition} zero, else clears them`,
});

export const unary = {
  fabs: { compute: FPAbs, says: 'Takes the absolute value of <n>' },
  fneg: { compute: FPNeg, says: 'Negates <n>' },
  fsqrt: calls1(FPSqrt, 'Takes the square root of <n>'),
  frintn: rounds('N'),
  frintp: rounds('P'),
  frintm: rounds('M'),
  frintz: rounds('Z'),
  frinta: rounds('A'),
  frintx: roundsByFPCR(1, ', and raises Inexact if it was not whole'),
  frinti: roundsByFPCR(0, ''),
  fcvtns: toInteger('N', 0),
  fcvtnu: toInteger('N', 1),
  fcvtps: toInteger('P', 0),
  fcvtpu: toInteger('P', 1),
  fcvtms: toInteger('M', 0),
  fcvtmu: toInteger('M', 1),
  fcvtzs: toInteger('Z', 0),
  fcvtzu: toInteger('Z', 1),
  fcvtas: toInteger('A', 0),
  fcvtau: toInteger('A', 1),
  scvtf: fromInteger(0),
  ucvtf: fromInteger(1),
  frecpe: calls1(FPRecipEstimate, 'Estimates the reciprocal of <n>'),
  frsqrte: calls1(FPRSqrtEstimate, 'Estimates the reciprocal of the square root of <n>'),
  frecpx: calls1(FPRecpX, 'Inverts the exponent of <n> and clears its fraction'),
  fcmeq: zeroIf(FPCompareEQ, false, 'equal to'),
  fcmge: zeroIf(FPCompareGE, false, 'greater than or equal to'),
  fcmgt: zeroIf(FPCompareGT, false, 'greater than'),
  fcmle: zeroIf(FPCompareGE, true, 'less than or equal to'),
  fcmlt: zeroIf(FPCompareGT, true, 'less than'),
} as const satisfies Record<string, Unary>;

export interface Binary {
  readonly compute: (b: Builder, x: Int, y: Int, N: Precision) => Int;
  readonly says: string;
}
const calls2 = (called: Called, says: string): Binary => ({ compute: (b, x, y, N) => b.call(called[N], x, y), says });
const setsIf = (called: Called, condition: string): Binary => ({
  compute: (b, x, y, N) => flags(b, b.call(called[N], x, y), N),
  says: `Sets all bits if <n> is ${condition} <m>, else clears them`,
});
const setsIfAbsolute = (called: Called, condition: string): Binary => ({
  compute: (b, x, y, N) => flags(b, b.call(called[N], FPAbs(b, x), FPAbs(b, y)), N),
  says: `Sets all bits if the absolute value of <n> is ${condition} that of <m>, else clears them`,
});

export const binary = {
  fmul: calls2(FPMul, 'Multiplies <n> by <m>'),
  fdiv: calls2(FPDiv, 'Divides <n> by <m>'),
  fadd: calls2(FPAdd, 'Adds <m> to <n>'),
  fsub: calls2(FPSub, 'Subtracts <m> from <n>'),
  fmax: calls2(FPMax, 'Takes the greater of <n> and <m>, or a NaN if there is one'),
  fmin: calls2(FPMin, 'Takes the lesser of <n> and <m>, or a NaN if there is one'),
  fmaxnm: calls2(FPMaxNum, 'Takes the greater of <n> and <m>, or the number beside a quiet NaN'),
  fminnm: calls2(FPMinNum, 'Takes the lesser of <n> and <m>, or the number beside a quiet NaN'),
  fnmul: { compute: (b, x, y, N) => FPNeg(b, b.call(FPMul[N], x, y)), says: 'Multiplies <n> by <m> and negates the product' },
  fmulx: calls2(FPMulX, 'Multiplies <n> by <m>, where zero times infinity gives 2'),
  fabd: {
    compute: (b, x, y, N) => FPAbs(b, b.call(FPSub[N], x, y)),
    says: 'Takes the absolute value of the difference of <n> and <m>',
  },
  frecps: calls2(FPRecipStepFused, 'Subtracts the product of <n> and <m> from 2, a step towards a reciprocal'),
  frsqrts: calls2(
    FPRSqrtStepFused,
    'Subtracts the product of <n> and <m> from 3 and halves the difference, a step towards the reciprocal of a square root',
  ),
  fcmeq: setsIf(FPCompareEQ, 'equal to'),
  fcmge: setsIf(FPCompareGE, 'greater than or equal to'),
  fcmgt: setsIf(FPCompareGT, 'greater than'),
  facge: setsIfAbsolute(FPCompareGE, 'greater than or equal to'),
  facgt: setsIfAbsolute(FPCompareGT, 'greater than'),
} as const satisfies Record<string, Binary>;

/** The sentence of an operation on scalars, whose width that field says; and of the same lane by lane. */
export const ofScalars = (says: string, by: string): string => says.replace(/<([ndm])>/g, `<V$1:${by}>`);
export const ofLanes = (says: string): string => `Lane by lane, ${says[0].toLowerCase()}${says.slice(1).replace(/<([ndm])>/g, '<V$1>')}`;
