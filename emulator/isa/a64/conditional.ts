// Arm ARM C4.1.95: Conditional compare, conditional select
import { define } from '../define.ts';

define('CCMN (register)', 'sf 0111010010 Rm cond 00 Rn 0 nzcv', 'ccmn <Rn>, <Rm>, #<nzcv>, <cond>', (b, { Rn, Rm, nzcv, cond }) =>
  b.compareIf(b.holds(cond), 'add', b.r(Rn), b.r(Rm), nzcv),
).says('Compares <Rn> with the negative of <Rm> if <if>, else sets NZCV to <nzcv>: <holds>, so <result>');
define('CCMP (register)', 'sf 1111010010 Rm cond 00 Rn 0 nzcv', 'ccmp <Rn>, <Rm>, #<nzcv>, <cond>', (b, { Rn, Rm, nzcv, cond }) =>
  b.compareIf(b.holds(cond), 'sub', b.r(Rn), b.r(Rm), nzcv),
).says('Compares <Rn> with <Rm> if <if>, else sets NZCV to <nzcv>: <holds>, so <result>');
define('CCMN (immediate)', 'sf 0111010010 imm5 cond 10 Rn 0 nzcv', 'ccmn <Rn>, #<imm5>, #<nzcv>, <cond>', (b, { Rn, imm5, nzcv, cond }) =>
  b.compareIf(b.holds(cond), 'add', b.r(Rn), imm5, nzcv),
).says('Compares <Rn> with -<imm5> if <if>, else sets NZCV to <nzcv>: <holds>, so <result>');
define('CCMP (immediate)', 'sf 1111010010 imm5 cond 10 Rn 0 nzcv', 'ccmp <Rn>, #<imm5>, #<nzcv>, <cond>', (b, { Rn, imm5, nzcv, cond }) =>
  b.compareIf(b.holds(cond), 'sub', b.r(Rn), imm5, nzcv),
).says('Compares <Rn> with <imm5> if <if>, else sets NZCV to <nzcv>: <holds>, so <result>');

type Seen = Readonly<Record<string, number>>;
/** AL and NV have no inverse to write. */
const invertible = ({ cond }: Seen): boolean => cond < 14;
const sameRegister = ({ Rn }: Seen) => ({ Rm: Rn });

define('CSEL', 'sf 0011010100 Rm cond 00 Rn Rd', 'csel <Rd>, <Rn>, <Rm>, <cond>', (b, { Rd, Rn, Rm, cond }) =>
  b.set(Rd, b.choose(b.holds(cond), b.r(Rn), b.r(Rm))),
).says('Picks <Rn> if <if>, else <Rm>: <holds>, so <result>');
define('CSINC', 'sf 0011010100 Rm cond 01 Rn Rd', 'csinc <Rd>, <Rn>, <Rm>, <cond>', (b, { Rd, Rn, Rm, cond }) =>
  b.set(Rd, b.choose(b.holds(cond), b.r(Rn), b.add(b.r(Rm), 1))),
)
  .says('Picks <Rn> if <if>, else <Rm> plus 1: <holds>, so <result>')
  .alias('cset <Rd>, <inverse>', { Rn: 31, Rm: 31 }, invertible)
  .says('Sets <name:Rd> to 1 if <unless>, else to 0')
  .alias('cinc <Rd>, <Rn>, <inverse>', sameRegister, invertible)
  .says('Takes <Rn>, plus 1 if <unless>');
define('CSINV', 'sf 1011010100 Rm cond 00 Rn Rd', 'csinv <Rd>, <Rn>, <Rm>, <cond>', (b, { Rd, Rn, Rm, cond }) =>
  b.set(Rd, b.choose(b.holds(cond), b.r(Rn), b.not(b.r(Rm)))),
)
  .says('Picks <Rn> if <if>, else the inverse of <Rm>: <holds>, so <result>')
  .alias('csetm <Rd>, <inverse>', { Rn: 31, Rm: 31 }, invertible)
  .says('Sets all bits of <name:Rd> if <unless>, else clears them')
  .alias('cinv <Rd>, <Rn>, <inverse>', sameRegister, invertible)
  .says('Takes <Rn>, with all bits inverted if <unless>');
define('CSNEG', 'sf 1011010100 Rm cond 01 Rn Rd', 'csneg <Rd>, <Rn>, <Rm>, <cond>', (b, { Rd, Rn, Rm, cond }) =>
  b.set(Rd, b.choose(b.holds(cond), b.r(Rn), b.sub(0, b.r(Rm)))),
)
  .says('Picks <Rn> if <if>, else the negative of <Rm>: <holds>, so <result>')
  .alias('cneg <Rd>, <Rn>, <inverse>', sameRegister, invertible)
  .says('Takes <Rn>, negated if <unless>');
