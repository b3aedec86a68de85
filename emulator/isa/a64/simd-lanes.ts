/**
 * What the integer instructions of Advanced SIMD share: which element sizes they have, whole vectors made wider and narrower, and
 * saturation.
 */
import type { Bool, Builder, Immediate, Int, IntLike, LaneBits, Vector, VectorRegister } from '../builder.ts';
import { defineFunction } from '../functions.ts';

export const laneBits = [8, 16, 32, 64] as const;

type Bit = '0' | '1';
/** Bits of an encoding. */
export type Bits4 = `${Bit}${Bit}${Bit}${Bit}`;
export type Bits5 = `${Bits4}${Bit}`;

/** The element sizes, such as 'bhs', that an instruction has. */
export type Sizes = string;
export const hasSize = (sizes: Sizes, size: number): boolean => sizes.includes('bhsd'[size]);
/** Likewise of a vector, of which there is none of one doubleword. */
export const isVector = (sizes: Sizes, size: number, Q: number): boolean => hasSize(sizes, size) && (size < 3 || Q === 1);

/** What is said of an instruction's vectors, of its scalars; one register may have twice the width of the others. */
export const ofScalars = (says: string, wide?: 'd' | 'n'): string =>
  says
    .replace('Sets each lane of <Vd>', 'Sets <name:Vd:size>')
    .replace(' where ', ' if ')
    .replaceAll(/each (signed )?lane of |that of |<half>/g, '')
    .replaceAll(/<V([dnm])>/g, (_, register: string) => `<V${register}:size${register === wide ? '+1' : ''}>`)
    .replaceAll(/their width|its width/g, 'the width');

/** Of narrower results, which fill one half of the destination. */
export const fillsHalf = '; the results fill <half><name:Vd>';

/** Numbers from 0 to `count` - 1. */
export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** A register whose number was derived. */
export const derivedRegister = ({ name, value }: Immediate): VectorRegister => ({
  name,
  isVector: true,
  number: value === undefined ? undefined : Number(value),
});

// Whole vectors

export const bytesOf = (elements: readonly number[], bits: number): number[] =>
  elements.flatMap((element) => range(bits / 8).map((byte) => (element * bits) / 8 + byte));
/** The elements with these numbers: those of `a`, then those of `b`. */
export const pick = (b: Builder, bits: LaneBits, x: Vector, y: Vector, elements: readonly number[]): Vector =>
  b.shuffle(x, y, bytesOf(elements, bits));

export const number = (b: Builder, bits: LaneBits, value: number | bigint): Int => b.constant(bits === 64 ? 64 : 32, value);
export const every = (b: Builder, bits: LaneBits, value: number | bigint): Vector => b.splat(bits, number(b, bits, value));
export const inverted = (b: Builder, x: Vector): Vector => b.bitwise('xor', x, every(b, 64, -1n));

/** The elements of the lower (part 0) or upper half, extended to twice their width. */
export function widened(b: Builder, bits: LaneBits, x: Vector, part: number, isUnsigned: boolean): Vector {
  const count = 64 / bits,
    wide = (bits * 2) as LaneBits;
  // In the upper half of each lane, so that a shift extends them. What is below goes away.
  const elements = range(count).flatMap((i) => [i + part * count, i + part * count]);
  return b.shiftLanes(isUnsigned ? 'shr' : 'sar', wide, pick(b, bits, x, x, elements), bits);
}
/** The lower (or upper) halves of elements of twice `bits`, into the lower half (part 0) or into the upper half of `d`. */
export function setNarrowed(b: Builder, d: VectorRegister, bits: LaneBits, x: Vector, part: number, half: 0 | 1): void {
  const count = 64 / bits,
    halves = range(count).map((i) => 2 * i + half);
  if (part) b.setVector(d, pick(b, bits, b.vector(d), x, [...range(count), ...halves.map((i) => i + 2 * count)]), 128);
  else b.setVector(d, pick(b, bits, x, x, [...halves, ...halves]), 64);
}

