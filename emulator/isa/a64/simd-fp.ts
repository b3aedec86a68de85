// Arm ARM C4.1.96, Advanced SIMD floating point, in vectors and as scalars: three same, two-register miscellaneous, across lanes,
// pairwise, by element, and conversions from and to fixed point.
import type { Builder, Int, IntFunction, VectorRegister } from '../builder.ts';
import { allocated, define } from '../define.ts';
import {
  FPConvert,
  FPConvertRoundOdd,
  FPMulAdd,
  FPNeg,
  FixedToFP,
  FPToFixed,
  UnsignedRecipEstimate,
  UnsignedRSqrtEstimate,
  type Precision,
} from '../float/index.ts';
import { elementIndex, elementRegister } from '../vector-spelling.ts';
import { binary, ofLanes, ofScalars, precisionOf, roundingOf, roundingText, unary } from './fp-operations.ts';
import { derivedRegister, fillsHalf, range } from './simd-lanes.ts';

/** No vector of one double. */
const isVector = ({ Q, sz }: { readonly Q: number; readonly sz: number }) => allocated(Q === 1 || sz === 0);
const lanesOf = (Q: number, N: Precision): number => (64 << Q) / N;
/** The register becomes what `value` gives for each lane. */
const setEach = (b: Builder, Vd: VectorRegister, N: Precision, count: number, value: (index: number) => Int): void =>
  b.setLanes(Vd, N, range(count).map(value));

/** What an operation on three registers does to a lane of each; the third is that of the destination. */
interface Ternary {
  readonly compute: (b: Builder, n: Int, m: Int, d: () => Int, N: Precision) => Int;
  readonly says: string;
}
const fused = {
  fmla: {
    compute: (b, n, m, d, N) => b.call(FPMulAdd[N], d(), n, m),
    says: 'Multiplies <n> by <m> and adds the product to <d>, rounding once',
  },
  fmls: {
    compute: (b, n, m, d, N) => b.call(FPMulAdd[N], d(), FPNeg(b, n), m),
    says: 'Multiplies <n> by <m> and subtracts the product from <d>, rounding once',
  },
} as const satisfies Record<string, Ternary>;
const operationOf = (name: keyof typeof binary | keyof typeof fused): Ternary => {
  if (name === 'fmla' || name === 'fmls') return fused[name];
  const { compute, says } = binary[name];
  return { compute: (b, n, m, _, N) => compute(b, n, m, N), says };
};

// Three same. Bit 23 belongs to the opcode.
for (const [name, U, opcode0, opcode, hasScalar] of [
  ['fmaxnm', 0, 0, '11000', false],
  ['fmla', 0, 0, '11001', false],
  ['fadd', 0, 0, '11010', false],
  ['fmulx', 0, 0, '11011', true],
  ['fcmeq', 0, 0, '11100', true],
  ['fmax', 0, 0, '11110', false],
  ['frecps', 0, 0, '11111', true],
  ['fminnm', 0, 1, '11000', false],
  ['fmls', 0, 1, '11001', false],
  ['fsub', 0, 1, '11010', false],
  ['fmin', 0, 1, '11110', false],
  ['frsqrts', 0, 1, '11111', true],
  ['fmul', 1, 0, '11011', false],
  ['fcmge', 1, 0, '11100', true],
  ['facge', 1, 0, '11101', true],
  ['fdiv', 1, 0, '11111', false],
  ['fabd', 1, 1, '11010', true],
  ['fcmgt', 1, 1, '11100', true],
  ['facgt', 1, 1, '11101', true],
] as const) {
  const NAME = name.toUpperCase(),
    operation = operationOf(name);
  const emit = (b: Builder, o: Record<'Vd' | 'Vn' | 'Vm', VectorRegister>, N: Precision, count: number): void =>
    setEach(b, o.Vd, N, count, (i) => operation.compute(b, b.lane(o.Vn, N, i), b.lane(o.Vm, N, i), () => b.lane(o.Vd, N, i), N));
  define(
    `${NAME} (vector)`,
    `0 Q ${U} 01110 ${opcode0} sz 1 Vm ${opcode} 1 Vn Vd`,
    `${name} <Vd>.<F>, <Vn>.<F>, <Vm>.<F>`,
    isVector,
    (b, { Q, sz, ...o }) => emit(b, o, precisionOf(sz), lanesOf(Q, precisionOf(sz))),
  ).says(ofLanes(operation.says));
  if (hasScalar)
    define(
      `${NAME} (vector, scalar)`,
      `01 ${U} 11110 ${opcode0} sz 1 Vm ${opcode} 1 Vn Vd`,
      `${name} <Vd:sz>, <Vn:sz>, <Vm:sz>`,
      (b, { sz, ...o }) => emit(b, o, precisionOf(sz), 1),
    ).says(ofScalars(operation.says, 'sz'));
}

