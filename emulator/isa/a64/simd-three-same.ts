// Arm ARM C4.1.96, Advanced SIMD three same and scalar three same: integers.
import type { Builder, Int, LaneBits, LaneOperation, Vector, VectorRegister } from '../builder.ts';
import { allocated, define } from '../define.ts';
import {
  element,
  every,
  extended,
  hasSize,
  inverted,
  isVector,
  laneBits,
  ofScalars,
  pick,
  polynomialProduct,
  product,
  range,
  registerShifts,
  setEach,
  type Bits5,
  type Saturation,
  type Sizes,
} from './simd-lanes.ts';

interface Registers {
  readonly Vd: VectorRegister;
  readonly Vn: VectorRegister;
  readonly Vm: VectorRegister;
}
/** Sets Vd to `count` lanes. */
type Emit = (b: Builder, registers: Registers, bits: LaneBits, count: number) => void;

type Whole = (b: Builder, bits: LaneBits, x: Vector, y: Vector, d: Vector) => Vector;
/** By operations on whole vectors, of which only the low doubleword may be wanted. */
const whole =
  (operation: Whole): Emit =>
  (b, { Vd, Vn, Vm }, bits, count) =>
    b.setVector(Vd, operation(b, bits, b.vector(Vn), b.vector(Vm), b.vector(Vd)), bits * count === 128 ? 128 : 64);
const lanewise = (operation: LaneOperation): Emit => whole((b, bits, x, y) => b.lanewise(operation, bits, x, y));
/** Unsigned doublewords are compared as signed ones with their top bits inverted: hosts have no other way. */
const unsignedComparison = (operation: 'greater' | 'atLeast'): Emit =>
  whole((b, bits, x, y) => {
    const flipped = (v: Vector): Vector => b.bitwise('xor', v, every(b, 64, 1n << 63n));
    return bits === 64 ? b.lanewise(`${operation}S`, 64, flipped(x), flipped(y)) : b.lanewise(`${operation}U`, bits, x, y);
  });
/** Lane by lane, as numbers with room above them. */
const each =
  (isUnsigned: boolean, operation: (b: Builder, x: Int, y: Int, saturation: Saturation) => Int): Emit =>
  (b, { Vd, Vn, Vm }, bits, count) =>
    setEach(b, Vd, bits, isUnsigned, count, (saturation, i) =>
      operation(b, element(b, Vn, bits, i, isUnsigned), element(b, Vm, bits, i, isUnsigned), saturation),
    );
/** Neighbours in Vn, then those in Vm, together. */
const pairwise = (operation: LaneOperation): Emit => {
  return (b, { Vd, Vn, Vm }, bits, count) => {
    const side = (odd: 0 | 1): Vector => {
      const fromOne = range(count / 2).map((i) => 2 * i + odd);
      const both = [...fromOne, ...fromOne.map((i) => i + 128 / bits)];
      return pick(b, bits, b.vector(Vn), b.vector(Vm), count * bits === 128 ? both : [...both, ...both]);
    };
    b.setVector(Vd, b.lanewise(operation, bits, side(0), side(1)), bits * count === 128 ? 128 : 64);
  };
};
const difference = (isUnsigned: boolean): Whole => {
  const sign = isUnsigned ? 'U' : 'S';
  return (b, bits, x, y) => b.lanewise('sub', bits, b.lanewise(`max${sign}`, bits, x, y), b.lanewise(`min${sign}`, bits, x, y));
};
/** The upper half of twice the product; only that of the least number with itself is too large. */
export const doublingHighHalf = (isRounding: boolean, b: Builder, x: Int, y: Int, saturation: Saturation): Int => {
  const { bits } = saturation,
    exact = b.mul(extended(b, x, false), extended(b, y, false));
  return saturation.satQ(b.sar(isRounding ? b.add(exact, 1n << BigInt(bits - 2)) : exact, bits - 1));
};
const shiftBy = (name: string, isUnsigned: boolean): Emit =>
  each(isUnsigned, (b, x, y, { bits }) => {
    const amount = b.sar(b.shl(b.wrap(y), 24), 24),
      result = b.call(registerShifts[name][isUnsigned ? 1 : 0], extended(b, x, isUnsigned), amount, b.constant(32, bits));
    return bits === 64 ? result : b.wrap(result);
  });

