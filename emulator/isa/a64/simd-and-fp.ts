// Arm ARM C4.1.96: Data processing -- scalar floating-point and Advanced SIMD, with AES, SHA1, SHA256 and PMULL, which Cortex-A53 has.
// Of it only the moves between general and floating-point registers are built; which other encodings are allocated is known, so that all
// others are UNDEFINED (later extensions among them).
import { bit32, bits32 } from '../../base/bits.ts';
import { machine, notBuilt } from '../define.ts';

type Rule = (word: number) => boolean;
const what = 'Advanced SIMD and floating point';

// Fields that most classes share
const Q = (word: number): number => bit32(word, 30);
const size = (word: number): number => bits32(word, 23, 22);
const immh = (word: number): number => bits32(word, 22, 19);

// Rules on the element size. The names say what stays allowed.
const any: Rule = () => true;
const bytes: Rule = (w) => size(w) === 0;
const bytesOrHalves: Rule = (w) => size(w) < 2;
const halvesOrWords: Rule = (w) => size(w) === 1 || size(w) === 2;
const upToWords: Rule = (w) => size(w) !== 3;
const doublewords: Rule = (w) => size(w) === 3;
/** No vector of one doubleword. */
const vectors: Rule = (w) => size(w) !== 3 || Q(w) === 1;
/** Floating point: size<1> is part of the opcode, size<0> selects single or double. */
const fp0: Rule = (w) => size(w) < 2;
const fp1: Rule = (w) => size(w) >= 2;
const and =
  (...rules: Rule[]): Rule =>
  (w) =>
    rules.every((rule) => rule(w));
const or =
  (...rules: Rule[]): Rule =>
  (w) =>
    rules.some((rule) => rule(w));
const single: Rule = (w) => bit32(w, 22) === 0;

/** Rules by U and opcode: `'U opcode opcode ...': rule`, with U = x for both. */
function table(high: number, low: number, rows: Readonly<Record<string, Rule>>): Rule {
  const rules = new Map<number, Rule>();
  for (const [row, rule] of Object.entries(rows)) {
    const [U, ...opcodes] = row.split(' ');
    for (const u of U === 'x' ? [0, 1] : [Number(U)])
      for (const opcode of opcodes) {
        const key = (u << 5) | parseInt(opcode, 2),
          other = rules.get(key);
        rules.set(key, other ? or(other, rule) : rule);
      }
  }
  return (word) => rules.get((bit32(word, 29) << 5) | bits32(word, high, low))?.(word) ?? false;
}

/** No vector of one double. */
const doublePairs: Rule = (w) => single(w) || Q(w) === 1;
const float0 = and(fp0, doublePairs);
const float1 = and(fp1, doublePairs);

notBuilt(
  what,
  'Advanced SIMD three same',
  '0xx 01110 xx 1 xxxxx xxxxx 1 xxxxx xxxxx',
  table(15, 11, {
    'x 00000 00010 00100 01100 01101 01110 01111 10010 10100 10101': upToWords,
    'x 00001 00101 00110 00111 01000 01001 01010 01011 10000 10001': vectors,
    'x 00011': any,
    '0 10011': upToWords,
    '1 10011': bytes,
    'x 10110': halvesOrWords,
    '0 10111': vectors,
    '0 11000 11001 11010 11011 11100 11110 11111': float0,
    '1 11000 11010 11011 11100 11101 11110 11111': float0,
    '0 11000 11001 11010 11110 11111': float1,
    '1 11000 11010 11100 11101 11110': float1,
  }),
);
notBuilt(
  what,
  'Advanced SIMD three different',
  '0xx 01110 xx 1 xxxxx xxxx 00 xxxxx xxxxx',
  table(15, 12, {
    'x 0000 0001 0010 0011 0100 0101 0110 0111 1000 1010 1100': upToWords,
    '0 1001 1011 1101': halvesOrWords,
    '0 1110': or(bytes, doublewords),
  }),
);
notBuilt(
  what,
  'Advanced SIMD two-register miscellaneous',
  '0xx 01110 xx 10000 xxxxx 10 xxxxx xxxxx',
  table(16, 12, {
    '0 00000': upToWords,
    '1 00000': bytesOrHalves,
    '0 00001': bytes,
    'x 00010 00100 00110 10010 10100': upToWords,
    'x 00011 00111 01000 01001 01011': vectors,
    '0 01010': vectors,
    '0 00101': bytes,
    '1 00101': bytesOrHalves,
    '1 10011': upToWords,
    '0 10110 10111': fp0,
    '1 10110': (w) => size(w) === 1,
    'x 11000 11001 11010 11011 11100 11101': float0,
    '0 01100 01101 01110 01111 11000 11001 11010 11011 11101': float1,
    '1 01100 01101 01111 11001 11010 11011 11101 11111': float1,
    'x 11100': (w) => size(w) === 2,
  }),
);
notBuilt(
  what,
  'Advanced SIMD across lanes',
  '0xx 01110 xx 11000 xxxxx 10 xxxxx xxxxx',
  table(16, 12, {
    'x 00011 01010 11010': or(bytesOrHalves, (w) => size(w) === 2 && Q(w) === 1),
    '0 11011': or(bytesOrHalves, (w) => size(w) === 2 && Q(w) === 1),
    '1 01100 01111': (w) => single(w) && Q(w) === 1,
  }),
);
notBuilt(what, 'Advanced SIMD copy', '0xx 01110000 xxxxx 0 xxxx 1 xxxxx xxxxx', (w) => {
  const imm5 = bits32(w, 20, 16),
    imm4 = bits32(w, 14, 11);
  if ((imm5 & 15) === 0) return false;
  const element = Math.log2(imm5 & -imm5); // 0: byte ... 3: doubleword
  if (bit32(w, 29)) return Q(w) === 1;
  switch (imm4) {
    case 0:
    case 1:
      return element < 3 || Q(w) === 1;
    case 3:
      return Q(w) === 1;
    case 5:
      return element < (Q(w) ? 3 : 2);
    case 7:
      return Q(w) ? element === 3 : element < 3;
    default:
      return false;
  }
});
notBuilt(
  what,
  'Advanced SIMD modified immediate',
  '0xx 0111100000 xxx xxxx 0 1 xxxxx xxxxx',
  (w) => bits32(w, 15, 12) !== 15 || bit32(w, 29) === 0 || Q(w) === 1,
);

