/** The formats of floating-point numbers, and the functions on them (Arm ARM A1.4). */
import type { Bool, FunctionBuilder, Int, IntFunction } from '../builder.ts';
import { defineFunction } from '../functions.ts';

/** Bits of a number that instructions compute with. */
export type Precision = 32 | 64;
/** Half precision is only converted from and to: Armv8.0 has no arithmetic on it. */
export type AnyPrecision = 16 | Precision;

export interface Format {
  readonly bits: AnyPrecision;
  /** Width of an Int that holds a number. */
  readonly width: Precision;
  /** Bits of the fraction, which the manual calls F. */
  readonly fraction: number;
  readonly bias: number;
  readonly signBit: bigint;
  /** Positive infinity; also the mask of the exponent. */
  readonly infinity: bigint;
  /** The bit that makes a NaN quiet. */
  readonly quiet: bigint;
  /** FPDefaultNaN. */
  readonly defaultNaN: bigint;
}

function formatOf(bits: AnyPrecision, exponent: number): Format {
  const fraction = bits - 1 - exponent,
    infinity = ((1n << BigInt(exponent)) - 1n) << BigInt(fraction),
    quiet = 1n << BigInt(fraction - 1);
  return {
    bits,
    width: bits === 64 ? 64 : 32,
    fraction,
    bias: 2 ** (exponent - 1) - 1,
    signBit: 1n << BigInt(bits - 1),
    infinity,
    quiet,
    defaultNaN: infinity | quiet,
  };
}
export const formats: Record<AnyPrecision, Format> = { 16: formatOf(16, 5), 32: formatOf(32, 8), 64: formatOf(64, 11) };

/** `of` for single and for double precision. */
export const forBoth = <T>(of: (format: Format) => T): Record<Precision, T> => ({ 32: of(formats[32]), 64: of(formats[64]) });

type Body = (b: FunctionBuilder, ...inputs: Int[]) => Int;

/** A part of other functions, called NAME and its number of bits. Whatever its format, all that it takes and gives is 64 bits wide. */
export const definePart = (name: string, { bits }: Format, inputs: number, body: Body): IntFunction =>
  defineFunction(`${name}${bits}`, Array<64>(inputs).fill(64), 64, body);

/** A function from numbers of a format to one of them. Its body, as all here, computes in 64 bits. */
export const defineOperation = (name: string, { bits, width }: Format, inputs: number, body: Body): IntFunction =>
  defineFunction(`${name}${bits}`, Array<Precision>(inputs).fill(width), width, (b, ...numbers) =>
    narrow(b, width, body(b, ...numbers.map((number) => widen(b, number)))),
  );

export const widen = (b: FunctionBuilder, value: Int): Int => (value.width === 64 ? value : b.zeroExtend(value));
export const narrow = (b: FunctionBuilder, width: Precision, value: Int): Int => (width === 64 ? value : b.wrap(value));

export const not = (b: FunctionBuilder, condition: Bool): Bool => b.isZero(condition);
export const all = (b: FunctionBuilder, ...conditions: Bool[]): Bool => conditions.reduce((x, y) => b.both(x, y));
export const any = (b: FunctionBuilder, ...conditions: Bool[]): Bool => conditions.reduce((x, y) => b.either(x, y));

/** FPSR's cumulative exception flags, by their places. */
export const FLAG = { IOC: 0, DZC: 1, OFC: 2, UFC: 3, IXC: 4, IDC: 7 } as const;

/** FPProcessException, untrapped, for each flag whose condition holds. */
export function raise(b: FunctionBuilder, conditions: Partial<Record<keyof typeof FLAG, Bool>>): void {
  const bits = Object.entries(conditions).map(([flag, condition]) => b.shl(condition, FLAG[flag as keyof typeof FLAG]));
  b.raise(bits.reduce((x, y) => b.or(x, y)));
}

const fpcrBit =
  (place: number) =>
  (b: FunctionBuilder): Bool =>
    b.notZero(b.and(b.fpcr(), 1 << place));
/** FPCR.FZ: denormal operands and results become zero. */
export const isFlushing = fpcrBit(24);
/** FPCR.DN: every NaN that results is the default one. */
export const givesDefaultNaN = fpcrBit(25);
/** FPCR.AHP: half precision without infinities and NaNs. */
export const hasAlternativeHalf = fpcrBit(26);