// name, U, opcode, element sizes of vectors and of scalars, what it does
const rows: [name: string, U: 0 | 1, opcode: Bits5, sizes: Sizes, scalars: Sizes, emit: Emit, says: string][] = [
  ['cmgt', 0, '00110', 'bhsd', 'd', lanewise('greaterS'), 'Sets each lane of <Vd> to all ones where <Vn> is greater than <Vm>, signed, else to zero'],
  ['cmhi', 1, '00110', 'bhsd', 'd', unsignedComparison('greater'), 'Sets each lane of <Vd> to all ones where <Vn> is higher than <Vm>, unsigned, else to zero'],
  ['cmge', 0, '00111', 'bhsd', 'd', lanewise('atLeastS'), 'Sets each lane of <Vd> to all ones where <Vn> is at least <Vm>, signed, else to zero'],
  ['cmhs', 1, '00111', 'bhsd', 'd', unsignedComparison('atLeast'), 'Sets each lane of <Vd> to all ones where <Vn> is at least <Vm>, unsigned, else to zero'],
  ['add', 0, '10000', 'bhsd', 'd', lanewise('add'), 'Adds each lane of <Vm> to that of <Vn>'],
  ['sub', 1, '10000', 'bhsd', 'd', lanewise('sub'), 'Subtracts each lane of <Vm> from that of <Vn>'],
  ['cmtst', 0, '10001', 'bhsd', 'd', whole((b, bits, x, y) => inverted(b, b.lanewise('equal', bits, b.bitwise('and', x, y), every(b, bits, 0)))), 'Sets each lane of <Vd> to all ones where <Vn> and <Vm> have a bit in common, else to zero'],
  ['cmeq', 1, '10001', 'bhsd', 'd', lanewise('equal'), 'Sets each lane of <Vd> to all ones where <Vn> equals <Vm>, else to zero'],
  ['mla', 0, '10010', 'bhs', '', whole((b, bits, x, y, d) => b.lanewise('add', bits, d, product(b, bits, x, y))), 'Multiplies each lane of <Vn> by that of <Vm> and adds the product to that of <Vd>'],
  ['mls', 1, '10010', 'bhs', '', whole((b, bits, x, y, d) => b.lanewise('sub', bits, d, product(b, bits, x, y))), 'Multiplies each lane of <Vn> by that of <Vm> and subtracts the product from that of <Vd>'],
  ['mul', 0, '10011', 'bhs', '', whole(product), 'Multiplies each lane of <Vn> by that of <Vm>'],
  ['pmul', 1, '10011', 'b', '', whole(polynomialProduct), 'Multiplies each byte of <Vn> by that of <Vm> as polynomials over {0, 1}, keeping the low 8 bits'],
  ['sqdmulh', 0, '10110', 'hs', 'hs', each(false, (...operands) => doublingHighHalf(false, ...operands)), 'Doubles the product of each lane of <Vn> and that of <Vm> and keeps the upper half, saturating'],
  ['sqrdmulh', 1, '10110', 'hs', 'hs', each(false, (...operands) => doublingHighHalf(true, ...operands)), 'Doubles the product of each lane of <Vn> and that of <Vm> and keeps the upper half, rounded and saturating'],
  ['addp', 0, '10111', 'bhsd', '', pairwise('add'), 'Adds each pair of neighbouring lanes of <Vn>, then of <Vm>'],
]; // prettier-ignore
for (const U of [0, 1] as const) {
  const isUnsigned = U === 1,
    sign = isUnsigned ? 'U' : 'S',
    letter = sign.toLowerCase(),
    kind = isUnsigned ? 'unsigned' : 'signed';
  const both: [name: string, opcode: Bits5, sizes: Sizes, scalars: Sizes, emit: Emit, says: string][] = [
    ['hadd', '00000', 'bhs', '', each(isUnsigned, (b, x, y) => b.sar(b.add(x, y), 1)), 'Halves the sum of each lane of <Vn> and that of <Vm>, rounded down'],
    ['qadd', '00001', 'bhsd', 'bhsd', each(isUnsigned, (_, x, y, saturation) => saturation.add(x, y)), 'Adds each lane of <Vm> to that of <Vn>, saturating'],
    ['rhadd', '00010', 'bhs', '', each(isUnsigned, (b, x, y) => b.sar(b.add(b.add(x, y), 1), 1)), 'Halves the sum of each lane of <Vn> and that of <Vm>, rounded up'],
    ['hsub', '00100', 'bhs', '', each(isUnsigned, (b, x, y) => b.sar(b.sub(x, y), 1)), 'Halves the difference of each lane of <Vn> and that of <Vm>, rounded down'],
    ['qsub', '00101', 'bhsd', 'bhsd', each(isUnsigned, (_, x, y, saturation) => saturation.sub(x, y)), 'Subtracts each lane of <Vm> from that of <Vn>, saturating'],
    ['shl', '01000', 'bhsd', 'd', shiftBy('shl', isUnsigned), 'Shifts each lane of <Vn> by the lowest byte of that of <Vm>, left if that is positive and right if negative'],
    ['qshl', '01001', 'bhsd', 'bhsd', shiftBy('qshl', isUnsigned), 'Shifts each lane of <Vn> by the lowest byte of that of <Vm>, left if that is positive and right if negative, saturating'],
    ['rshl', '01010', 'bhsd', 'd', shiftBy('rshl', isUnsigned), 'Shifts each lane of <Vn> by the lowest byte of that of <Vm>, left if that is positive and right if negative, rounded'],
    ['qrshl', '01011', 'bhsd', 'bhsd', shiftBy('qrshl', isUnsigned), 'Shifts each lane of <Vn> by the lowest byte of that of <Vm>, left if that is positive and right if negative, rounded and saturating'],
    ['max', '01100', 'bhs', '', lanewise(`max${sign}`), 'Takes the greater of each lane of <Vn> and that of <Vm>'],
    ['min', '01101', 'bhs', '', lanewise(`min${sign}`), 'Takes the smaller of each lane of <Vn> and that of <Vm>'],
    ['abd', '01110', 'bhs', '', whole(difference(isUnsigned)), 'Takes the absolute difference of each lane of <Vn> and that of <Vm>'],
    ['aba', '01111', 'bhs', '', whole((b, bits, x, y, d) => b.lanewise('add', bits, d, difference(isUnsigned)(b, bits, x, y, d))), 'Adds the absolute difference of each lane of <Vn> and that of <Vm> to that of <Vd>'],
    ['maxp', '10100', 'bhs', '', pairwise(`max${sign}`), 'Takes the greater of each pair of neighbouring lanes of <Vn>, then of <Vm>'],
    ['minp', '10101', 'bhs', '', pairwise(`min${sign}`), 'Takes the smaller of each pair of neighbouring lanes of <Vn>, then of <Vm>'],
  ]; // prettier-ignore
  for (const [name, opcode, sizes, scalars, emit, says] of both)
    rows.push([letter + name, U, opcode, sizes, scalars, emit, `${says}, ${kind}`]);
}

