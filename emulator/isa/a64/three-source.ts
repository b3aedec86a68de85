// Arm ARM C4.1.95: Data-processing (3 source)
import { define } from '../define.ts';

define('MADD', 'sf 0011011000 Rm 0 Ra Rn Rd', 'madd <Rd>, <Rn>, <Rm>, <Ra>', (b, { Rd, Rn, Rm, Ra }) =>
  b.set(Rd, b.add(b.r(Ra), b.mul(b.r(Rn), b.r(Rm)))),
)
  .says('Multiplies <Rn> by <Rm> and adds <Ra>')
  .alias('mul <Rd>, <Rn>, <Rm>', { Ra: 31 })
  .says('Multiplies <Rn> by <Rm>');
define('MSUB', 'sf 0011011000 Rm 1 Ra Rn Rd', 'msub <Rd>, <Rn>, <Rm>, <Ra>', (b, { Rd, Rn, Rm, Ra }) =>
  b.set(Rd, b.sub(b.r(Ra), b.mul(b.r(Rn), b.r(Rm)))),
)
  .says('Multiplies <Rn> by <Rm> and subtracts the product from <Ra>')
  .alias('mneg <Rd>, <Rn>, <Rm>', { Ra: 31 })
  .says('Multiplies <Rn> by <Rm> and negates the product');
define('SMADDL', '10011011001 Rm 0 Ra Rn Rd', 'smaddl <Xd>, <Wn>, <Wm>, <Xa>', (b, { Rd, Rn, Rm, Ra }) =>
  b.set(Rd, b.add(b.x(Ra), b.mul(b.signExtend(b.w(Rn)), b.signExtend(b.w(Rm))))),
)
  .says('Multiplies <Wn> by <Wm>, signed, and adds <Xa>')
  .alias('smull <Xd>, <Wn>, <Wm>', { Ra: 31 })
  .says('Multiplies <Wn> by <Wm>, signed, to 64 bits');
define('SMSUBL', '10011011001 Rm 1 Ra Rn Rd', 'smsubl <Xd>, <Wn>, <Wm>, <Xa>', (b, { Rd, Rn, Rm, Ra }) =>
  b.set(Rd, b.sub(b.x(Ra), b.mul(b.signExtend(b.w(Rn)), b.signExtend(b.w(Rm))))),
)
  .says('Multiplies <Wn> by <Wm>, signed, and subtracts the product from <Xa>')
  .alias('smnegl <Xd>, <Wn>, <Wm>', { Ra: 31 })
  .says('Multiplies <Wn> by <Wm>, signed, and negates the product');
define('UMADDL', '10011011101 Rm 0 Ra Rn Rd', 'umaddl <Xd>, <Wn>, <Wm>, <Xa>', (b, { Rd, Rn, Rm, Ra }) =>
  b.set(Rd, b.add(b.x(Ra), b.mul(b.zeroExtend(b.w(Rn)), b.zeroExtend(b.w(Rm))))),
)
  .says('Multiplies <Wn> by <Wm>, unsigned, and adds <Xa>')
  .alias('umull <Xd>, <Wn>, <Wm>', { Ra: 31 })
  .says('Multiplies <Wn> by <Wm>, unsigned, to 64 bits');
define('UMSUBL', '10011011101 Rm 1 Ra Rn Rd', 'umsubl <Xd>, <Wn>, <Wm>, <Xa>', (b, { Rd, Rn, Rm, Ra }) =>
  b.set(Rd, b.sub(b.x(Ra), b.mul(b.zeroExtend(b.w(Rn)), b.zeroExtend(b.w(Rm))))),
)
  .says('Multiplies <Wn> by <Wm>, unsigned, and subtracts the product from <Xa>')
  .alias('umnegl <Xd>, <Wn>, <Wm>', { Ra: 31 })
  .says('Multiplies <Wn> by <Wm>, unsigned, and negates the product');
define('SMULH', '10011011010 Rm 0 +++++ Rn Rd', 'smulh <Xd>, <Xn>, <Xm>', (b, { Rd, Rn, Rm }) =>
  b.set(Rd, b.mulHigh(b.x(Rn), b.x(Rm), true)),
).says('Multiplies <Xn> by <Xm>, signed, and takes the upper 64 bits of the product');
define('UMULH', '10011011110 Rm 0 +++++ Rn Rd', 'umulh <Xd>, <Xn>, <Xm>', (b, { Rd, Rn, Rm }) =>
  b.set(Rd, b.mulHigh(b.x(Rn), b.x(Rm), false)),
).says('Multiplies <Xn> by <Xm>, unsigned, and takes the upper 64 bits of the product');