// Pairs of neighbouring lanes: of two registers, or of one whose two lanes give a scalar; and all lanes of one register.
for (const [name, opcode0, opcode, scalarOpcode, acrossOpcode] of [
  ['fmaxnm', 0, '11000', '01100', '01100'],
  ['fadd', 0, '11010', '01101', undefined],
  ['fmax', 0, '11110', '01111', '01111'],
  ['fminnm', 1, '11000', '01100', '01100'],
  ['fmin', 1, '11110', '01111', '01111'],
] as const) {
  const NAME = name.toUpperCase(),
    { compute, says } = binary[name],
    ofPairs = says.replace('<n> and <m>', 'each pair of neighbouring lanes').replace('<m> to <n>', 'each pair of neighbouring lanes');
  define(
    `${NAME}P (vector)`,
    `0 Q 1 01110 ${opcode0} sz 1 Vm ${opcode} 1 Vn Vd`,
    `${name}p <Vd>.<F>, <Vn>.<F>, <Vm>.<F>`,
    isVector,
    (b, { Q, sz, Vd, Vn, Vm }) => {
      const N = precisionOf(sz),
        count = lanesOf(Q, N);
      const lane = (i: number): Int => b.lane(i < count ? Vn : Vm, N, i % count);
      setEach(b, Vd, N, count, (i) => compute(b, lane(2 * i), lane(2 * i + 1), N));
    },
  ).says(`${ofPairs}: first those of <Vn>, then those of <Vm>`.replace(': ', ', '));
  define(
    `${NAME}P (scalar)`,
    `01 1 11110 ${opcode0} sz 11000 ${scalarOpcode} 10 Vn Vd`,
    `${name}p <Vd:sz>, <Vn>.2<Fs>`,
    (b, { sz, Vd, Vn }) => {
      const N = precisionOf(sz);
      b.setLanes(Vd, N, [compute(b, b.lane(Vn, N, 0), b.lane(Vn, N, 1), N)]);
    },
  ).says(ofPairs.replace('each pair of neighbouring lanes', 'the two lanes of <Vn>'));
  if (acrossOpcode)
    define(`${NAME}V`, `0 1 1 01110 ${opcode0} 0 11000 ${acrossOpcode} 10 Vn Vd`, `${name}v <Sd>, <Vn>.4s`, (b, { Vd, Vn }) => {
      // Reduce() of the manual: halves, and halves of those.
      const pair = (i: number): Int => compute(b, b.lane(Vn, 32, i), b.lane(Vn, 32, i + 1), 32);
      b.setLanes(Vd, 32, [compute(b, pair(0), pair(2), 32)]);
    }).says(ofPairs.replace('each pair of neighbouring lanes', 'all lanes of <Vn>'));
}

