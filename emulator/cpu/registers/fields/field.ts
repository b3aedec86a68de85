/** Fields of registers: where each lies, what it is for, what its values mean. The positions that the machine uses come from here. */

export interface Field<Name extends string = string, High extends number = number, Low extends number = number> {
  readonly name: Name;
  readonly high: High;
  readonly low: Low;
  /** One line. */
  readonly meaning: string;
  /** What single values mean. */
  readonly values?: Values | undefined;
}

/** By value, or for all values; empty where the number says it all. */
export type Values = Readonly<Record<number, string>> | ((value: number) => string);

type Position = number | readonly [high: number, low: number];
type HighOf<P extends Position> = P extends readonly [infer High extends number, number] ? High : P extends number ? P : number;
type LowOf<P extends Position> = P extends readonly [number, infer Low extends number] ? Low : P extends number ? P : number;

/** A field: one bit, or [high, low]. */
export const field = <const Name extends string, const P extends Position>(
  name: Name,
  bits: P,
  meaning: string,
  values?: Values,
): Field<Name, HighOf<P>, LowOf<P>> => {
  const [high, low] = typeof bits === 'number' ? [bits, bits] : bits;
  return { name, high: high as HighOf<P>, low: low as LowOf<P>, meaning, values };
};

// prettier-ignore
export type LowBit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16 | 17 | 18 | 19 | 20 | 21 | 22 | 23 | 24 | 25 | 26 | 27 | 28 | 29 | 30 | 31;
// prettier-ignore
type HighBit = 32 | 33 | 34 | 35 | 36 | 37 | 38 | 39 | 40 | 41 | 42 | 43 | 44 | 45 | 46 | 47 | 48 | 49 | 50 | 51 | 52 | 53 | 54 | 55 | 56 | 57 | 58 | 59 | 60 | 61 | 62 | 63;

/** The masks of the fields that lie in bits 31:0, as signed 32-bit numbers: for `cpu.low(...) & HCR_EL2.TGE`. */
export type LowMasks<F extends Field> = { readonly [K in F as K['high'] extends LowBit ? K['name'] : never]: number };
/** The same for fields that lie in bits 63:32, in the high half: for `cpu.high(...) & TCR_EL1_HIGH.AS`. */
export type HighMasks<F extends Field> = { readonly [K in F as K['low'] extends HighBit ? K['name'] : never]: number };

export const bitsOf = <F extends Field>(fields: readonly F[]): LowMasks<F> => masks(fields.filter(({ high }) => high < 32)) as LowMasks<F>;
export const highBitsOf = <F extends Field>(fields: readonly F[]): HighMasks<F> =>
  masks(fields.filter(({ low }) => low >= 32)) as HighMasks<F>;

const masks = (fields: readonly Field[]): Record<string, number> =>
  Object.fromEntries(fields.map(({ name, high, low }) => [name, ((2 ** (high - low + 1) - 1) << (low & 31)) | 0]));

/** All bits from `low` to `high`. */
export const maskOf = ({ high, low }: Pick<Field, 'high' | 'low'>): bigint => ((1n << BigInt(high - low + 1)) - 1n) << BigInt(low);
/** The bits of all fields together. */
export const allOf = (fields: readonly Field[]): bigint => fields.reduce((mask, one) => mask | maskOf(one), 0n);

/** The masks of all fields in the whole register, those that lie in both halves too. */
export const wideBitsOf = <F extends Field>(fields: readonly F[]): Readonly<Record<F['name'], bigint>> =>
  Object.fromEntries(fields.map((one) => [one.name, maskOf(one)])) as Record<F['name'], bigint>;
/** The value of a field, and the register with nothing but this value in it, by such a mask. */
export const wideValueIn = (value: bigint, mask: bigint): bigint => (value & mask) / (mask & -mask);
export const wideValueAt = (mask: bigint, value: bigint): bigint => (value * (mask & -mask)) & mask;

/** Where a field begins in the half of the register that holds it, by its mask. */
export const shiftOf = (mask: number): number => 31 - Math.clz32(mask & -mask);

/** The value of a field, by its mask, in the half of the register that holds it. */
export const valueIn = (half: number, mask: number): number => (half & mask) >>> shiftOf(mask);

/** The half of a register with nothing but this value in a field. */
export const valueAt = (mask: number, value: number): number => (value << shiftOf(mask)) & mask;

/** A 4-bit field of an ID register, where 0 is that there is nothing unless it says so. */
export const id = <const Name extends string>(name: Name, low: number, meaning: string, values: Record<number, string> = {}) =>
  field(name, [low + 3, low], meaning, { 0: 'not implemented', ...values }) as Field<Name, LowBit, LowBit>;

/** The number itself, where it counts something. */
export const count = (value: number): string => String(value);
/** Which bits of a field that has one for each of several things are 1: `0 to 3, 7`. */
export function bitNumbers(value: number): string {
  const isSet = (n: number): boolean => Math.floor(value / 2 ** n) % 2 === 1;
  const runs: string[] = [];
  for (let from = 0; 2 ** from <= value; from++) {
    if (!isSet(from)) continue;
    let to = from;
    while (isSet(to + 1)) to++;
    runs.push(to === from ? `${from}` : to === from + 1 ? `${from}, ${to}` : `${from} to ${to}`);
    from = to;
  }
  return runs.join(', ') || 'none';
}
/** An address of which the field holds the bits from `low` on; below 2^53 units of them a number is exact. */
export const addressFrom =
  (low: number) =>
  (value: number): string =>
    `0x${(value * 2 ** low).toString(16)}`;
/** Sizes given as a power of two of words. */
export const words = (value: number): string => `${4 * 2 ** value} bytes`;

export const offOn = { 0: 'off', 1: 'on' } as const;
export const noYes = { 0: 'no', 1: 'yes' } as const;
export const traps = { 0: 'not trapped', 1: 'trapped to EL2' } as const;
export const trapsWhenClear = { 0: 'trapped', 1: 'allowed' } as const;
