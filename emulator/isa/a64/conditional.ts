// Arm ARM C4.1.95: Conditional compare, conditional select
import { define } from '../define.ts';

define('CCMN (register)', 'sf 0111010010 Rm cond 00 Rn 0 nzcv', 'ccmn <Rn>, <Rm>, #<nzcv>, <cond>', (b, { Rn, Rm, nzcv, cond }) =>
  b.compareIf(b.holds(cond), 'add', b.r(Rn), b.r(Rm), nzcv),
);
define('CCMP (register)', 'sf 1111010010 Rm cond 00 Rn 0 nzcv', 'ccmp <Rn>, <Rm>, #<nzcv>, <cond>', (b, { Rn, Rm, nzcv, cond }) =>
  b.compareIf(b.holds(cond), 'sub', b.r(Rn), b.r(Rm), nzcv),
);
define('CCMN (immediate)', 'sf 0111010010 imm5 cond 10 Rn 0 nzcv', 'ccmn <Rn>, #<imm5>, #<nzcv>, <cond>', (b, { Rn, imm5, nzcv, cond }) =>
  b.compareIf(b.holds(cond), 'add', b.r(Rn), imm5, nzcv),
);
define('CCMP (immediate)', 'sf 1111010010 imm5 cond 10 Rn 0 nzcv', 'ccmp <Rn>, #<imm5>, #<nzcv>, <cond>', (b, { Rn, imm5, nzcv, cond }) =>
  b.compareIf(b.holds(cond), 'sub', b.r(Rn), imm5, nzcv),
);

type Seen = Readonly<Record<string, number>>;
/** AL and NV have no inverse to write. */
const invertible = ({ cond }: Seen): boolean => cond < 14;
const sameRegister = ({ Rn }: Seen) => ({ Rm: Rn });

define('CSEL', 'sf 0011010100 Rm cond 00 Rn Rd', 'csel <Rd>, <Rn>, <Rm>, <cond>', (b, { Rd, Rn, Rm, cond }) =>
  b.set(Rd, b.choose(b.holds(cond), b.r(Rn), b.r(Rm))),
);
define('CSINC', 'sf 0011010100 Rm cond 01 Rn Rd', 'csinc <Rd>, <Rn>, <Rm>, <cond>', (b, { Rd, Rn, Rm, cond }) =>
  b.set(Rd, b.choose(b.holds(cond), b.r(Rn), b.add(b.r(Rm), 1))),
)
  .alias('cset <Rd>, <inverse>', { Rn: 31, Rm: 31 }, invertible)
  .alias('cinc <Rd>, <Rn>, <inverse>', sameRegister, invertible);
define('CSINV', 'sf 1011010100 Rm cond 00 Rn Rd', 'csinv <Rd>, <Rn>, <Rm>, <cond>', (b, { Rd, Rn, Rm, cond }) =>
  b.set(Rd, b.choose(b.holds(cond), b.r(Rn), b.not(b.r(Rm)))),
)
  .alias('csetm <Rd>, <inverse>', { Rn: 31, Rm: 31 }, invertible)
  .alias('cinv <Rd>, <Rn>, <inverse>', sameRegister, invertible);
define('CSNEG', 'sf 1011010100 Rm cond 01 Rn Rd', 'csneg <Rd>, <Rn>, <Rm>, <cond>', (b, { Rd, Rn, Rm, cond }) =>
  b.set(Rd, b.choose(b.holds(cond), b.r(Rn), b.sub(0, b.r(Rm)))),
).alias('cneg <Rd>, <Rn>, <inverse>', sameRegister, invertible);
