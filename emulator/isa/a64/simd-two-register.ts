// Arm ARM C4.1.96, Advanced SIMD two-register miscellaneous and scalar two-register miscellaneous: integers.
import type { Builder, Int, LaneBits, LaneOperation, Vector, VectorRegister } from '../builder.ts';
import { allocated, define } from '../define.ts';
import {
  element,
  every,
  fillsHalf,
  hasSize,
  inverted,
  isVector,
  laneBits,
  ofScalars,
  pick,
  range,
  setEach,
  setHalf,
  setNarrowed,
  widened,
  type Bits5,
  type Saturation,
  type Sizes,
} from './simd-lanes.ts';

/** Sets Vd to `count` lanes. */
type Emit = (b: Builder, Vd: VectorRegister, Vn: VectorRegister, bits: LaneBits, count: number) => void;

type Whole = (b: Builder, bits: LaneBits, x: Vector, d: Vector) => Vector;
const whole =
  (operation: Whole): Emit =>
  (b, Vd, Vn, bits, count) =>
    b.setVector(Vd, operation(b, bits, b.vector(Vn), b.vector(Vd)), bits * count === 128 ? 128 : 64);
/** Comparison with zero. */
const toZero = (operation: LaneOperation, isZeroFirst = false): Emit =>
  whole((b, bits, x) => {
    const zero = every(b, bits, 0);
    return isZeroFirst ? b.lanewise(operation, bits, zero, x) : b.lanewise(operation, bits, x, zero);
  });
const each =
  (isUnsigned: boolean, operation: (b: Builder, x: Int, saturation: Saturation, d: () => Int) => Int): Emit =>
  (b, Vd, Vn, bits, count) =>
    setEach(b, Vd, bits, isUnsigned, count, (saturation, i) =>
      operation(b, element(b, Vn, bits, i, false), saturation, () => element(b, Vd, bits, i, isUnsigned)),
    );
/** The elements of each group of so many bits in reverse order. */
const reversed = (group: number): Emit =>
  whole((b, bits, x) =>
    pick(
      b,
      bits,
      x,
      x,
      range(128 / bits).map((i) => i ^ (group / bits - 1)),
    ),
  );
const negated: Whole = (b, bits, x) => b.lanewise('sub', bits, every(b, bits, 0), x);
/** Pairs of neighbouring elements, added at twice their width. */
const pairSums =
  (isUnsigned: boolean): Whole =>
  (b, bits, x) => {
    const wide = (bits * 2) as LaneBits,
      down = isUnsigned ? 'shr' : 'sar';
    return b.lanewise('add', wide, b.shiftLanes(down, wide, b.shiftLanes('shl', wide, x, bits), bits), b.shiftLanes(down, wide, x, bits));
  };
const accumulatedPairSums =
  (isUnsigned: boolean): Whole =>
  (b, bits, x, d) =>
    b.lanewise('add', (bits * 2) as LaneBits, d, pairSums(isUnsigned)(b, bits, x, d));
/** CountLeadingZeroBits() of `bits` bits. */
const leadingZeros = (b: Builder, x: Int, bits: number): Int => b.sub(b.countLeadingZeros(x), 32 - bits);
const countingLanes =
  (value: (b: Builder, Vn: VectorRegister, bits: LaneBits, i: number) => Int): Emit =>
  (b, Vd, Vn, bits, count) =>
    b.setLanes(
      Vd,
      bits,
      range(count).map((i) => leadingZeros(b, value(b, Vn, bits, i), bits)),
    );
/** CountLeadingSignBits(): those that equal the sign, which is not counted. */
const signBits = (b: Builder, Vn: VectorRegister, bits: LaneBits, i: number): Int => {
  const x = b.signedLane(Vn, bits, i);
  return b.or(b.shl(b.xor(x, b.sar(x, 31)), 1), 1);
};
/** BitCount() of each byte, by sums of neighbouring fields. */
const bitCounts: Whole = (b, _, x) =>
  [
    [1, 0x55],
    [2, 0x33],
    [4, 0x0f],
  ].reduce((sums, [by, mask]) => {
    const fields = (v: Vector): Vector => b.bitwise('and', v, every(b, 8, mask));
    return b.lanewise('add', 8, fields(sums), fields(b.shiftLanes('shr', 8, sums, by)));
  }, x);
/** Bits of each byte in reverse order, by exchange of neighbouring fields. */
const reversedBits: Whole = (b, _, x) =>
  [
    [1, 0x55],
    [2, 0x33],
    [4, 0x0f],
  ].reduce((bits, [by, mask]) => b.bitSelect(every(b, 8, mask), b.shiftLanes('shr', 8, bits, by), b.shiftLanes('shl', 8, bits, by)), x);

