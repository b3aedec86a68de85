// Arm ARM C4.1.96, Advanced SIMD shift by immediate and scalar shift by immediate: integers. The position of the highest one of immh
// gives the size of an element, immh:immb with it the amount: to the left from 0, to the right from 1 to all bits.
import type { Builder, Immediate, Int, LaneBits, Vector, VectorRegister } from '../builder.ts';
import { define } from '../define.ts';
import {
  element,
  every,
  extended,
  fillsHalf,
  hasSize,
  isVector,
  laneBits,
  ofScalars,
  registerShifts,
  type Saturation,
  setEach,
  setHalf,
  setNarrowed,
  shiftedRight,
  widened,
  type Bits5,
  type Sizes,
} from './simd-lanes.ts';

/** What the fields say: the size of an element, and the amount to the left, or one less than the amount to the right. */
type Shift = { readonly size: readonly number[]; readonly amount: number; readonly less: number };
const shiftOf = ({ immh, immb }: { readonly immh: number; readonly immb: number }): Shift | undefined => {
  if (immh === 0) return undefined;
  const size = 31 - Math.clz32(immh),
    amount = immh * 8 + immb - (8 << size);
  return { size: [size], amount, less: (8 << size) - amount - 1 };
};

interface Operands {
  readonly Vd: VectorRegister;
  readonly Vn: VectorRegister;
  readonly amount: Immediate;
  readonly less: Immediate;
}
/** Sets Vd to `count` lanes. */
type Emit = (b: Builder, operands: Operands, bits: LaneBits, count: number) => void;

type Whole = (b: Builder, bits: LaneBits, x: Vector, operands: Operands, d: Vector) => Vector;
const whole =
  (operation: Whole): Emit =>
  (b, operands, bits, count) => {
    const { Vd, Vn } = operands;
    b.setVector(Vd, operation(b, bits, b.vector(Vn), operands, b.vector(Vd)), bits * count === 128 ? 128 : 64);
  };
const right =
  (isUnsigned: boolean, isRounding: boolean): Whole =>
  (b, bits, x, { less }) =>
    shiftedRight(b, bits, x, less, isUnsigned, isRounding);
const accumulated =
  (operation: Whole): Whole =>
  (b, bits, x, operands, d) =>
    b.lanewise('add', bits, d, operation(b, bits, x, operands, d));
const toLeft: Whole = (b, bits, x, { amount }) => b.shiftLanes('shl', bits, x, amount);
/** The bits that the shift leaves free stay as they are in Vd. */
const inserted =
  (shift: Whole): Whole =>
  (b, bits, x, operands, d) =>
    b.bitSelect(shift(b, bits, every(b, bits, -1), operands, d), shift(b, bits, x, operands, d), d);
const saturatedLeft =
  (isSigned: boolean, isUnsigned: boolean): Emit =>
  (b, { Vd, Vn, amount }, bits, count) =>
    setEach(b, Vd, bits, isUnsigned, count, (saturation, i) => {
      const x = extended(b, element(b, Vn, bits, i, !isSigned), !isSigned),
        from = isSigned && isUnsigned ? saturation.atLeastZero(x) : x,
        shifted = b.call(registerShifts.qshl[isUnsigned ? 1 : 0], from, amount, bits);
      return bits === 64 ? shifted : b.wrap(shifted);
    });

const rows: [name: string, U: 0 | 1, opcode: Bits5, scalars: Sizes, to: 'left' | 'right', emit: Emit, says: string][] = [
  ['sri', 1, '01000', 'd', 'right', whole(inserted(right(true, false))), `Inserts each lane of <Vn> shifted right by <right> into that of <Vd>, whose high bits stay`],
  ['shl', 0, '01010', 'd', 'left', whole(toLeft), `Shifts each lane of <Vn> left by <left>`],
  ['sli', 1, '01010', 'd', 'left', whole(inserted(toLeft)), `Inserts each lane of <Vn> shifted left by <left> into that of <Vd>, whose low bits stay`],
  ['sqshlu', 1, '01100', 'bhsd', 'left', saturatedLeft(true, true), `Shifts each lane of <Vn>, signed, left by <left>, saturating to an unsigned number`],
  ['sqshl', 0, '01110', 'bhsd', 'left', saturatedLeft(true, false), `Shifts each lane of <Vn> left by <left>, signed and saturating`],
  ['uqshl', 1, '01110', 'bhsd', 'left', saturatedLeft(false, true), `Shifts each lane of <Vn> left by <left>, unsigned and saturating`],
]; // prettier-ignore
for (const [U, letter, kind] of [
  [0, 's', 'signed'],
  [1, 'u', 'unsigned'],
] as const) {
  const shift = right(U === 1, false),
    rounding = right(U === 1, true);
  rows.push([`${letter}shr`, U, '00000', 'd', 'right', whole(shift), `Shifts each lane of <Vn> right by <right>, ${kind}`]);
  rows.push([`${letter}sra`, U, '00010', 'd', 'right', whole(accumulated(shift)), `Shifts each lane of <Vn> right by <right>, ${kind}, and adds it to that of <Vd>`]);
  rows.push([`${letter}rshr`, U, '00100', 'd', 'right', whole(rounding), `Shifts each lane of <Vn> right by <right>, ${kind} and rounded`]);
  rows.push([`${letter}rsra`, U, '00110', 'd', 'right', whole(accumulated(rounding)), `Shifts each lane of <Vn> right by <right>, ${kind} and rounded, and adds it to that of <Vd>`]);
} // prettier-ignore
for (const [name, U, opcode, scalars, to, emit, says] of rows) {
  define(
    `${name.toUpperCase()} (vector, immediate)`,
    `0 Q ${U} 011110 immh immb ${opcode} 1 Vn Vd`,
    `${name} <Vd>.<T>, <Vn>.<T>, #<${to}>`,
    ({ Q, ...coded }) => {
      const shift = shiftOf(coded);
      return shift && isVector('bhsd', shift.size[0], Q) ? shift : undefined;
    },
    (b, { Q, size, ...operands }) => emit(b, operands, laneBits[size[0]], (64 << Q) / laneBits[size[0]]),
  ).says(says);
  define(
    `${name.toUpperCase()} (scalar, immediate)`,
    `01 ${U} 111110 immh immb ${opcode} 1 Vn Vd`,
    `${name} <Vd:size>, <Vn:size>, #<${to}>`,
    (coded) => {
      const shift = shiftOf(coded);
      return shift && hasSize(scalars, shift.size[0]) ? shift : undefined;
    },
    (b, { size, ...operands }) => emit(b, operands, laneBits[size[0]], 1),
  ).says(ofScalars(says));
}

