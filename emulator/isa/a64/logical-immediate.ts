// Arm ARM C4.1.92: Logical (immediate)
import { define } from '../define.ts';
import type { Fields } from '../fields.ts';
import { decodeBitMasks, moveWidePreferred } from '../pseudocode.ts';

const bitmask = ({ sf, N, imms, immr }: Fields<'sf' | 'N' | 'imms' | 'immr'>) => {
  const masks = sf || !N ? decodeBitMasks(N, imms, immr, true) : undefined;
  return masks && { imm: sf ? BigInt.asIntN(64, masks.wmask) : BigInt.asIntN(32, masks.wmask) };
};

define('AND (immediate)', 'sf 00 100100 N immr imms Rn Rd', 'and <Rd|SP>, <Rn>, #<bitmask>', bitmask, (b, { Rd, Rn, imm }) =>
  b.setSP(Rd, b.and(b.r(Rn), imm)),
);

define('ORR (immediate)', 'sf 01 100100 N immr imms Rn Rd', 'orr <Rd|SP>, <Rn>, #<bitmask>', bitmask, (b, { Rd, Rn, imm }) =>
  b.setSP(Rd, b.or(b.r(Rn), imm)),
).alias('mov <Rd|SP>, #<bitmask>', { Rn: 31 }, ({ sf, N, imms, immr }) => !moveWidePreferred(sf!, N!, imms!, immr!));

define('EOR (immediate)', 'sf 10 100100 N immr imms Rn Rd', 'eor <Rd|SP>, <Rn>, #<bitmask>', bitmask, (b, { Rd, Rn, imm }) =>
  b.setSP(Rd, b.xor(b.r(Rn), imm)),
);

define('ANDS (immediate)', 'sf 11 100100 N immr imms Rn Rd', 'ands <Rd>, <Rn>, #<bitmask>', bitmask, (b, { Rd, Rn, imm }) =>
  b.set(Rd, b.ands(b.r(Rn), imm)),
).alias('tst <Rn>, #<bitmask>', { Rd: 31 });