/** SUQADD, USQADD: an unsigned number is added to a signed one, and the reverse. */
const addedUnsigned: Emit = (b, Vd, Vn, bits, count) =>
  setEach(b, Vd, bits, false, count, (saturation, i) => {
    const d = element(b, Vd, bits, i, false);
    if (bits < 64) return saturation.satQ(b.add(d, element(b, Vn, bits, i, true)));
    // Seen from the least number, d is unsigned too.
    const offset = (x: Int): Int => b.xor(x, 1n << 63n);
    return offset(saturation.addUnsigned(offset(d), b.lane(Vn, 64, i)));
  });
const addedSigned: Emit = (b, Vd, Vn, bits, count) =>
  setEach(b, Vd, bits, true, count, (saturation, i) => {
    const [d, x] = [element(b, Vd, bits, i, true), element(b, Vn, bits, i, false)];
    return bits < 64 ? saturation.satQ(b.add(d, x)) : saturation.addSigned(d, x);
  });

const equality = 'Sets each lane of <Vd> to all ones where <Vn> is';
// name, U, opcode, element sizes of vectors and of scalars, operands, what it does
const rows: readonly [name: string, U: 0 | 1, opcode: Bits5, sizes: Sizes, scalars: Sizes, emit: Emit, says: string][] = [
  ['rev64', 0, '00000', 'bhs', '', reversed(64), 'Reverses the order of the lanes in each doubleword of <Vn>'],
  ['rev32', 1, '00000', 'bh', '', reversed(32), 'Reverses the order of the lanes in each word of <Vn>'],
  ['rev16', 0, '00001', 'b', '', reversed(16), 'Reverses the order of the bytes in each halfword of <Vn>'],
  ['suqadd', 0, '00011', 'bhsd', 'bhsd', addedUnsigned, 'Adds each lane of <Vn>, unsigned, to that of <Vd>, signed and saturating'],
  ['usqadd', 1, '00011', 'bhsd', 'bhsd', addedSigned, 'Adds each lane of <Vn>, signed, to that of <Vd>, unsigned and saturating'],
  ['cls', 0, '00100', 'bhs', '', countingLanes(signBits), 'Counts the bits right below the sign bit of each lane of <Vn> that equal it'],
  ['clz', 1, '00100', 'bhs', '', countingLanes((b, Vn, bits, i) => b.lane(Vn, bits, i)), 'Counts the leading zeros of each lane of <Vn>'],
  ['cnt', 0, '00101', 'b', '', whole(bitCounts), 'Counts the ones in each byte of <Vn>'],
  ['sqabs', 0, '00111', 'bhsd', 'bhsd', each(false, (b, x, s) => b.choose(b.less(x, 0), s.negated(x), x)), 'Takes the absolute value of each lane of <Vn>, saturating'],
  ['sqneg', 1, '00111', 'bhsd', 'bhsd', each(false, (_, x, s) => s.negated(x)), 'Negates each lane of <Vn>, saturating'],
  ['abs', 0, '01011', 'bhsd', 'd', whole((b, bits, x, d) => b.bitSelect(b.lanewise('greaterS', bits, every(b, bits, 0), x), negated(b, bits, x, d), x)), 'Takes the absolute value of each lane of <Vn>'],
  ['neg', 1, '01011', 'bhsd', 'd', whole(negated), 'Negates each lane of <Vn>'],
]; // prettier-ignore
const ofZero: readonly [name: string, U: 0 | 1, opcode: Bits5, emit: Emit, says: string][] = [
  ['cmgt', 0, '01000', toZero('greaterS'), `${equality} above zero, else to zero`],
  ['cmge', 1, '01000', toZero('atLeastS'), `${equality} not negative, else to zero`],
  ['cmeq', 0, '01001', toZero('equal'), `${equality} zero, else to zero`],
  ['cmle', 1, '01001', toZero('atLeastS', true), `${equality} not above zero, else to zero`],
  ['cmlt', 0, '01010', toZero('greaterS', true), `${equality} negative, else to zero`],
];
for (const [title, end, name, U, opcode, sizes, scalars, emit, says] of [
  ...rows.map((row) => ['', '', ...row] as const),
  ...ofZero.map(([name, U, opcode, emit, says]) => [', zero', ', #0', name, U, opcode, 'bhsd', 'd', emit, says] as const),
]) {
  define(
    `${name.toUpperCase()} (vector${title})`,
    `0 Q ${U} 01110 size 10000 ${opcode} 10 Vn Vd`,
    `${name} <Vd>.<T>, <Vn>.<T>${end}`,
    ({ size, Q }) => allocated(isVector(sizes, size, Q)),
    (b, { Q, size, Vd, Vn }) => emit(b, Vd, Vn, laneBits[size], (64 << Q) / laneBits[size]),
  ).says(says);
  if (scalars)
    define(
      `${name.toUpperCase()} (scalar${title})`,
      `01 ${U} 11110 size 10000 ${opcode} 10 Vn Vd`,
      `${name} <Vd:size>, <Vn:size>${end}`,
      ({ size }) => allocated(hasSize(scalars, size)),
      (b, { size, Vd, Vn }) => emit(b, Vd, Vn, laneBits[size], 1),
    ).says(ofScalars(says));
}
for (const [name, size, operation, says] of [
  ['mvn', '00', inverted, 'Inverts <Vn>'],
  ['rbit', '01', (b: Builder, x: Vector) => reversedBits(b, 8, x, x), 'Reverses the order of the bits in each byte of <Vn>'],
] as const)
  define(
    name === 'mvn' ? 'NOT (vector)' : 'RBIT (vector)',
    `0 Q 1 01110 ${size} 10000 00101 10 Vn Vd`,
    `${name} <Vd>.<T=b>, <Vn>.<T=b>`,
    (b, { Q, Vd, Vn }) => b.setVector(Vd, operation(b, b.vector(Vn)), Q ? 128 : 64),
  ).says(says);