// Two-register miscellaneous
for (const [name, U, opcode0, opcode, forms] of [
  ['frintn', 0, 0, '11000', 'vector'],
  ['frintm', 0, 0, '11001', 'vector'],
  ['fcvtns', 0, 0, '11010', 'both'],
  ['fcvtms', 0, 0, '11011', 'both'],
  ['fcvtas', 0, 0, '11100', 'both'],
  ['scvtf', 0, 0, '11101', 'both'],
  ['fcmgt', 0, 1, '01100', 'both'],
  ['fcmeq', 0, 1, '01101', 'both'],
  ['fcmlt', 0, 1, '01110', 'both'],
  ['fabs', 0, 1, '01111', 'vector'],
  ['frintp', 0, 1, '11000', 'vector'],
  ['frintz', 0, 1, '11001', 'vector'],
  ['fcvtps', 0, 1, '11010', 'both'],
  ['fcvtzs', 0, 1, '11011', 'both'],
  ['frecpe', 0, 1, '11101', 'both'],
  ['frecpx', 0, 1, '11111', 'scalar'],
  ['frinta', 1, 0, '11000', 'vector'],
  ['frintx', 1, 0, '11001', 'vector'],
  ['fcvtnu', 1, 0, '11010', 'both'],
  ['fcvtmu', 1, 0, '11011', 'both'],
  ['fcvtau', 1, 0, '11100', 'both'],
  ['ucvtf', 1, 0, '11101', 'both'],
  ['fcmge', 1, 1, '01100', 'both'],
  ['fcmle', 1, 1, '01101', 'both'],
  ['fneg', 1, 1, '01111', 'vector'],
  ['frinti', 1, 1, '11001', 'vector'],
  ['fcvtpu', 1, 1, '11010', 'both'],
  ['fcvtzu', 1, 1, '11011', 'both'],
  ['frsqrte', 1, 1, '11101', 'both'],
  ['fsqrt', 1, 1, '11111', 'vector'],
] as const) {
  const zero = name.startsWith('fcm') ? ', #0.0' : '',
    NAME = `${name.toUpperCase()} (${zero ? 'zero' : 'vector'}`,
    { compute, says } = unary[name];
  if (forms !== 'scalar')
    define(
      `${NAME})`,
      `0 Q ${U} 01110 ${opcode0} sz 10000 ${opcode} 10 Vn Vd`,
      `${name} <Vd>.<F>, <Vn>.<F>${zero}`,
      isVector,
      (b, { Q, sz, Vd, Vn }) => {
        const N = precisionOf(sz);
        setEach(b, Vd, N, lanesOf(Q, N), (i) => compute(b, b.lane(Vn, N, i), N));
      },
    ).says(ofLanes(says));
  if (forms !== 'vector')
    define(
      `${NAME}, scalar)`,
      `01 ${U} 11110 ${opcode0} sz 10000 ${opcode} 10 Vn Vd`,
      `${name} <Vd:sz>, <Vn:sz>${zero}`,
      (b, { sz, Vd, Vn }) => {
        const N = precisionOf(sz);
        b.setLanes(Vd, N, [compute(b, b.lane(Vn, N, 0), N)]);
      },
    ).says(ofScalars(says, 'sz'));
}
for (const [name, U, called, says] of [
  ['urecpe', 0, UnsignedRecipEstimate, 'Estimates the reciprocal of <n>, an unsigned fraction'],
  ['ursqrte', 1, UnsignedRSqrtEstimate, 'Estimates the reciprocal of the square root of <n>, an unsigned fraction'],
] as const)
  define(name.toUpperCase(), `0 Q ${U} 01110 10 10000 11100 10 Vn Vd`, `${name} <Vd>.<2s>, <Vn>.<2s>`, (b, { Q, Vd, Vn }) =>
    setEach(b, Vd, 32, lanesOf(Q, 32), (i) => b.call(called, b.lane(Vn, 32, i))),
  ).says(ofLanes(says));

// Between precisions: the lower half of a register, or with Q the upper half, and all of another.
const precisionNames = { 16: 'half', 32: 'single', 64: 'double' } as const;
for (const [sz, to, from, T, Ta, called] of [
  ['0', 32, 16, '4h', '4s', FPConvert[16][32]],
  ['1', 64, 32, '2s', '2d', FPConvert[32][64]],
] as const)
  define(
    `FCVTL, FCVTL2 (${precisionNames[from]})`,
    `0 Q 0 01110 0 ${sz} 10000 10111 10 Vn Vd`,
    `fcvtl<2> <Vd>.${Ta}, <Vn>.<${T}>`,
    (b, { Q, Vd, Vn }) => {
      const count = 128 / to;
      setEach(b, Vd, to, count, (i) => b.call(called, b.lane(Vn, from, i + Q * count)));
    },
  ).says(`Converts each lane of <half><Vn> from ${precisionNames[from]} to ${precisionNames[to]} precision`);
const narrows: readonly [
  name: 'fcvtn' | 'fcvtxn',
  U: 0 | 1,
  sz: 0 | 1,
  to: 16 | 32,
  from: Precision,
  T: string,
  Ta: string,
  IntFunction,
][] = [
  ['fcvtn', 0, 0, 16, 32, '4h', '4s', FPConvert[32][16]],
  ['fcvtn', 0, 1, 32, 64, '2s', '2d', FPConvert[64][32]],
  ['fcvtxn', 1, 1, 32, 64, '2s', '2d', FPConvertRoundOdd],
];
const toOdd = ', rounding to odd';
for (const [name, U, sz, to, from, T, Ta, called] of narrows)
  define(
    `${name.toUpperCase()}, ${name.toUpperCase()}2 (${precisionNames[from]})`,
    `0 Q ${U} 01110 0 ${sz} 10000 10110 10 Vn Vd`,
    `${name}<2> <Vd>.<${T}>, <Vn>.${Ta}`,
    (b, { Q, Vd, Vn }) => {
      const converted = range(64 / to).map((i) => b.call(called, b.lane(Vn, from, i)));
      b.setLanes(Vd, to, Q ? [...range(64 / to).map((i) => b.lane(Vd, to, i)), ...converted] : converted);
    },
  ).says(`Converts each lane of <Vn> from ${precisionNames[from]} to ${precisionNames[to]} precision${U ? toOdd : ''}${fillsHalf}`);
define('FCVTXN (scalar)', '01 1 11110 01 10000 10110 10 Vn Vd', 'fcvtxn <Sd>, <Dn>', (b, { Vd, Vn }) =>
  b.setLanes(Vd, 32, [b.call(FPConvertRoundOdd, b.lane(Vn, 64, 0))]),
).says(`Converts <Dn> from double to single precision${toOdd}`);