for (const [name, U, opcode, sizes, scalars, emit, says] of rows) {
  define(
    `${name.toUpperCase()} (vector)`,
    `0 Q ${U} 01110 size 1 Vm ${opcode} 1 Vn Vd`,
    `${name} <Vd>.<T>, <Vn>.<T>, <Vm>.<T>`,
    ({ size, Q }) => allocated(isVector(sizes, size, Q)),
    (b, { Q, size, ...registers }) => emit(b, registers, laneBits[size], (64 << Q) / laneBits[size]),
  ).says(says);
  if (scalars)
    define(
      `${name.toUpperCase()} (scalar)`,
      `01 ${U} 11110 size 1 Vm ${opcode} 1 Vn Vd`,
      `${name} <Vd:size>, <Vn:size>, <Vm:size>`,
      ({ size }) => allocated(hasSize(scalars, size)),
      (b, { size, ...registers }) => emit(b, registers, laneBits[size], 1),
    ).says(ofScalars(says));
}

const bitSelect = (b: Builder, mask: Vector, x: Vector, y: Vector): Vector => b.bitSelect(mask, x, y);
for (const [name, U, size, operation, says] of [
  ['and', 0, '00', (b, x, y) => b.bitwise('and', x, y), 'ANDs <Vn> and <Vm>'],
  ['bic', 0, '01', (b, x, y) => b.bitwise('andNot', x, y), 'Clears the bits of <Vn> that are set in <Vm>'],
  ['orn', 0, '11', (b, x, y) => b.bitwise('or', x, inverted(b, y)), 'ORs <Vn> and the inverse of <Vm>'],
  ['eor', 1, '00', (b, x, y) => b.bitwise('xor', x, y), 'Exclusive-ORs <Vn> and <Vm>'],
  [
    'bsl',
    1,
    '01',
    (b, x, y, d) => bitSelect(b, d, x, y),
    'Takes the bits of <Vn> where <Vd> has ones and those of <Vm> where it has zeros',
  ],
  ['bit', 1, '10', (b, x, y, d) => bitSelect(b, y, x, d), 'Puts the bits of <Vn> into <Vd> where <Vm> has ones'],
  ['bif', 1, '11', (b, x, y, d) => bitSelect(b, y, d, x), 'Puts the bits of <Vn> into <Vd> where <Vm> has zeros'],
  ['orr', 0, '10', (b, x, y) => b.bitwise('or', x, y), 'ORs <Vn> and <Vm>'],
] as const satisfies [string, 0 | 1, string, (b: Builder, x: Vector, y: Vector, d: Vector) => Vector, string][]) {
  const defined = define(
    `${name.toUpperCase()} (vector)`,
    `0 Q ${U} 01110 ${size} 1 Vm 00011 1 Vn Vd`,
    `${name} <Vd>.<T=b>, <Vn>.<T=b>, <Vm>.<T=b>`,
    (b, { Q, Vd, Vn, Vm }) => b.setVector(Vd, operation(b, b.vector(Vn), b.vector(Vm), b.vector(Vd)), Q ? 128 : 64),
  ).says(says);
  if (name === 'orr') defined.alias('mov <Vd>.<T=b>, <Vn>.<T=b>', ({ Vn }) => ({ Vm: Vn })).says('Copies <Vn>');
}