/** The product of bytes too, which hosts do not have. */
export function product(b: Builder, bits: LaneBits, x: Vector, y: Vector): Vector {
  if (bits !== 8) return b.lanewise('mul', bits, x, y);
  const upper = (v: Vector): Vector => b.shiftLanes('shr', 16, v, 8);
  const even = b.bitwise('and', b.lanewise('mul', 16, x, y), every(b, 16, 0xff));
  return b.bitwise('or', even, b.shiftLanes('shl', 16, b.lanewise('mul', 16, upper(x), upper(y)), 8));
}

/** PolynomialMult() of numbers of eight bits: products of `bits` bits of them. */
export const polynomialProduct = (b: Builder, bits: LaneBits, x: Vector, y: Vector): Vector =>
  range(8)
    .map((i) => {
      const everyBit = b.shiftLanes('sar', bits, b.shiftLanes('shl', bits, y, bits - 1 - i), bits - 1);
      return b.bitwise('and', b.shiftLanes('shl', bits, x, i), everyBit);
    })
    .reduce((sum, term) => b.bitwise('xor', sum, term));

/** Elements shifted right by `less` + 1, which may be all their bits, to the nearest integer or downwards. */
export function shiftedRight(b: Builder, bits: LaneBits, x: Vector, less: IntLike, isUnsigned: boolean, isRounding: boolean): Vector {
  const operation = isUnsigned ? 'shr' : 'sar';
  const doubled = b.shiftLanes(operation, bits, x, less);
  const down = b.shiftLanes(operation, bits, doubled, 1);
  return isRounding ? b.lanewise('add', bits, down, b.bitwise('and', doubled, every(b, bits, 1))) : down;
}

// Single elements

/** An element as a number with room above it: 8 and 16 bits in 32, 32 bits in 64. Those of 64 bits have none. */
export function element(b: Builder, r: VectorRegister, bits: LaneBits, index: number, isUnsigned: boolean): Int {
  const value = isUnsigned ? b.lane(r, bits, index) : b.signedLane(r, bits, index);
  return bits === 32 ? extended(b, value, isUnsigned) : value;
}
export const extended = (b: Builder, value: Int, isUnsigned: boolean): Int =>
  value.width === 64 ? value : isUnsigned ? b.zeroExtend(value) : b.signExtend(value);

/** FPSR.QC. */
const QC = 27;

/** Saturating arithmetic on elements of one instruction. `raise` sets FPSR.QC where something has saturated. */
export class Saturation {
  private readonly any: Bool[] = [];
  constructor(
    private readonly b: Builder,
    readonly bits: LaneBits,
    readonly isUnsigned: boolean,
  ) {}

  raise(): void {
    if (this.any.length)
      this.b.raise(
        this.b.shl(
          this.any.reduce((some, one) => this.b.either(some, one)),
          QC,
        ),
      );
  }
  /** `limit` where the condition holds. */
  private choose(condition: Bool, limit: IntLike, value: Int): Int {
    this.any.push(condition);
    return this.b.choose(condition, limit, value);
  }

  /** SatQ() of a number with room; or of one that is never negative, which may need all its bits. */
  satQ(value: Int, isNatural = false): Int {
    const { b, isUnsigned } = this,
      bits = BigInt(this.bits),
      least = isUnsigned ? 0n : -(1n << (bits - 1n)),
      most = (1n << (isUnsigned ? bits : bits - 1n)) - 1n;
    if (isNatural) return this.choose(b.atLeast(value, most + 1n), most, value);
    return this.choose(b.less(b.constant(value.width, most), value), most, this.choose(b.less(value, least), least, value));
  }
  add(x: Int, y: Int): Int {
    const { b } = this,
      sum = b.add(x, y);
    if (this.bits < 64) return this.satQ(sum);
    if (this.isUnsigned) return this.addUnsigned(x, y);
    return this.choose(b.less(b.and(b.xor(x, sum), b.xor(y, sum)), 0), this.limitLike(x), sum);
  }
  sub(x: Int, y: Int): Int {
    const { b } = this,
      difference = b.sub(x, y);
    if (this.bits < 64) return this.satQ(difference);
    if (this.isUnsigned) return this.choose(b.isZero(b.atLeast(x, y)), 0n, difference);
    return this.choose(b.less(b.and(b.xor(x, y), b.xor(x, difference)), 0), this.limitLike(x), difference);
  }
  /** A signed number, or zero where it is negative. */
  atLeastZero(x: Int): Int {
    return this.choose(this.b.less(x, 0), 0, x);
  }
  /** A number with the sign taken away. */
  negated(x: Int): Int {
    return this.sub(this.b.constant(x.width, 0), x);
  }
  /** A signed doubleword added to an unsigned one. */
  addSigned(x: Int, y: Int): Int {
    const { b } = this,
      sum = b.add(x, y),
      isNegative = b.less(y, 0),
      isBelow = b.both(isNegative, b.isZero(b.atLeast(x, b.sub(0, y)))),
      isAbove = b.both(b.isZero(isNegative), b.isZero(b.atLeast(sum, x)));
    return this.choose(isBelow, 0n, this.choose(isAbove, -1n, sum));
  }
  /** An unsigned doubleword added to an unsigned one. */
  addUnsigned(x: Int, y: Int): Int {
    const sum = this.b.add(x, y);
    return this.choose(this.b.isZero(this.b.atLeast(sum, x)), -1n, sum);
  }
  /** The least or greatest of 64 bits, by the sign of x. */
  private limitLike(x: Int): Int {
    return this.b.xor(this.b.sar(x, 63), (1n << 63n) - 1n);
  }
}

