// Arm ARM C4.1.95: Logical (shifted register)
import { allocated, define } from '../define.ts';
import type { Fields } from '../fields.ts';
import { shifted } from './operands.ts';

const amount = ({ sf, imm6 }: Fields<'sf' | 'imm6'>) => allocated(sf || imm6 < 32);
const Rm = '<Rm>{, <shift> #<imm6>}';

define('AND (shifted register)', 'sf 00 01010 shift 0 Rm imm6 Rn Rd', `and <Rd>, <Rn>, ${Rm}`, amount, (b, o) =>
  b.set(o.Rd, b.and(b.r(o.Rn), shifted(b, o))),
).says('Takes the bits set in both <Rn> and <shifted>');
define('BIC (shifted register)', 'sf 00 01010 shift 1 Rm imm6 Rn Rd', `bic <Rd>, <Rn>, ${Rm}`, amount, (b, o) =>
  b.set(o.Rd, b.and(b.r(o.Rn), b.not(shifted(b, o)))),
).says('Clears in <Rn> the bits set in <shifted>');
define('ORR (shifted register)', 'sf 01 01010 shift 0 Rm imm6 Rn Rd', `orr <Rd>, <Rn>, ${Rm}`, amount, (b, o) =>
  b.set(o.Rd, b.or(b.r(o.Rn), shifted(b, o))),
)
  .says('Takes the bits set in <Rn> or <shifted>')
  .alias('mov <Rd>, <Rm>', { Rn: 31, shift: 0, imm6: 0 })
  .says(({ Rm }) => (Rm === 31 ? 'Clears <name:Rd>' : 'Copies <name:Rm> to <name:Rd>'));
define('ORN (shifted register)', 'sf 01 01010 shift 1 Rm imm6 Rn Rd', `orn <Rd>, <Rn>, ${Rm}`, amount, (b, o) =>
  b.set(o.Rd, b.or(b.r(o.Rn), b.not(shifted(b, o)))),
)
  .says('Takes the bits set in <Rn> or clear in <shifted>')
  .alias(`mvn <Rd>, ${Rm}`, { Rn: 31 })
  .says('Inverts all bits of <shifted>');
define('EOR (shifted register)', 'sf 10 01010 shift 0 Rm imm6 Rn Rd', `eor <Rd>, <Rn>, ${Rm}`, amount, (b, o) =>
  b.set(o.Rd, b.xor(b.r(o.Rn), shifted(b, o))),
).says('Takes the bits that differ between <Rn> and <shifted>');
define('EON (shifted register)', 'sf 10 01010 shift 1 Rm imm6 Rn Rd', `eon <Rd>, <Rn>, ${Rm}`, amount, (b, o) =>
  b.set(o.Rd, b.xor(b.r(o.Rn), b.not(shifted(b, o)))),
).says('Takes the bits that agree between <Rn> and <shifted>');
define('ANDS (shifted register)', 'sf 11 01010 shift 0 Rm imm6 Rn Rd', `ands <Rd>, <Rn>, ${Rm}`, amount, (b, o) =>
  b.set(o.Rd, b.ands(b.r(o.Rn), shifted(b, o))),
)
  .says('Takes the bits set in both <Rn> and <shifted> and sets the flags')
  .alias(`tst <Rn>, ${Rm}`, { Rd: 31 })
  .says('Tests whether <Rn> and <shifted> have a set bit in common');
define('BICS (shifted register)', 'sf 11 01010 shift 1 Rm imm6 Rn Rd', `bics <Rd>, <Rn>, ${Rm}`, amount, (b, o) =>
  b.set(o.Rd, b.ands(b.r(o.Rn), b.not(shifted(b, o)))),
).says('Clears in <Rn> the bits set in <shifted> and sets the flags');
