// Arm ARM C4.1.93: branches (immediate, register, compare and branch, test and branch)
import { LR } from '../builder.ts';
import { define } from '../define.ts';
import type { Fields } from '../fields.ts';

define('B.cond', '01010100 imm19 0 cond', 'b.<cond> <label:imm19>', (b, { imm19, cond }) => b.branchIf(b.holds(cond), imm19))
  .says('Jumps to <label:imm19> if <if>')
  .flow('conditional');

define('BR', '1101011000011111000000 Rn 00000', 'br <Xn>', (b, { Rn }) => b.branchTo(b.x(Rn)))
  .says('Jumps to the address in <name:Xn>, <target>')
  .flow('jump');

define('BLR', '1101011000111111000000 Rn 00000', 'blr <Xn>', (b, { Rn }) => {
  b.set(LR, b.nextPC());
  b.branchTo(b.x(Rn));
})
  .says('Calls the function at the address in <name:Xn>, <target>')
  .flow('call');

define('RET', '1101011001011111000000 Rn 00000', 'ret <Xn>', (b, { Rn }) => b.branchTo(b.x(Rn)))
  .says('Returns to the address in <name:Xn>, <target>')
  .alias('ret', { Rn: 30 })
  .flow('return');

define('B', '000101 imm26', 'b <label:imm26>', (b, { imm26 }) => b.branch(imm26))
  .says('Jumps to <target>')
  .flow('jump');

define('BL', '100101 imm26', 'bl <label:imm26>', (b, { imm26 }) => {
  b.set(LR, b.nextPC());
  b.branch(imm26);
})
  .says('Calls <target>')
  .flow('call');

define('CBZ', 'sf 0110100 imm19 Rt', 'cbz <Rt>, <label:imm19>', (b, { Rt, imm19 }) => b.branchIf(b.isZero(b.r(Rt)), imm19))
  .says('Jumps to <label:imm19> if <Rt> is zero')
  .flow('conditional');

define('CBNZ', 'sf 0110101 imm19 Rt', 'cbnz <Rt>, <label:imm19>', (b, { Rt, imm19 }) => b.branchIf(b.notZero(b.r(Rt)), imm19))
  .says('Jumps to <label:imm19> if <Rt> is not zero')
  .flow('conditional');

const position = ({ b5, b40 }: Fields<'b5' | 'b40'>) => ({ bit: 32 * b5 + b40 });

define('TBZ', 'b5 0110110 b40 imm14 Rt', 'tbz <Rt:b5>, #<bit>, <label:imm14>', position, (b, { Rt, bit, imm14 }) =>
  b.branchIf(b.isZero(b.and(b.shr(b.x(Rt), bit), 1)), imm14),
)
  .says('Jumps to <label:imm14> if bit <bit> of <Rt:b5> is 0')
  .flow('conditional');

define('TBNZ', 'b5 0110111 b40 imm14 Rt', 'tbnz <Rt:b5>, #<bit>, <label:imm14>', position, (b, { Rt, bit, imm14 }) =>
  b.branchIf(b.notZero(b.and(b.shr(b.x(Rt), bit), 1)), imm14),
)
  .says('Jumps to <label:imm14> if bit <bit> of <Rt:b5> is 1')
  .flow('conditional');
