// Arm ARM C4.1.92: Move wide (immediate)
import { allocated, define } from '../define.ts';
import type { Fields } from '../fields.ts';

const fits = ({ sf, hw }: Fields<'sf' | 'hw'>) => allocated(sf || hw < 2);

define('MOVN', 'sf 00 100101 hw imm16 Rd', 'movn <Rd>, #<imm16>{, lsl #<hw*16>}', fits, (b, { Rd, imm16, hw }) =>
  b.set(Rd, b.not(b.shl(imm16, 16 * hw))),
)
  .says('Moves the inverse of <imm16>, shifted left by <hw*16>, into <name:Rd>')
  .alias('mov <Rd>, #<invertedWide>', {}, ({ sf, hw, imm16 }) => !(imm16 === 0 && hw !== 0) && (sf === 1 || imm16 !== 0xffff))
  .says('Moves a constant into <name:Rd>');

define('MOVZ', 'sf 10 100101 hw imm16 Rd', 'movz <Rd>, #<imm16>{, lsl #<hw*16>}', fits, (b, { Rd, imm16, hw }) =>
  b.set(Rd, b.shl(imm16, 16 * hw)),
)
  .says('Moves <imm16>, shifted left by <hw*16>, into <name:Rd>')
  .alias('mov <Rd>, #<wide>', {}, ({ hw, imm16 }) => !(imm16 === 0 && hw !== 0))
  .says('Moves a constant into <name:Rd>');

define('MOVK', 'sf 11 100101 hw imm16 Rd', 'movk <Rd>, #<imm16>{, lsl #<hw*16>}', fits, (b, { Rd, imm16, hw }) =>
  b.set(Rd, b.or(b.and(b.r(Rd), ~(0xffffn << BigInt(16 * hw))), b.shl(imm16, 16 * hw))),
).says(({ hw }) => `Puts <imm16> into bits ${16 * hw + 15} to ${16 * hw} of <Rd>, keeping its other bits`);