/** The register becomes what `value` gives for each element. */
export function setEach(
  b: Builder,
  d: VectorRegister,
  bits: LaneBits,
  isUnsigned: boolean,
  count: number,
  value: (saturation: Saturation, index: number) => Int,
): void {
  const saturation = new Saturation(b, bits, isUnsigned);
  b.setLanes(
    d,
    bits,
    range(count).map((i) => value(saturation, i)),
  );
  saturation.raise();
}
/** The same where a narrowing instruction fills the lower half (part 0), or the upper half (part 1) and keeps the lower one. */
export function setHalf(
  b: Builder,
  d: VectorRegister,
  bits: LaneBits,
  isUnsigned: boolean,
  part: number,
  value: (saturation: Saturation, index: number) => Int,
): void {
  const half = 64 / bits;
  setEach(b, d, bits, isUnsigned, half * (part + 1), (saturation, i) =>
    i < half * part ? b.lane(d, bits, i) : value(saturation, i - half * part),
  );
}

// Shifts of an element of `esize` bits, extended to 64, by a signed amount: SSHL and its like; to the left where it is positive.

function registerShift(name: string, isUnsigned: boolean, isRounding: boolean, isSaturating: boolean) {
  return defineFunction(name, [64, 32, 32], 64, (b, x, shift, esize) => {
    const left = b.zeroExtend(shift),
      right = b.zeroExtend(b.sub(0, shift));
    const down = (by: Int): Int =>
      isUnsigned ? b.choose(b.atLeast(by, 64), 0, b.shr(x, by)) : b.sar(x, b.choose(b.atLeast(by, 64), 63, by));
    const toRight = isRounding ? b.add(down(right), b.and(down(b.sub(right, 1)), 1)) : down(right);
    const isFar = b.atLeast(left, 64);
    if (!isSaturating) return b.choose(b.less(shift, 0), toRight, b.choose(isFar, 0, b.shl(x, left)));

    // With the element at the top of 64 bits nothing is lost exactly where shifting back gives it again.
    const unused = b.zeroExtend(b.sub(64, esize)),
      top = b.shl(x, unused),
      shifted = b.shl(top, left),
      isLost = b.isZero(b.equal(isUnsigned ? b.shr(shifted, left) : b.sar(shifted, left), top)),
      isSaturated = b.choose(isFar, b.notZero(x), isLost) as Bool,
      limit = isUnsigned ? b.constant(64, -1n) : b.xor(b.sar(x, 63), (1n << 63n) - 1n),
      isLeft = b.isZero(b.less(shift, 0));
    b.raise(b.shl(b.both(isLeft, isSaturated), QC));
    return b.choose(isLeft, b.shr(b.choose(isSaturated, limit, shifted), unused), toRight);
  });
}
/** By their names without the letter for signed or unsigned. */
export const registerShifts = Object.fromEntries(
  ['shl', 'qshl', 'rshl', 'qrshl'].map((name) => [
    name,
    ['s', 'u'].map((sign) => registerShift(`${sign}${name}`.toUpperCase(), sign === 'u', name.includes('r'), name.startsWith('q'))),
  ]),
);
