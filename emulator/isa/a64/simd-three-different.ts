// Arm ARM C4.1.96, Advanced SIMD three different and scalar three different. The vectors of single elements work on the lower halves of
// their sources, those with "2" in their names on the upper ones.
import type { Builder, Int, LaneBits, Vector, VectorRegister } from '../builder.ts';
import { allocated, define } from '../define.ts';
import { defineFunction } from '../functions.ts';
import {
  element,
  every,
  extended,
  fillsHalf,
  hasSize,
  laneBits,
  ofScalars,
  range,
  polynomialProduct,
  setEach,
  setNarrowed,
  widened,
  type Bits4,
  type Saturation,
} from './simd-lanes.ts';

/** On elements that have been widened to `bits`; d are those of the destination. */
type Wide = (b: Builder, bits: LaneBits, x: Vector, y: Vector, d: Vector) => Vector;

/** |x - y|, where the difference fits. */
export const distance: Wide = (b, bits, x, y) => {
  const isNegative = b.lanewise('greaterS', bits, y, x);
  return b.lanewise('sub', bits, b.bitwise('xor', b.lanewise('sub', bits, x, y), isNegative), isNegative);
};
const sum: Wide = (b, bits, x, y) => b.lanewise('add', bits, x, y);
const difference: Wide = (b, bits, x, y) => b.lanewise('sub', bits, x, y);
export const multiplication: Wide = (b, bits, x, y) => b.lanewise('mul', bits, x, y);
export const accumulated =
  (operation: 'add' | 'sub', wide: Wide): Wide =>
  (b, bits, x, y, d) =>
    b.lanewise(operation, bits, d, wide(b, bits, x, y, d));

// name, opcode, what becomes of the elements, whether the first source has wide ones already, what it does
const rows: readonly [name: string, opcode: Bits4, wide: Wide, isWide: boolean, says: string][] = [
  ['addl', '0000', sum, false, 'Adds each lane of <half><Vm> to that of <Vn>, at twice their width'],
  ['addw', '0001', sum, true, 'Adds each lane of <half><Vm> to that of <Vn>, which has twice its width'],
  ['subl', '0010', difference, false, 'Subtracts each lane of <half><Vm> from that of <Vn>, at twice their width'],
  ['subw', '0011', difference, true, 'Subtracts each lane of <half><Vm> from that of <Vn>, which has twice its width'],
  ['abal', '0101', accumulated('add', distance), false, 'Adds the absolute difference of each lane of <half><Vn> and that of <Vm> to that of <Vd>, which has twice their width'],
  ['abdl', '0111', distance, false, 'Takes the absolute difference of each lane of <half><Vn> and that of <Vm>, at twice their width'],
  ['mlal', '1000', accumulated('add', multiplication), false, 'Multiplies each lane of <half><Vn> by that of <Vm> and adds the product to that of <Vd>, which has twice their width'],
  ['mlsl', '1010', accumulated('sub', multiplication), false, 'Multiplies each lane of <half><Vn> by that of <Vm> and subtracts the product from that of <Vd>, which has twice their width'],
  ['mull', '1100', multiplication, false, 'Multiplies each lane of <half><Vn> by that of <Vm>, at twice their width'],
]; // prettier-ignore
for (const [name, opcode, wide, isWide, says] of rows)
  for (const [U, letter, kind] of [
    [0, 's', 'signed'],
    [1, 'u', 'unsigned'],
  ] as const) {
    const mnemonic = `${letter}${name}`;
    define(
      `${mnemonic.toUpperCase()}, ${mnemonic.toUpperCase()}2 (vector)`,
      `0 Q ${U} 01110 size 1 Vm ${opcode} 00 Vn Vd`,
      `${mnemonic}<2> <Vd>.<Twide>, <Vn>.${isWide ? '<Twide>' : '<T>'}, <Vm>.<T>`,
      ({ size }) => allocated(size < 3),
      (b, { Q, size, Vd, Vn, Vm }) => {
        const from = (r: VectorRegister): Vector => widened(b, laneBits[size], b.vector(r), Q, U === 1);
        b.setVector(Vd, wide(b, laneBits[size + 1], isWide ? b.vector(Vn) : from(Vn), from(Vm), b.vector(Vd)), 128);
      },
    ).says(`${says}, ${kind}`);
  }

for (const [name, U, opcode, operation, isRounding, says] of [
  ['addhn', 0, '0100', 'add', false, 'Adds each lane of <Vm> to that of <Vn> and keeps the upper half of the sum'],
  ['raddhn', 1, '0100', 'add', true, 'Adds each lane of <Vm> to that of <Vn> and keeps the upper half of the sum, rounded'],
  ['subhn', 0, '0110', 'sub', false, 'Subtracts each lane of <Vm> from that of <Vn> and keeps the upper half of the difference'],
  ['rsubhn', 1, '0110', 'sub', true, 'Subtracts each lane of <Vm> from that of <Vn> and keeps the upper half of the difference, rounded'],
] as const) {
  define(
    `${name.toUpperCase()}, ${name.toUpperCase()}2`,
    `0 Q ${U} 01110 size 1 Vm ${opcode} 00 Vn Vd`,
    `${name}<2> <Vd>.<T>, <Vn>.<Twide>, <Vm>.<Twide>`,
    ({ size }) => allocated(size < 3),
    (b, { Q, size, Vd, Vn, Vm }) => {
      const wide = laneBits[size + 1],
        exact = b.lanewise(operation, wide, b.vector(Vn), b.vector(Vm)),
        half = 1n << BigInt(laneBits[size] - 1);
      setNarrowed(b, Vd, laneBits[size], isRounding ? b.lanewise('add', wide, exact, every(b, wide, half)) : exact, Q, 1);
    },
  ).says(`${says}${fillsHalf}`);
}

