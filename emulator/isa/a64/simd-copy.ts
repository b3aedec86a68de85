// Arm ARM C4.1.96, Advanced SIMD copy and scalar copy. The lowest one of imm5 (here lane5) gives the size of an element, the bits above it
// the index.
import type { Builder, Register, VectorRegister } from '../builder.ts';
import { allocated, define } from '../define.ts';
import { hasSize, isVector, laneBits, type Sizes } from './simd-lanes.ts';

const sizeOf = (lane5: number): number => 31 - Math.clz32(lane5 & -lane5);
const element = (lane5: number): { readonly bits: 8 | 16 | 32 | 64; readonly index: number } => ({
  bits: laneBits[sizeOf(lane5)],
  index: lane5 >> (sizeOf(lane5) + 1),
});
const has = (sizes: Sizes, lane5: number): boolean => (lane5 & 15) !== 0 && hasSize(sizes, sizeOf(lane5));
const general = (b: Builder, r: Register, bits: number) => (bits === 64 ? b.x(r) : b.w(r));

define(
  'DUP (element)',
  '0 Q 0 01110000 lane5 0 0000 1 Vn Vd',
  'dup <Vd>.<T>, <Vn>.<Ts>[<lane>]',
  ({ Q, lane5 }) => allocated(has('bhsd', lane5) && isVector('bhsd', sizeOf(lane5), Q)),
  (b, { Q, lane5, Vd, Vn }) => {
    const { bits, index } = element(lane5);
    b.setVector(Vd, b.splat(bits, b.lane(Vn, bits, index)), Q ? 128 : 64);
  },
).says('Copies lane <lane> of <Vn> to every lane');
define(
  'DUP (general)',
  '0 Q 0 01110000 lane5 0 0001 1 Rn Vd',
  'dup <Vd>.<T>, <Rn:lane5>',
  ({ Q, lane5 }) => allocated(has('bhsd', lane5) && isVector('bhsd', sizeOf(lane5), Q)),
  (b, { Q, lane5, Vd, Rn }) => {
    const { bits } = element(lane5);
    b.setVector(Vd, b.splat(bits, general(b, Rn, bits)), Q ? 128 : 64);
  },
).says('Copies <Rn:lane5> to every lane');
define(
  'INS (general)',
  '0 1 0 01110000 lane5 0 0011 1 Rn Vd',
  'mov <Vd>.<Ts>[<lane>], <Rn:lane5>',
  ({ lane5 }) => allocated(has('bhsd', lane5)),
  (b, { lane5, Vd, Rn }) => {
    const { bits, index } = element(lane5);
    b.setLane(Vd, bits, index, general(b, Rn, bits));
  },
).says('Copies <Rn:lane5> to lane <lane> of <Vd>');
define(
  'INS (element)',
  '0 1 1 01110000 lane5 0 lane4 1 Vn Vd',
  'mov <Vd>.<Ts>[<lane>], <Vn>.<Ts>[<source>]',
  ({ lane5 }) => allocated(has('bhsd', lane5)),
  (b, { lane5, lane4, Vd, Vn }) => {
    const { bits, index } = element(lane5);
    b.setLane(Vd, bits, index, b.lane(Vn, bits, lane4 >> sizeOf(lane5)));
  },
).says('Copies lane <source> of <Vn> to lane <lane> of <Vd>');

const moved = (b: Builder, Rd: Register, Vn: VectorRegister, lane5: number, Q: number, isSigned: boolean): void => {
  const { bits, index } = element(lane5),
    value = isSigned ? b.signedLane(Vn, bits, index) : b.lane(Vn, bits, index);
  b.set(Rd, isSigned && Q ? b.signExtend(value) : value);
};
define(
  'SMOV',
  '0 Q 0 01110000 lane5 0 0101 1 Vn Rd',
  'smov <Rd:Q>, <Vn>.<Ts>[<lane>]',
  ({ Q, lane5 }) => allocated(has(Q ? 'bhs' : 'bh', lane5)),
  (b, { Q, lane5, Rd, Vn }) => moved(b, Rd, Vn, lane5, Q, true),
).says('Copies lane <lane> of <Vn> to <name:Rd:Q>, sign-extended');
define(
  'UMOV',
  '0 Q 0 01110000 lane5 0 0111 1 Vn Rd',
  'umov <Rd:Q>, <Vn>.<Ts>[<lane>]',
  ({ Q, lane5 }) => allocated(has(Q ? 'd' : 'bhs', lane5)),
  (b, { Q, lane5, Rd, Vn }) => moved(b, Rd, Vn, lane5, Q, false),
)
  .says('Copies lane <lane> of <Vn> to <name:Rd:Q>')
  .alias('mov <Rd:Q>, <Vn>.<Ts>[<lane>]', {}, ({ lane5 }) => (lane5 & 3) === 0);
define(
  'DUP (scalar)',
  '01 0 11110000 lane5 0 0000 1 Vn Vd',
  'mov <Vd:size>, <Vn>.<Ts>[<lane>]',
  ({ lane5 }) => allocated(has('bhsd', lane5)),
  (b, { lane5, Vd, Vn }) => {
    const { bits, index } = element(lane5);
    b.setLanes(Vd, bits, [b.lane(Vn, bits, index)]);
  },
).says('Copies lane <lane> of <Vn> to <name:Vd:size>');
