// Arm ARM C4.1.96: Floating-point data-processing (1, 2 and 3 source), immediate, compare, conditional compare, conditional select.
import type { Builder, Int, VectorRegister } from '../builder.ts';
import { define } from '../define.ts';
import { FPCompare, FPConvert, FPMulAdd, FPNeg } from '../float/index.ts';
import { expandImm } from '../pseudocode.ts';
import { binary, ofScalars, precisionOf, scalar, setScalar, singleOrDouble, unary, type Unary } from './fp-operations.ts';

// 1 source
const copy: Unary = { compute: (_, value) => value, says: 'Copies <n> to <name:Vd:ftype>' };
for (const [name, opcode, { compute, says }] of [
  ['fmov', '000000', copy],
  ['fabs', '000001', unary.fabs],
  ['fneg', '000010', unary.fneg],
  ['fsqrt', '000011', unary.fsqrt],
  ['frintn', '001000', unary.frintn],
  ['frintp', '001001', unary.frintp],
  ['frintm', '001010', unary.frintm],
  ['frintz', '001011', unary.frintz],
  ['frinta', '001100', unary.frinta],
  ['frintx', '001110', unary.frintx],
  ['frinti', '001111', unary.frinti],
] as const)
  define(
    `${name.toUpperCase()} (${name === 'fmov' ? 'register' : 'scalar'})`,
    `00011110 ftype 1 ${opcode} 10000 Vn Vd`,
    `${name} <Vd:ftype>, <Vn:ftype>`,
    singleOrDouble,
    (b, { ftype, Vn, Vd }) => setScalar(b, Vd, ftype, compute(b, scalar(b, Vn, ftype), precisionOf(ftype))),
  ).says(ofScalars(says, 'ftype'));

const half = { bits: 16, code: '11', R: 'H', name: 'half' } as const,
  single = { bits: 32, code: '00', R: 'S', name: 'single' } as const,
  double = { bits: 64, code: '01', R: 'D', name: 'double' } as const;
for (const [from, to, called] of [
  [half, single, FPConvert[16][32]],
  [half, double, FPConvert[16][64]],
  [single, half, FPConvert[32][16]],
  [single, double, FPConvert[32][64]],
  [double, half, FPConvert[64][16]],
  [double, single, FPConvert[64][32]],
] as const)
  define(
    `FCVT (${from.name} to ${to.name})`,
    `00011110 ${from.code} 1 0001 ${to.code} 10000 Vn Vd`,
    `fcvt <${to.R}d>, <${from.R}n>`,
    (b, { Vn, Vd }) => b.setLanes(Vd, to.bits, [b.call(called, b.lane(Vn, from.bits, 0))]),
  ).says(`Converts <${from.R}n> from ${from.name} to ${to.name} precision`);

// Compare. The register that is not compared should be 0 in the form with zero.
type Operands = { readonly ftype: number; readonly Vn: VectorRegister; readonly Vm: VectorRegister };
for (const [name, E, signals, also] of [
  ['fcmp', '0', 0, ''],
  ['fcmpe', '1', 1, ', raising Invalid Operation for any NaN'],
] as const) {
  const NAME = name.toUpperCase();
  const compare = (b: Builder, ftype: number, x: Int, y: Int): Int => b.call(FPCompare[precisionOf(ftype)], x, y, signals);
  define(
    `${NAME} (register)`,
    `00011110 ftype 1 Vm 00 1000 Vn ${E}0 000`,
    `${name} <Vn:ftype>, <Vm:ftype>`,
    singleOrDouble,
    (b, { ftype, Vn, Vm }) => b.setNZCV(compare(b, ftype, scalar(b, Vn, ftype), scalar(b, Vm, ftype))),
  ).says(`Compares <Vn:ftype> with <Vm:ftype>${also}`);
  define(`${NAME} (zero)`, `00011110 ftype 1 xxxxx 00 1000 Vn ${E}1 000`, `${name} <Vn:ftype>, #0.0`, singleOrDouble, (b, { ftype, Vn }) =>
    b.setNZCV(compare(b, ftype, scalar(b, Vn, ftype), b.constant(precisionOf(ftype), 0))),
  ).says(`Compares <Vn:ftype> with zero${also}`);
  // Where the condition does not hold, zeros are compared: that raises nothing.
  const operandIf = (b: Builder, { ftype, ...r }: Operands, which: 'Vn' | 'Vm', cond: number): Int =>
    b.choose(b.holds(cond), scalar(b, r[which], ftype), 0);
  const conditional = name.replace('fc', 'fcc');
  define(
    conditional.toUpperCase(),
    `00011110 ftype 1 Vm cond 01 Vn ${E} nzcv`,
    `${conditional} <Vn:ftype>, <Vm:ftype>, #<nzcv>, <cond>`,
    singleOrDouble,
    (b, o) => {
      const flags = compare(b, o.ftype, operandIf(b, o, 'Vn', o.cond), operandIf(b, o, 'Vm', o.cond));
      b.setNZCV(b.choose(b.holds(o.cond), flags, o.nzcv));
    },
  ).says(`Compares <Vn:ftype> with <Vm:ftype>${also}, if <if>, else sets NZCV to <nzcv>: <holds>, so <result>`);
}