/** Twice the product of two elements of half as many bits, and what becomes of it and of the element of the destination. */
export type Doubling = (saturation: Saturation, product: Int, d: () => Int) => Int;
const doubled: Doubling = (saturation, product) => saturation.add(product, product);
// name, opcode of three different and of the forms by element
export const doublings = [
  ['sqdmlal', '1001', '0011', (s, product, d) => s.add(d(), doubled(s, product, d)), ' and adds it to that of <Vd>'],
  ['sqdmlsl', '1011', '0111', (s, product, d) => s.sub(d(), doubled(s, product, d)), ' and subtracts it from that of <Vd>'],
  ['sqdmull', '1101', '1011', doubled, ''],
] as const satisfies [string, string, string, Doubling, string][];
/** Sets Vd to the doublings of `count` elements of `bits`. */
export function setDoubled(
  b: Builder,
  Vd: VectorRegister,
  bits: 16 | 32,
  count: number,
  doubling: Doubling,
  x: (i: number) => Int,
  y: (i: number) => Int,
): void {
  const wide = bits === 16 ? 32 : 64;
  setEach(b, Vd, wide, false, count, (saturation, i) =>
    doubling(saturation, b.mul(extended(b, x(i), false), extended(b, y(i), false)), () => element(b, Vd, wide, i, false)),
  );
}
for (const [name, opcode, , doubling, says] of doublings) {
  const text = `Doubles the product of each lane of <half><Vn> and that of <Vm>${says}, at twice their width, saturating`;
  const emit = (
    b: Builder,
    size: number,
    count: number,
    first: number,
    { Vd, Vn, Vm }: Record<'Vd' | 'Vn' | 'Vm', VectorRegister>,
  ): void => {
    const bits = size === 1 ? 16 : 32,
      from = (r: VectorRegister) => (i: number) => element(b, r, bits, i + first, false);
    setDoubled(b, Vd, bits, count, doubling, from(Vn), from(Vm));
  };
  define(
    `${name.toUpperCase()}, ${name.toUpperCase()}2 (vector)`,
    `0 Q 0 01110 size 1 Vm ${opcode} 00 Vn Vd`,
    `${name}<2> <Vd>.<Twide>, <Vn>.<T>, <Vm>.<T>`,
    ({ size }) => allocated(hasSize('hs', size)),
    (b, { Q, size, ...registers }) => emit(b, size, 64 / laneBits[size], (Q * 64) / laneBits[size], registers),
  ).says(text);
  define(
    `${name.toUpperCase()} (scalar)`,
    `01 0 11110 size 1 Vm ${opcode} 00 Vn Vd`,
    `${name} <Vd:size+1>, <Vn:size>, <Vm:size>`,
    ({ size }) => allocated(hasSize('hs', size)),
    (b, { size, ...registers }) => emit(b, size, 1, 0, registers),
  ).says(ofScalars(text, 'd'));
}

/** PolynomialMult() of doublewords: the low and the high half of the product. */
const [lowProduct, highProduct] = (['PolynomialMultLow', 'PolynomialMultHigh'] as const).map((name, isHigh) =>
  defineFunction(name, [64, 64], 64, (b, x, y) =>
    range(64)
      .filter((i) => !isHigh || i > 0)
      .map((i) => b.and(isHigh ? b.shr(x, 64 - i) : b.shl(x, i), b.sar(b.shl(y, 63 - i), 63)))
      .reduce((sum, term) => b.xor(sum, term)),
  ),
);
define(
  'PMULL, PMULL2',
  '0 Q 0 01110 size 1 Vm 1110 00 Vn Vd',
  'pmull<2> <Vd>.<Twide>, <Vn>.<T>, <Vm>.<T>',
  ({ size }) => allocated(hasSize('bd', size)),
  (b, { Q, size, Vd, Vn, Vm }) => {
    if (size === 3) {
      const [x, y] = [b.lane(Vn, 64, Q), b.lane(Vm, 64, Q)];
      b.setLanes(Vd, 64, [b.call(lowProduct, x, y), b.call(highProduct, x, y)]);
      return;
    }
    const from = (r: VectorRegister): Vector => widened(b, 8, b.vector(r), Q, true);
    b.setVector(Vd, polynomialProduct(b, 16, from(Vn), from(Vm)), 128);
  },
).says('Multiplies each lane of <half><Vn> by that of <Vm> as polynomials over {0, 1}, at twice their width');