// By element. A double has an index of one bit.
for (const [name, U, opcode] of [
  ['fmla', 0, '0001'],
  ['fmls', 0, '0101'],
  ['fmul', 0, '1001'],
  ['fmulx', 1, '1001'],
] as const) {
  const NAME = name.toUpperCase(),
    operation = operationOf(name);
  const derive = (f: Readonly<Record<'size' | 'L' | 'M' | 'H' | 'Vm4', number>>): { Vm: number; index: readonly number[] } | undefined =>
    f.size === 2 || (f.size === 3 && f.L === 0) ? { Vm: elementRegister(f), index: [elementIndex(f)] } : undefined;
  const emit = (b: Builder, o: Record<'Vd' | 'Vn' | 'Vm', VectorRegister>, index: number, size: number, Q: number | undefined): void => {
    const N = precisionOf(size & 1),
      m = b.lane(o.Vm, N, index);
    setEach(b, o.Vd, N, Q === undefined ? 1 : lanesOf(Q, N), (i) =>
      operation.compute(b, b.lane(o.Vn, N, i), m, () => b.lane(o.Vd, N, i), N),
    );
  };
  const element = operation.says.replace('<m>', 'lane <element> of <Velement>');
  define(
    `${NAME} (by element)`,
    `0 Q ${U} 01111 size L M Vm4 ${opcode} H 0 Vn Vd`,
    `${name} <Vd>.<T>, <Vn>.<T>, <Velement>.<Ts>[<element>]`,
    (f) => (f.size === 3 && f.Q === 0 ? undefined : derive(f)),
    (b, { Q, size, Vd, Vn, Vm, index }) => emit(b, { Vd, Vn, Vm: derivedRegister(Vm) }, index[0], size, Q),
  ).says(ofLanes(element));
  define(
    `${NAME} (scalar, by element)`,
    `01 ${U} 11111 size L M Vm4 ${opcode} H 0 Vn Vd`,
    `${name} <Vd:size>, <Vn:size>, <Velement>.<Ts>[<element>]`,
    derive,
    (b, { size, Vd, Vn, Vm, index }) => emit(b, { Vd, Vn, Vm: derivedRegister(Vm) }, index[0], size, undefined),
  ).says(ofScalars(element, 'size'));
}

// Fixed point: immh says the precision, and immh:immb how many bits are behind the point.
const fixed = ({ immh, immb }: { readonly immh: number; readonly immb: number }): { N: readonly Precision[]; fbits: number } | undefined =>
  immh < 4 ? undefined : immh < 8 ? { N: [32], fbits: 64 - immh * 8 - immb } : { N: [64], fbits: 128 - immh * 8 - immb };
for (const [letter, U, kind] of [
  ['s', 0, 'signed'],
  ['u', 1, 'unsigned'],
] as const)
  for (const [name, opcode, compute, says] of [
    [
      `${letter}cvtf`,
      '11100',
      (b: Builder, value: Int, fbits: Parameters<Builder['call']>[1], N: Precision) => b.call(FixedToFP[N][N], value, fbits, U),
      `Converts <n>, ${kind} fixed point with <fbits> fraction bits, to floating point`,
    ],
    [
      `fcvtz${letter}`,
      '11111',
      (b: Builder, value: Int, fbits: Parameters<Builder['call']>[1], N: Precision) =>
        b.call(FPToFixed[N][N], value, fbits, U, roundingOf(b, 'Z')),
      `Converts <n> to ${kind} fixed point with <fbits> fraction bits, rounded ${roundingText.Z}`,
    ],
  ] as const) {
    const NAME = name.toUpperCase();
    define(
      `${NAME} (vector, fixed-point)`,
      `0 Q ${U} 011110 immh immb ${opcode} 1 Vn Vd`,
      `${name} <Vd>.<T>, <Vn>.<T>, #<right>`,
      (f) => (f.immh >= 8 && f.Q === 0 ? undefined : fixed(f)),
      (b, { Q, Vd, Vn, N: [N], fbits }) => setEach(b, Vd, N, lanesOf(Q, N), (i) => compute(b, b.lane(Vn, N, i), fbits, N)),
    ).says(ofLanes(says));
    define(
      `${NAME} (scalar, vector fixed-point)`,
      `01 ${U} 111110 immh immb ${opcode} 1 Vn Vd`,
      `${name} <Vd:size>, <Vn:size>, #<right>`,
      fixed,
      (b, { Vd, Vn, N: [N], fbits }) => b.setLanes(Vd, N, [compute(b, b.lane(Vn, N, 0), fbits, N)]),
    ).says(ofScalars(says, 'size'));
  }