for (const [U, letter, kind] of [
  [0, 's', 'signed'],
  [1, 'u', 'unsigned'],
] as const)
  for (const [name, opcode, operation, says] of [
    ['addlp', '00010', pairSums(U === 1), `Adds each pair of neighbouring lanes of <Vn>, at twice their width, ${kind}`],
    [
      'adalp',
      '00110',
      accumulatedPairSums(U === 1),
      `Adds each pair of neighbouring lanes of <Vn> to the lane of <Vd>, at twice their width, ${kind}`,
    ],
  ] as const)
    define(
      (letter + name).toUpperCase(),
      `0 Q ${U} 01110 size 10000 ${opcode} 10 Vn Vd`,
      `${letter}${name} <Vd>.<Tpairs>, <Vn>.<T>`,
      ({ size }) => allocated(size < 3),
      (b, { Q, size, Vd, Vn }) => b.setVector(Vd, operation(b, laneBits[size], b.vector(Vn), b.vector(Vd)), Q ? 128 : 64),
    ).says(says);

define(
  'XTN, XTN2',
  '0 Q 0 01110 size 10000 10010 10 Vn Vd',
  'xtn<2> <Vd>.<T>, <Vn>.<Twide>',
  ({ size }) => allocated(size < 3),
  (b, { Q, size, Vd, Vn }) => setNarrowed(b, Vd, laneBits[size], b.vector(Vn), Q, 0),
).says(`Keeps the lower half of each lane of <Vn>${fillsHalf}`);
for (const [name, U, opcode, isSigned, says] of [
  ['sqxtn', 0, '10100', true, 'Narrows each lane of <Vn> to half its width, signed and saturating'],
  ['uqxtn', 1, '10100', false, 'Narrows each lane of <Vn> to half its width, unsigned and saturating'],
  ['sqxtun', 1, '10010', true, 'Narrows each signed lane of <Vn> to half its width, unsigned and saturating'],
] as const) {
  const value = (b: Builder, Vn: VectorRegister, saturation: Saturation, i: number): Int => {
    const wide = (saturation.bits * 2) as LaneBits;
    return saturation.satQ(isSigned ? b.signedLane(Vn, wide, i) : b.lane(Vn, wide, i), !isSigned);
  };
  define(
    `${name.toUpperCase()}, ${name.toUpperCase()}2 (vector)`,
    `0 Q ${U} 01110 size 10000 ${opcode} 10 Vn Vd`,
    `${name}<2> <Vd>.<T>, <Vn>.<Twide>`,
    ({ size }) => allocated(size < 3),
    (b, { Q, size, Vd, Vn }) => setHalf(b, Vd, laneBits[size], name !== 'sqxtn', Q, (saturation, i) => value(b, Vn, saturation, i)),
  ).says(`${says}${fillsHalf}`);
  define(
    `${name.toUpperCase()} (scalar)`,
    `01 ${U} 11110 size 10000 ${opcode} 10 Vn Vd`,
    `${name} <Vd:size>, <Vn:size+1>`,
    ({ size }) => allocated(size < 3),
    (b, { size, Vd, Vn }) => setEach(b, Vd, laneBits[size], name !== 'sqxtn', 1, (saturation) => value(b, Vn, saturation, 0)),
  ).says(ofScalars(says, 'n'));
}
define(
  'SHLL, SHLL2',
  '0 Q 1 01110 size 10000 10011 10 Vn Vd',
  'shll<2> <Vd>.<Twide>, <Vn>.<T>, #<esize>',
  ({ size }) => allocated(size < 3),
  (b, { Q, size, Vd, Vn }) =>
    b.setVector(Vd, b.shiftLanes('shl', laneBits[size + 1], widened(b, laneBits[size], b.vector(Vn), Q, true), laneBits[size]), 128),
).says('Shifts each lane of <half><Vn> left by its width, at twice that width');
