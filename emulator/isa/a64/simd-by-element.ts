// Arm ARM C4.1.96, Advanced SIMD vector x indexed element and scalar x indexed element: integers.
import type { Builder, LaneBits, Vector, VectorRegister } from '../builder.ts';
import { define } from '../define.ts';
import { elementIndex, elementRegister } from '../vector-spelling.ts';
import { derivedRegister, element, extended, hasSize, laneBits, ofScalars, setEach, widened, type Bits4 } from './simd-lanes.ts';
import { accumulated, doublings, multiplication, setDoubled } from './simd-three-different.ts';
import { doublingHighHalf } from './simd-three-same.ts';

interface Operands {
  readonly Vd: VectorRegister;
  readonly Vn: VectorRegister;
  /** Where the element is. */
  readonly Vm: VectorRegister;
  readonly index: number;
}
/** `count` is that of the elements of Vn; those of long instructions are in its lower or upper half. */
type Emit = (b: Builder, operands: Operands, bits: 16 | 32, count: number, Q: number) => void;

const splat = (b: Builder, bits: LaneBits, { Vm, index }: Operands, from: 16 | 32, isUnsigned: boolean): Vector => {
  const value = isUnsigned ? b.lane(Vm, from, index) : b.signedLane(Vm, from, index);
  return b.splat(bits, bits === 64 ? extended(b, value, isUnsigned) : value);
};
type Wide = typeof multiplication;
const same =
  (operation: Wide): Emit =>
  (b, operands, bits, _, Q) => {
    const { Vd, Vn } = operands;
    b.setVector(Vd, operation(b, bits, b.vector(Vn), splat(b, bits, operands, bits, false), b.vector(Vd)), Q ? 128 : 64);
  };
const long =
  (operation: Wide, isUnsigned: boolean): Emit =>
  (b, operands, bits, _, Q) => {
    const { Vd, Vn } = operands,
      wide = bits === 16 ? 32 : 64;
    const [x, y] = [widened(b, bits, b.vector(Vn), Q, isUnsigned), splat(b, wide, operands, bits, isUnsigned)];
    b.setVector(Vd, operation(b, wide, x, y, b.vector(Vd)), 128);
  };
const highHalf =
  (isRounding: boolean): Emit =>
  (b, { Vd, Vn, Vm, index }, bits, count) => {
    const y = element(b, Vm, bits, index, false);
    setEach(b, Vd, bits, false, count, (saturation, i) => doublingHighHalf(isRounding, b, element(b, Vn, bits, i, false), y, saturation));
  };

const times = 'Multiplies each lane of <Vn> by lane <element> of <Velement>';
const timesHalf = times.replace('<Vn>', '<half><Vn>');
const rows: [name: string, U: 0 | 1, opcode: Bits4, isLong: boolean, hasScalar: boolean, emit: Emit, says: string][] = [
  ['mla', 1, '0000', false, false, same(accumulated('add', multiplication)), `${times} and adds the product to that of <Vd>`],
  ['mls', 1, '0100', false, false, same(accumulated('sub', multiplication)), `${times} and subtracts the product from that of <Vd>`],
  ['mul', 0, '1000', false, false, same(multiplication), times],
  ['sqdmulh', 0, '1100', false, true, highHalf(false), `${times}, doubles the product and keeps the upper half, saturating`],
  ['sqrdmulh', 0, '1101', false, true, highHalf(true), `${times}, doubles the product and keeps the upper half, rounded and saturating`],
];
for (const [U, letter, kind] of [
  [0, 's', 'signed'],
  [1, 'u', 'unsigned'],
] as const)
  for (const [name, opcode, operation, says] of [
    ['mlal', '0010', accumulated('add', multiplication), ' and adds the product to that of <Vd>, which has twice their width'],
    ['mlsl', '0110', accumulated('sub', multiplication), ' and subtracts the product from that of <Vd>, which has twice their width'],
    ['mull', '1010', multiplication, ', at twice their width'],
  ] as const)
    rows.push([letter + name, U, opcode, true, false, long(operation, U === 1), `${timesHalf}${says}, ${kind}`]);
for (const [name, , opcode, doubling, says] of doublings) {
  const emit: Emit = (b, { Vd, Vn, Vm, index }, bits, count, Q) => {
    const y = element(b, Vm, bits, index, false);
    setDoubled(
      b,
      Vd,
      bits,
      count,
      doubling,
      (i) => element(b, Vn, bits, i + Q * count, false),
      () => y,
    );
  };
  rows.push([
    name,
    0,
    opcode,
    true,
    true,
    emit,
    `Doubles the product of each lane of <half><Vn> and lane <element> of <Velement>${says}, at twice their width, saturating`,
  ]);
}

/** The element; undefined where its size is neither that of halfwords nor of words. */
const derive = (f: Readonly<Record<'size' | 'L' | 'M' | 'H' | 'Vm4', number>>): { Vm: number; index: readonly number[] } | undefined =>
  hasSize('hs', f.size) ? { Vm: elementRegister(f), index: [elementIndex(f)] } : undefined;

for (const [name, U, opcode, isLong, hasScalar, emit, says] of rows) {
  const NAME = name.toUpperCase();
  define(
    isLong ? `${NAME}, ${NAME}2 (by element)` : `${NAME} (by element)`,
    `0 Q ${U} 01111 size L M Vm4 ${opcode} H 0 Vn Vd`,
    `${name}${isLong ? '<2> <Vd>.<Twide>' : ' <Vd>.<T>'}, <Vn>.<T>, <Velement>.<Ts>[<element>]`,
    derive,
    (b, { Q, size, Vd, Vn, Vm, index }) => {
      const bits = laneBits[size] as 16 | 32;
      emit(b, { Vd, Vn, Vm: derivedRegister(Vm), index: index[0] }, bits, (isLong ? 64 : 64 << Q) / bits, Q);
    },
  ).says(says);
  if (hasScalar)
    define(
      `${NAME} (scalar, by element)`,
      `01 ${U} 11111 size L M Vm4 ${opcode} H 0 Vn Vd`,
      `${name} <Vd:size${isLong ? '+1' : ''}>, <Vn:size>, <Velement>.<Ts>[<element>]`,
      derive,
      (b, { size, Vd, Vn, Vm, index }) => emit(b, { Vd, Vn, Vm: derivedRegister(Vm), index: index[0] }, laneBits[size] as 16 | 32, 1, 0),
    ).says(ofScalars(says, isLong ? 'd' : undefined));
}
