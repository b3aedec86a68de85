// Arm ARM C4.1.92: Add/subtract (immediate)
import { define } from '../define.ts';
import type { Fields } from '../fields.ts';

const shifted = ({ sh, imm12 }: Fields<'sh' | 'imm12'>) => ({ imm: imm12 << (12 * sh) });

define('ADD (immediate)', 'sf 0 0 100010 sh imm12 Rn Rd', 'add <Rd|SP>, <Rn|SP>, #<imm12>{, lsl #<sh*12>}', shifted, (b, { Rd, Rn, imm }) =>
  b.setSP(Rd, b.add(b.rSP(Rn), imm)),
)
  .says('Adds <imm> to <Rn|SP>')
  .alias('mov <Rd|SP>, <Rn|SP>', { sh: 0, imm12: 0 }, ({ Rd, Rn }) => Rd === 31 || Rn === 31)
  .says('Copies <name:Rn|SP> to <name:Rd|SP>');

define('ADDS (immediate)', 'sf 0 1 100010 sh imm12 Rn Rd', 'adds <Rd>, <Rn|SP>, #<imm12>{, lsl #<sh*12>}', shifted, (b, { Rd, Rn, imm }) =>
  b.set(Rd, b.adds(b.rSP(Rn), imm)),
)
  .says('Adds <imm> to <Rn|SP> and sets the flags')
  .alias('cmn <Rn|SP>, #<imm12>{, lsl #<sh*12>}', { Rd: 31 })
  .says('Compares <Rn|SP> with -<imm> (by adding <imm>)');

define('SUB (immediate)', 'sf 1 0 100010 sh imm12 Rn Rd', 'sub <Rd|SP>, <Rn|SP>, #<imm12>{, lsl #<sh*12>}', shifted, (b, { Rd, Rn, imm }) =>
  b.setSP(Rd, b.sub(b.rSP(Rn), imm)),
).says('Subtracts <imm> from <Rn|SP>');

define('SUBS (immediate)', 'sf 1 1 100010 sh imm12 Rn Rd', 'subs <Rd>, <Rn|SP>, #<imm12>{, lsl #<sh*12>}', shifted, (b, { Rd, Rn, imm }) =>
  b.set(Rd, b.subs(b.rSP(Rn), imm)),
)
  .says('Subtracts <imm> from <Rn|SP> and sets the flags')
  .alias('cmp <Rn|SP>, #<imm12>{, lsl #<sh*12>}', { Rd: 31 })
  .says('Compares <Rn|SP> with <imm>');