const shifted = (w: number): boolean => immh(w) !== 0;
const shiftedVectors: Rule = (w) => shifted(w) && (immh(w) < 8 || Q(w) === 1);
const narrowing: Rule = (w) => shifted(w) && immh(w) < 8;
const fixedPoint: Rule = (w) => immh(w) >= 4 && (immh(w) < 8 || Q(w) === 1);
const wide: Rule = (w) => immh(w) >= 8;
notBuilt(
  what,
  'Advanced SIMD shift by immediate',
  '0xx 011110 xxxx xxx xxxxx 1 xxxxx xxxxx',
  table(15, 11, {
    'x 00000 00010 00100 00110 01010 01110': shiftedVectors,
    '1 01000 01100': shiftedVectors,
    'x 10000 10001 10010 10011 10100': narrowing,
    'x 11100 11111': fixedPoint,
  }),
);
notBuilt(what, 'Advanced SIMD table lookup', '0x0 01110 00 0 xxxxx 0 xx x 00 xxxxx xxxxx', any);
notBuilt(
  what,
  'Advanced SIMD permute',
  '0x0 01110 xx 0 xxxxx 0 xxx 10 xxxxx xxxxx',
  and(vectors, (w) => bits32(w, 13, 12) !== 0),
);
notBuilt(what, 'Advanced SIMD extract', '0x1 01110 00 0 xxxxx 0 xxxx 0 xxxxx xxxxx', (w) => Q(w) === 1 || bit32(w, 14) === 0);

/** Floating point by element: single, or double with an index of one bit. */
const fpElement: Rule = (w) => size(w) === 2 || (size(w) === 3 && bit32(w, 21) === 0);
notBuilt(
  what,
  'Advanced SIMD vector x indexed element',
  '0xx 01111 xx xx xxxx xxxx x 0 xxxxx xxxxx',
  table(15, 12, {
    'x 0010 0110 1010': halvesOrWords,
    '0 0011 0111 1011 1000 1100 1101': halvesOrWords,
    '1 0000 0100': halvesOrWords,
    '0 0001 0101 1001': and(fpElement, doublePairs),
    '1 1001': and(fpElement, doublePairs),
  }),
);

notBuilt(
  what,
  'Advanced SIMD scalar three same',
  '01x 11110 xx 1 xxxxx xxxxx 1 xxxxx xxxxx',
  table(15, 11, {
    'x 00001 00101 01001 01011': any,
    'x 00110 00111 01000 01010 10000 10001': doublewords,
    'x 10110': halvesOrWords,
    '0 11011': fp0,
    '0 11100': fp0,
    '0 11111': any,
    '1 11100 11101': any,
    '1 11010': fp1,
  }),
);
notBuilt(
  what,
  'Advanced SIMD scalar three different',
  '01x 11110 xx 1 xxxxx xxxx 00 xxxxx xxxxx',
  table(15, 12, { '0 1001 1011 1101': halvesOrWords }),
);
notBuilt(
  what,
  'Advanced SIMD scalar two-register miscellaneous',
  '01x 11110 xx 10000 xxxxx 10 xxxxx xxxxx',
  table(16, 12, {
    'x 00011 00111': any,
    'x 01000 01001 01011': doublewords,
    '0 01010': doublewords,
    'x 10100': upToWords,
    '1 10010': upToWords,
    '1 10110': (w) => size(w) === 1,
    'x 11010 11011 11101': any,
    'x 11100': fp0,
    'x 01100 01101': fp1,
    '0 01110 11111': fp1,
  }),
);
notBuilt(
  what,
  'Advanced SIMD scalar pairwise',
  '01x 11110 xx 11000 xxxxx 10 xxxxx xxxxx',
  table(16, 12, { '0 11011': doublewords, '1 01100 01111': any, '1 01101': fp0 }),
);
notBuilt(what, 'Advanced SIMD scalar copy', '010 11110000 xxxxx 0 0000 1 xxxxx xxxxx', (w) => bits32(w, 19, 16) !== 0);
notBuilt(
  what,
  'Advanced SIMD scalar shift by immediate',
  '01x 111110 xxxx xxx xxxxx 1 xxxxx xxxxx',
  table(15, 11, {
    'x 00000 00010 00100 00110 01010': wide,
    '1 01000': wide,
    'x 01110': shifted,
    '1 01100': shifted,
    'x 10010 10011': narrowing,
    '1 10000 10001': narrowing,
    'x 11100 11111': (w) => immh(w) >= 4,
  }),
);
notBuilt(
  what,
  'Advanced SIMD scalar x indexed element',
  '01x 11111 xx xx xxxx xxxx x 0 xxxxx xxxxx',
  table(15, 12, { '0 0011 0111 1011 1100 1101': halvesOrWords, '0 0001 0101 1001': fpElement, '1 1001': fpElement }),
);