const narrows = (coded: Parameters<typeof shiftOf>[0]): Shift | undefined => {
  const shift = shiftOf(coded);
  return shift && shift.size[0] < 3 ? shift : undefined;
};
for (const [name, opcode, isRounding, says] of [
  ['shrn', '10000', false, 'Shifts each lane of <Vn> right by <right> and keeps its lower half'],
  ['rshrn', '10001', true, 'Shifts each lane of <Vn> right by <right>, rounded, and keeps its lower half'],
] as const)
  define(
    `${name.toUpperCase()}, ${name.toUpperCase()}2`,
    `0 Q 0 011110 immh immb ${opcode} 1 Vn Vd`,
    `${name}<2> <Vd>.<T>, <Vn>.<Twide>, #<right>`,
    narrows,
    (b, { Q, size, Vd, Vn, less }) => {
      const shifted = shiftedRight(b, laneBits[size[0] + 1], b.vector(Vn), less, true, isRounding);
      setNarrowed(b, Vd, laneBits[size[0]], shifted, Q, 0);
    },
  ).says(`${says}${fillsHalf}`);
for (const [name, U, opcode, isRounding, says] of [
  ['sqshrun', 1, '10000', false, 'signed, and narrows it to an unsigned number of half its width, saturating'],
  ['sqrshrun', 1, '10001', true, 'signed and rounded, and narrows it to an unsigned number of half its width, saturating'],
  ['sqshrn', 0, '10010', false, 'signed, and narrows it to half its width, saturating'],
  ['sqrshrn', 0, '10011', true, 'signed and rounded, and narrows it to half its width, saturating'],
  ['uqshrn', 1, '10010', false, 'unsigned, and narrows it to half its width, saturating'],
  ['uqrshrn', 1, '10011', true, 'unsigned and rounded, and narrows it to half its width, saturating'],
] as const) {
  const isUnsignedSource = name.startsWith('u');
  const value = (b: Builder, Vn: VectorRegister, less: Immediate, saturation: Saturation, i: number): Int => {
    const wide = (saturation.bits * 2) as LaneBits,
      x = isUnsignedSource ? b.lane(Vn, wide, i) : b.signedLane(Vn, wide, i),
      down = (v: Int, by: Immediate | number): Int => (isUnsignedSource ? b.shr(v, by) : b.sar(v, by));
    const doubled = down(x, less),
      exact = isRounding ? b.add(down(doubled, 1), b.and(doubled, 1)) : down(doubled, 1);
    return saturation.satQ(exact, isUnsignedSource);
  };
  define(
    `${name.toUpperCase()}, ${name.toUpperCase()}2 (vector)`,
    `0 Q ${U} 011110 immh immb ${opcode} 1 Vn Vd`,
    `${name}<2> <Vd>.<T>, <Vn>.<Twide>, #<right>`,
    narrows,
    (b, { Q, size, Vd, Vn, less }) => setHalf(b, Vd, laneBits[size[0]], U === 1, Q, (saturation, i) => value(b, Vn, less, saturation, i)),
  ).says(`Shifts each lane of <Vn> right by <right>, ${says}${fillsHalf}`);
  define(
    `${name.toUpperCase()} (scalar)`,
    `01 ${U} 111110 immh immb ${opcode} 1 Vn Vd`,
    `${name} <Vd:size>, <Vn:size+1>, #<right>`,
    narrows,
    (b, { size, Vd, Vn, less }) => setEach(b, Vd, laneBits[size[0]], U === 1, 1, (saturation) => value(b, Vn, less, saturation, 0)),
  ).says(ofScalars(`Shifts each lane of <Vn> right by <right>, ${says}`, 'n'));
}

for (const [name, U, kind] of [
  ['s', 0, 'sign'],
  ['u', 1, 'zero'],
] as const)
  define(
    `${name.toUpperCase()}SHLL, ${name.toUpperCase()}SHLL2`,
    `0 Q ${U} 011110 immh immb 10100 1 Vn Vd`,
    `${name}shll<2> <Vd>.<Twide>, <Vn>.<T>, #<left>`,
    narrows,
    (b, { Q, size, Vd, Vn, amount }) => {
      const bits = laneBits[size[0]];
      b.setVector(Vd, b.shiftLanes('shl', laneBits[size[0] + 1], widened(b, bits, b.vector(Vn), Q, U === 1), amount), 128);
    },
  )
    .says(`Shifts each lane of <half><Vn> left by <left>, ${kind}-extended to twice its width`)
    .alias(`${name}xtl<2> <Vd>.<Twide>, <Vn>.<T>`, ({ immh, size }) => ({ immb: 0, immh: immh ? 1 << (31 - Math.clz32(immh)) : 1 << size }))
    .says(`${kind[0].toUpperCase()}${kind.slice(1)}-extends each lane of <half><Vn> to twice its width`);
