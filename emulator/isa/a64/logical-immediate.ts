// Arm ARM C4.1.92: Logical (immediate)
import { define } from '../define.ts';
import type { Fields } from '../fields.ts';
import { decodeBitMasks, isWideMove } from '../pseudocode.ts';

type Bitmask = Fields<'sf' | 'N' | 'imms' | 'immr'>;
const bitmask = ({ sf, N, imms, immr }: Bitmask) => {
  const masks = sf || !N ? decodeBitMasks(N, imms, immr, true) : undefined;
  return masks && { imm: sf ? BigInt.asIntN(64, masks.wmask) : BigInt.asIntN(32, masks.wmask) };
};

define('AND (immediate)', 'sf 00 100100 N immr imms Rn Rd', 'and <Rd|SP>, <Rn>, #<bitmask>', bitmask, (b, { Rd, Rn, imm }) =>
  b.setSP(Rd, b.and(b.r(Rn), imm)),
).says('Keeps the bits of <Rn> that are set in <bitmask>');

define('ORR (immediate)', 'sf 01 100100 N immr imms Rn Rd', 'orr <Rd|SP>, <Rn>, #<bitmask>', bitmask, (b, { Rd, Rn, imm }) =>
  b.setSP(Rd, b.or(b.r(Rn), imm)),
)
  .says('Sets the bits of <Rn> that are set in <bitmask>')
  .alias('mov <Rd|SP>, #<bitmask>', { Rn: 31 }, (f) => f.Rd === 31 || !isWideMove(bitmask(f as Bitmask)!.imm, f.sf ? 64 : 32))
  .says('Moves a constant into <name:Rd|SP>');

define('EOR (immediate)', 'sf 10 100100 N immr imms Rn Rd', 'eor <Rd|SP>, <Rn>, #<bitmask>', bitmask, (b, { Rd, Rn, imm }) =>
  b.setSP(Rd, b.xor(b.r(Rn), imm)),
).says('Inverts the bits of <Rn> that are set in <bitmask>');

define('ANDS (immediate)', 'sf 11 100100 N immr imms Rn Rd', 'ands <Rd>, <Rn>, #<bitmask>', bitmask, (b, { Rd, Rn, imm }) =>
  b.set(Rd, b.ands(b.r(Rn), imm)),
)
  .says('Keeps the bits of <Rn> that are set in <bitmask> and sets the flags')
  .alias('tst <Rn>, #<bitmask>', { Rd: 31 })
  .says('Tests whether any of the bits <bitmask> are set in <Rn>');
