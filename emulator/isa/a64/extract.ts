// Arm ARM C4.1.92: Extract
import { define } from '../define.ts';

// Rm >> lsb joined with Rn << (width - lsb), in two steps because a shift by the whole width is a shift by zero.
define(
  'EXTR',
  'sf 00 100111 N 0 Rm imms Rn Rd',
  'extr <Rd>, <Rn>, <Rm>, #<imms>',
  ({ sf, N, imms }) => (N === sf && (sf || imms < 32) ? { up: (sf ? 63 : 31) - imms } : undefined),
  (b, { Rd, Rn, Rm, imms, up }) => b.set(Rd, b.or(b.shr(b.r(Rm), imms), b.shl(b.shl(b.r(Rn), 1), up))),
)
  .says(({ sf }) => `Takes ${sf ? 64 : 32} bits from <Rn>:<Rm>, starting at bit <imms> of <name:Rm>`)
  .alias('ror <Rd>, <Rn>, #<imms>', ({ sf, Rn }) => ({ N: sf, Rm: Rn }))
  .says('Rotates <Rn> right by <imms>')
  .implies(({ sf }) => ({ N: sf }));