const cryptography = 'Cryptographic Extension';
notBuilt(cryptography, 'AES', '01001110 00 10100 001xx 10 xxxxx xxxxx', any);
notBuilt(cryptography, 'SHA, three registers', '01011110 00 0 xxxxx 0 xxx 00 xxxxx xxxxx', (w) => bits32(w, 14, 12) !== 7);
notBuilt(cryptography, 'SHA, two registers', '01011110 00 10100 000xx 10 xxxxx xxxxx', (w) => bits32(w, 13, 12) !== 3);

// Scalar floating point. ftype: 0 single, 1 double, 3 half (only converted).
const ftype = size;
const singleOrDouble: Rule = (w) => ftype(w) < 2;
notBuilt(what, 'conversion between floating-point and fixed-point', 'x0011110 xx 0 xx xxx xxxxxx xxxxx xxxxx', (w) => {
  const kind = bits32(w, 20, 16); // rmode:opcode
  return singleOrDouble(w) && (kind === 2 || kind === 3 || kind === 24 || kind === 25) && (bit32(w, 31) === 1 || bit32(w, 15) === 1);
});
// They move bits and compute nothing; the machine executes them, since they trap where floating point may not be used.
machine('FMOV (general, to W)', '0001111000100110000000 Rn Rd', 'fmov <Wd>, <Sn>').says('Copies the bits of <Sn> to <name:Wd>');
machine('FMOV (general, from W)', '0001111000100111000000 Rn Rd', 'fmov <Sd>, <Wn>').says(
  'Copies the bits of <Wn> to <name:Sd> and clears the rest of the vector register',
);
machine('FMOV (general, to X)', '1001111001100110000000 Rn Rd', 'fmov <Xd>, <Dn>').says('Copies the bits of <Dn> to <name:Xd>');
machine('FMOV (general, from X)', '1001111001100111000000 Rn Rd', 'fmov <Dd>, <Xn>').says(
  'Copies the bits of <Xn> to <name:Dd> and clears the rest of the vector register',
);

notBuilt(what, 'conversion between floating-point and integer', 'x0011110 xx 1 xx xxx 000000 xxxxx xxxxx', (w) => {
  const sf = bit32(w, 31),
    rmode = bits32(w, 20, 19),
    opcode = bits32(w, 18, 16);
  if (opcode < 2) return singleOrDouble(w);
  if (opcode < 6) return singleOrDouble(w) && rmode === 0;
  // FMOV between general registers and the upper half of a vector register; the others are above.
  return rmode === 1 && sf === 1 && ftype(w) === 2;
});
notBuilt(what, 'floating-point, 1 source', '00011110 xx 1 xxxxxx 10000 xxxxx xxxxx', (w) => {
  const opcode = bits32(w, 20, 15);
  if (opcode >>> 2 === 1) return ftype(w) !== 2 && (opcode & 3) !== 2 && (opcode & 3) !== ftype(w);
  return singleOrDouble(w) && opcode < 16 && opcode !== 13;
});
notBuilt(what, 'floating-point compare', '00011110 xx 1 xxxxx 00 1000 xxxxx xx000', singleOrDouble);
notBuilt(what, 'floating-point immediate', '00011110 xx 1 xxxxxxxx 100 00000 xxxxx', singleOrDouble);
notBuilt(what, 'floating-point conditional compare', '00011110 xx 1 xxxxx xxxx 01 xxxxx x xxxx', singleOrDouble);
notBuilt(
  what,
  'floating-point, 2 source',
  '00011110 xx 1 xxxxx xxxx 10 xxxxx xxxxx',
  and(singleOrDouble, (w) => bits32(w, 15, 12) < 9),
);
notBuilt(what, 'floating-point conditional select', '00011110 xx 1 xxxxx xxxx 11 xxxxx xxxxx', singleOrDouble);
notBuilt(what, 'floating-point, 3 source', '00011111 xx x xxxxx x xxxxx xxxxx xxxxx', singleOrDouble);
