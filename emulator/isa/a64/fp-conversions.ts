// Arm ARM C4.1.96: Conversion between floating-point and fixed-point, and between floating-point and integer.
import { define } from '../define.ts';
import { FixedToFP, FPToFixed } from '../float/index.ts';
import { integers, precisionOf, roundingOf, roundingText, scalar, setScalar, singleOrDouble } from './fp-operations.ts';

const widthOf = (sf: number): 32 | 64 => (sf ? 64 : 32);

for (const [U, letter, unsigned, sign] of [
  ['0', 's', 0, 'signed'],
  ['1', 'u', 1, 'unsigned'],
] as const) {
  // Fixed point: `scale` is 64 less the bits behind the point. A W register has 32 at most.
  const fixed = ({ sf, ftype, scale }: { sf: number; ftype: number; scale: number }) =>
    ftype < 2 && (sf || scale >= 32) ? { fbits: 64 - scale } : undefined;
  define(
    `FCVTZ${letter.toUpperCase()} (scalar, fixed-point)`,
    `sf 0011110 ftype 0 11 00${U} scale Vn Rd`,
    `fcvtz${letter} <Rd>, <Vn:ftype>, #<fbits>`,
    fixed,
    (b, { sf, ftype, Vn, Rd, fbits }) =>
      b.set(Rd, b.call(FPToFixed[precisionOf(ftype)][widthOf(sf)], scalar(b, Vn, ftype), fbits, unsigned, roundingOf(b, 'Z'))),
  ).says(`Converts <Vn:ftype> to ${sign} fixed point with <fbits> fraction bits, rounded ${roundingText.Z}`);
  define(
    `${letter.toUpperCase()}CVTF (scalar, fixed-point)`,
    `sf 0011110 ftype 0 00 01${U} scale Rn Vd`,
    `${letter}cvtf <Vd:ftype>, <Rn>, #<fbits>`,
    fixed,
    (b, { sf, ftype, Rn, Vd, fbits }) =>
      setScalar(b, Vd, ftype, b.call(FixedToFP[widthOf(sf)][precisionOf(ftype)], b.r(Rn), fbits, unsigned)),
  ).says(`Converts <Rn>, ${sign} fixed point with <fbits> fraction bits, to floating point`);

  for (const [rounding, rmode, opcode] of [
    ['N', '00', '00'],
    ['P', '01', '00'],
    ['M', '10', '00'],
    ['Z', '11', '00'],
    ['A', '00', '10'],
  ] as const)
    define(
      `FCVT${rounding}${letter.toUpperCase()} (scalar)`,
      `sf 0011110 ftype 1 ${rmode} ${opcode}${U} 000000 Vn Rd`,
      `fcvt${rounding.toLowerCase()}${letter} <Rd>, <Vn:ftype>`,
      singleOrDouble,
      (b, { sf, ftype, Vn, Rd }) =>
        b.set(Rd, b.call(FPToFixed[precisionOf(ftype)][widthOf(sf)], scalar(b, Vn, ftype), 0, unsigned, roundingOf(b, rounding))),
    ).says(`Converts <Vn:ftype> to ${integers[unsigned]}, rounded ${roundingText[rounding]}`);
  define(
    `${letter.toUpperCase()}CVTF (scalar, integer)`,
    `sf 0011110 ftype 1 00 01${U} 000000 Rn Vd`,
    `${letter}cvtf <Vd:ftype>, <Rn>`,
    singleOrDouble,
    (b, { sf, ftype, Rn, Vd }) => setScalar(b, Vd, ftype, b.call(FixedToFP[widthOf(sf)][precisionOf(ftype)], b.r(Rn), 0, unsigned)),
  ).says(`Converts <Rn>, ${integers[unsigned]}, to floating point`);
}

// The bits as they are
for (const [sf, ftype, bits, R, F] of [
  ['0', '00', 32, 'W', 'S'],
  ['1', '01', 64, 'X', 'D'],
] as const) {
  define(`FMOV (general, to ${R})`, `${sf} 0011110 ${ftype} 1 00 110 000000 Vn Rd`, `fmov <${R}d>, <${F}n>`, (b, { Rd, Vn }) =>
    b.set(Rd, b.lane(Vn, bits, 0)),
  ).says(`Copies the bits of <${F}n> to <name:${R}d>`);
  define(`FMOV (general, from ${R})`, `${sf} 0011110 ${ftype} 1 00 111 000000 Rn Vd`, `fmov <${F}d>, <${R}n>`, (b, { Rn, Vd }) =>
    b.setLanes(Vd, bits, [bits === 64 ? b.x(Rn) : b.w(Rn)]),
  ).says(`Copies the bits of <${R}n> to <name:${F}d> and clears the rest of the vector register`);
}
define('FMOV (general, upper half to X)', '1 0011110 10 1 01 110 000000 Vn Rd', 'fmov <Xd>, <Vn>.d[1]', (b, { Rd, Vn }) =>
  b.set(Rd, b.lane(Vn, 64, 1)),
).says('Copies the upper half of <Vn> to <name:Xd>');
define('FMOV (general, upper half from X)', '1 0011110 10 1 01 111 000000 Rn Vd', 'fmov <Vd>.d[1], <Xn>', (b, { Vd, Rn }) =>
  b.setLane(Vd, 64, 1, b.x(Rn)),
).says('Copies <Xn> to the upper half of <name:Vd>; the lower half stays');
