// Arm ARM C4.1.92: Bitfield
import { define } from '../define.ts';
import type { Fields } from '../fields.ts';
import { decodeBitMasks } from '../pseudocode.ts';

type Bitfield = Fields<'sf' | 'N' | 'immr' | 'imms'>;
const valid = ({ sf, N, immr, imms }: Bitfield): boolean => N === sf && (sf === 1 || (immr < 32 && imms < 32));

/** A field of imms+1 bits, brought to the top, then down to its place: extract (imms >= immr) and insert-in-zero (imms < immr) alike. */
const shifts = (f: Bitfield) => {
  const left = (f.sf ? 63 : 31) - f.imms;
  return valid(f) ? { left, right: f.imms >= f.immr ? left + f.immr : f.immr - f.imms - 1 } : undefined;
};
const masks = (f: Bitfield) => {
  const m = valid(f) ? decodeBitMasks(f.N, f.imms, f.immr, false) : undefined;
  return m && { mask: BigInt.asIntN(64, m.wmask & m.tmask) };
};

type Seen = Readonly<Record<string, number>>;
const sameN = ({ sf }: Seen) => ({ N: sf });
const whole = ({ sf }: Seen) => ({ N: sf, imms: sf ? 63 : 31 });
const low = (imms: number) => (f: Seen) => ({ ...sameN(f), immr: 0, imms });
const insert = ({ imms, immr }: Seen): boolean => imms < immr;
const narrow = ({ sf }: Seen): boolean => sf === 0;

const bits = (from: number, to: number): string => (from === to ? `bit ${from}` : `bits ${to} to ${from}`);
/** Bits `imms` to 0. */
const lowBits = (imms: number): string => (imms === 0 ? 'bit 0' : `the low ${imms + 1} bits`);
/** Where BFI and BFC insert. */
const inserted = ({ sf, immr, imms }: Seen): string => {
  const lsb = -immr & (sf ? 63 : 31);
  return bits(lsb, lsb + imms);
};

define('SBFM', 'sf 00 100110 N immr imms Rn Rd', 'sbfm <Rd>, <Rn>, #<immr>, #<imms>', shifts, (b, { Rd, Rn, left, right }) =>
  b.set(Rd, b.sar(b.shl(b.r(Rn), left), right)),
)
  .alias('asr <Rd>, <Rn>, #<immr>', whole)
  .says('Shifts <Rn> right by <immr>, keeping its sign')
  .alias('sxtb <Rd>, <Wn>', low(7))
  .says('Sign-extends the lowest byte of <Wn>')
  .alias('sxth <Rd>, <Wn>', low(15))
  .says('Sign-extends the low 16 bits of <Wn>')
  .alias('sxtw <Xd>, <Wn>', { sf: 1, N: 1, immr: 0, imms: 31 })
  .says('Sign-extends <Wn> to 64 bits')
  .alias('sbfiz <Rd>, <Rn>, #<lsb>, #<width>', sameN, insert)
  .says(({ imms }) => `Sign-extends ${lowBits(imms)} of <Rn> and shifts the result left by <lsb>`)
  .alias('sbfx <Rd>, <Rn>, #<immr>, #<extractedWidth>', sameN)
  .says(({ immr, imms }) => `Extracts ${bits(immr, imms)} of <Rn>, sign-extended`)
  .implies(sameN);

define('BFM', 'sf 01 100110 N immr imms Rn Rd', 'bfm <Rd>, <Rn>, #<immr>, #<imms>', masks, (b, { Rd, Rn, immr, mask }) =>
  b.set(Rd, b.or(b.and(b.r(Rd), b.not(mask)), b.and(b.ror(b.r(Rn), immr), mask))),
)
  .alias('bfc <Rd>, #<lsb>, #<width>', ({ sf }) => ({ N: sf, Rn: 31 }), insert)
  .says((f) => `Clears ${inserted(f)} of <Rd>`)
  .alias('bfi <Rd>, <Rn>, #<lsb>, #<width>', sameN, insert)
  .says((f) => `Replaces ${inserted(f)} of <Rd> with ${lowBits(f.imms)} of <Rn>`)
  .alias('bfxil <Rd>, <Rn>, #<immr>, #<extractedWidth>', sameN)
  .says(({ immr, imms }) => `Replaces ${lowBits(imms - immr)} of <Rd> with ${bits(immr, imms)} of <Rn>`)
  .implies(sameN);

define('UBFM', 'sf 10 100110 N immr imms Rn Rd', 'ubfm <Rd>, <Rn>, #<immr>, #<imms>', shifts, (b, { Rd, Rn, left, right }) =>
  b.set(Rd, b.shr(b.shl(b.r(Rn), left), right)),
)
  .alias('lsr <Rd>, <Rn>, #<immr>', whole)
  .says('Shifts <Rn> right by <immr>')
  .alias('lsl <Rd>, <Rn>, #<leftShift>', sameN, ({ sf, imms, immr }) => imms + 1 === immr && imms !== (sf ? 63 : 31))
  .says('Shifts <Rn> left by <leftShift>')
  .alias('uxtb <Rd>, <Rn>', low(7), narrow)
  .says('Keeps the lowest byte of <Rn>')
  .alias('uxth <Rd>, <Rn>', low(15), narrow)
  .says('Keeps the low 16 bits of <Rn>')
  .alias('ubfiz <Rd>, <Rn>, #<lsb>, #<width>', sameN, insert)
  .says(({ imms }) => `Keeps ${lowBits(imms)} of <Rn> and shifts the result left by <lsb>`)
  .alias('ubfx <Rd>, <Rn>, #<immr>, #<extractedWidth>', sameN)
  .says(({ immr, imms }) => `Extracts ${bits(immr, imms)} of <Rn>`)
  .implies(sameN);
