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
);

define('ORR (immediate)', 'sf 01 100100 N immr imms Rn Rd', 'orr <Rd|SP>, <Rn>, #<bitmask>', bitmask, (b, { Rd, Rn, imm }) =>
  b.setSP(Rd, b.or(b.r(Rn), imm)),
).alias('mov <Rd|SP>, #<bitmask>', { Rn: 31 }, (f) => f.Rd === 31 || !isWideMove(bitmask(f as Bitmask)!.imm, f.sf ? 64 : 32));

define('EOR (immediate)', 'sf 10 100100 N immr imms Rn Rd', 'eor <Rd|SP>, <Rn>, #<bitmask>', bitmask, (b, { Rd, Rn, imm }) =>
  b.setSP(Rd, b.xor(b.r(Rn), imm)),
);

define('ANDS (immediate)', 'sf 11 100100 N immr imms Rn Rd', 'ands <Rd>, <Rn>, #<bitmask>', bitmask, (b, { Rd, Rn, imm }) =>
  b.set(Rd, b.ands(b.r(Rn), imm)),
).alias('tst <Rn>, #<bitmask>', { Rd: 31 });