define(
  'FMOV (scalar, immediate)',
  '00011110 ftype 1 imm8 100 00000 Vd',
  'fmov <Vd:ftype>, #<float>',
  ({ ftype, imm8 }) => {
    if (ftype > 1) return undefined;
    const value = expandImm(imm8, precisionOf(ftype));
    return { value: ftype ? value : Number(BigInt.asIntN(32, value)) };
  },
  (b, { ftype, Vd, value }) => setScalar(b, Vd, ftype, b.or(b.constant(precisionOf(ftype), 0), value)),
).says('Sets <name:Vd:ftype> to <float>');

// 2 source
for (const [name, opcode] of [
  ['fmul', '0000'],
  ['fdiv', '0001'],
  ['fadd', '0010'],
  ['fsub', '0011'],
  ['fmax', '0100'],
  ['fmin', '0101'],
  ['fmaxnm', '0110'],
  ['fminnm', '0111'],
  ['fnmul', '1000'],
] as const) {
  const { compute, says } = binary[name];
  define(
    `${name.toUpperCase()} (scalar)`,
    `00011110 ftype 1 Vm ${opcode} 10 Vn Vd`,
    `${name} <Vd:ftype>, <Vn:ftype>, <Vm:ftype>`,
    singleOrDouble,
    (b, { ftype, Vn, Vm, Vd }) => setScalar(b, Vd, ftype, compute(b, scalar(b, Vn, ftype), scalar(b, Vm, ftype), precisionOf(ftype))),
  ).says(ofScalars(says, 'ftype'));
}

define(
  'FCSEL',
  '00011110 ftype 1 Vm cond 11 Vn Vd',
  'fcsel <Vd:ftype>, <Vn:ftype>, <Vm:ftype>, <cond>',
  singleOrDouble,
  (b, { ftype, Vn, Vm, Vd, cond }) => setScalar(b, Vd, ftype, b.choose(b.holds(cond), scalar(b, Vn, ftype), scalar(b, Vm, ftype))),
).says('Picks <Vn:ftype> if <if>, else <Vm:ftype>: <holds>, so <result>');

// 3 source: the product and the addend may be negated before they are added in one rounding.
for (const [name, o1, o0, negatesProduct, negatesAddend, says] of [
  ['fmadd', '0', '0', false, false, 'Multiplies <Vn:ftype> by <Vm:ftype> and adds <Va:ftype>'],
  ['fmsub', '0', '1', true, false, 'Multiplies <Vn:ftype> by <Vm:ftype> and subtracts the product from <Va:ftype>'],
  ['fnmadd', '1', '0', true, true, 'Multiplies <Vn:ftype> by <Vm:ftype>, adds <Va:ftype> and negates the sum'],
  ['fnmsub', '1', '1', false, true, 'Multiplies <Vn:ftype> by <Vm:ftype> and subtracts <Va:ftype>'],
] as const)
  define(
    name.toUpperCase(),
    `00011111 ftype ${o1} Vm ${o0} Va Vn Vd`,
    `${name} <Vd:ftype>, <Vn:ftype>, <Vm:ftype>, <Va:ftype>`,
    singleOrDouble,
    (b, { ftype, Vn, Vm, Va, Vd }) => {
      const [n, m, a] = [Vn, Vm, Va].map((r) => scalar(b, r, ftype));
      const called = FPMulAdd[precisionOf(ftype)];
      setScalar(b, Vd, ftype, b.call(called, negatesAddend ? FPNeg(b, a) : a, negatesProduct ? FPNeg(b, n) : n, m));
    },
  ).says(`${says}, rounding once`);
