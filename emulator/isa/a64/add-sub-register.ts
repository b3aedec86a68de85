// Arm ARM C4.1.95: Add/subtract (shifted register), (extended register), (with carry)
import type { Builder, Immediate, Register } from '../builder.ts';
import { allocated, define } from '../define.ts';
import type { Fields } from '../fields.ts';
import { extended, shifted } from './operands.ts';

const amount = ({ sf, shift, imm6 }: Fields<'sf' | 'shift' | 'imm6'>) => allocated(shift < 3 && (sf || imm6 < 32));
const Rm = '<Rm>{, <shift> #<imm6>}';

define('ADD (shifted register)', 'sf 00 01011 shift 0 Rm imm6 Rn Rd', `add <Rd>, <Rn>, ${Rm}`, amount, (b, o) =>
  b.set(o.Rd, b.add(b.r(o.Rn), shifted(b, o))),
).says('Adds <shifted> to <Rn>');
define('ADDS (shifted register)', 'sf 01 01011 shift 0 Rm imm6 Rn Rd', `adds <Rd>, <Rn>, ${Rm}`, amount, (b, o) =>
  b.set(o.Rd, b.adds(b.r(o.Rn), shifted(b, o))),
)
  .says('Adds <shifted> to <Rn> and sets the flags')
  .alias(`cmn <Rn>, ${Rm}`, { Rd: 31 })
  .says('Compares <Rn> with the negative of <shifted>, by adding');
define('SUB (shifted register)', 'sf 10 01011 shift 0 Rm imm6 Rn Rd', `sub <Rd>, <Rn>, ${Rm}`, amount, (b, o) =>
  b.set(o.Rd, b.sub(b.r(o.Rn), shifted(b, o))),
)
  .says('Subtracts <shifted> from <Rn>')
  .alias(`neg <Rd>, ${Rm}`, { Rn: 31 })
  .says('Negates <shifted>');
define('SUBS (shifted register)', 'sf 11 01011 shift 0 Rm imm6 Rn Rd', `subs <Rd>, <Rn>, ${Rm}`, amount, (b, o) =>
  b.set(o.Rd, b.subs(b.r(o.Rn), shifted(b, o))),
)
  .says('Subtracts <shifted> from <Rn> and sets the flags')
  .alias(`cmp <Rn>, ${Rm}`, { Rd: 31 })
  .says('Compares <Rn> with <shifted>')
  .alias(`negs <Rd>, ${Rm}`, { Rn: 31 })
  .says('Negates <shifted> and sets the flags');

const small = ({ imm3 }: Fields<'imm3'>) => allocated(imm3 <= 4);
type Extended = { readonly sf: number; readonly Rm: Register; readonly option: number; readonly imm3: Immediate };
const extendedRm = (b: Builder, { sf, Rm, option, imm3 }: Extended) => b.shl(extended(b, Rm, option, sf ? 64 : 32), imm3);

define(
  'ADD (extended register)',
  'sf 00 01011001 Rm option imm3 Rn Rd',
  'add <Rd|SP>, <Rn|SP>, <Rm:option>{, <extend:nd>}',
  small,
  (b, o) => b.setSP(o.Rd, b.add(b.rSP(o.Rn), extendedRm(b, o))),
).says('Adds <extended> to <Rn|SP>');
define('ADDS (extended register)', 'sf 01 01011001 Rm option imm3 Rn Rd', 'adds <Rd>, <Rn|SP>, <Rm:option>{, <extend:n>}', small, (b, o) =>
  b.set(o.Rd, b.adds(b.rSP(o.Rn), extendedRm(b, o))),
)
  .says('Adds <extended> to <Rn|SP> and sets the flags')
  .alias('cmn <Rn|SP>, <Rm:option>{, <extend:n>}', { Rd: 31 })
  .says('Compares <Rn|SP> with the negative of <extended>, by adding');
define(
  'SUB (extended register)',
  'sf 10 01011001 Rm option imm3 Rn Rd',
  'sub <Rd|SP>, <Rn|SP>, <Rm:option>{, <extend:nd>}',
  small,
  (b, o) => b.setSP(o.Rd, b.sub(b.rSP(o.Rn), extendedRm(b, o))),
).says('Subtracts <extended> from <Rn|SP>');
define('SUBS (extended register)', 'sf 11 01011001 Rm option imm3 Rn Rd', 'subs <Rd>, <Rn|SP>, <Rm:option>{, <extend:n>}', small, (b, o) =>
  b.set(o.Rd, b.subs(b.rSP(o.Rn), extendedRm(b, o))),
)
  .says('Subtracts <extended> from <Rn|SP> and sets the flags')
  .alias('cmp <Rn|SP>, <Rm:option>{, <extend:n>}', { Rd: 31 })
  .says('Compares <Rn|SP> with <extended>');

define('ADC', 'sf 00 11010000 Rm 000000 Rn Rd', 'adc <Rd>, <Rn>, <Rm>', (b, { Rd, Rn, Rm }) =>
  b.set(Rd, b.adc(b.r(Rn), b.r(Rm), false)),
).says('Adds <Rn>, <Rm> and the carry flag (C = <carry>)');
define('ADCS', 'sf 01 11010000 Rm 000000 Rn Rd', 'adcs <Rd>, <Rn>, <Rm>', (b, { Rd, Rn, Rm }) =>
  b.set(Rd, b.adc(b.r(Rn), b.r(Rm), true)),
).says('Adds <Rn>, <Rm> and the carry flag (C = <carry>), and sets the flags');
define('SBC', 'sf 10 11010000 Rm 000000 Rn Rd', 'sbc <Rd>, <Rn>, <Rm>', (b, { Rd, Rn, Rm }) =>
  b.set(Rd, b.adc(b.r(Rn), b.not(b.r(Rm)), false)),
)
  .says('Subtracts <Rm> and the borrow (C = <carry>) from <Rn>')
  .alias('ngc <Rd>, <Rm>', { Rn: 31 })
  .says('Negates <Rm>, less the borrow (C = <carry>)');
define('SBCS', 'sf 11 11010000 Rm 000000 Rn Rd', 'sbcs <Rd>, <Rn>, <Rm>', (b, { Rd, Rn, Rm }) =>
  b.set(Rd, b.adc(b.r(Rn), b.not(b.r(Rm)), true)),
)
  .says('Subtracts <Rm> and the borrow (C = <carry>) from <Rn>, and sets the flags')
  .alias('ngcs <Rd>, <Rm>', { Rn: 31 })
  .says('Negates <Rm>, less the borrow (C = <carry>), and sets the flags');
