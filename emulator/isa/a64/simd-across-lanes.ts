// Arm ARM C4.1.96, Advanced SIMD across lanes and scalar pairwise: integers.
import type { Builder, Int } from '../builder.ts';
import { allocated, define } from '../define.ts';
import { element, laneBits, range, type Bits5 } from './simd-lanes.ts';

type Operation = (b: Builder, x: Int, y: Int) => Int;
const sum: Operation = (b, x, y) => b.add(x, y);
const rows: readonly [name: string, U: 0 | 1, opcode: Bits5, isLong: boolean, operation: Operation, says: string][] = [
  ['addv', 0, '11011', false, sum, 'Adds the lanes of <Vn>'],
  ['saddlv', 0, '00011', true, sum, 'Adds the lanes of <Vn>, at twice their width, signed'],
  ['uaddlv', 1, '00011', true, sum, 'Adds the lanes of <Vn>, at twice their width, unsigned'],
  ['smaxv', 0, '01010', false, (b, x, y) => b.choose(b.less(x, y), y, x), 'Takes the greatest lane of <Vn>, signed'],
  ['umaxv', 1, '01010', false, (b, x, y) => b.choose(b.less(x, y), y, x), 'Takes the greatest lane of <Vn>, unsigned'],
  ['sminv', 0, '11010', false, (b, x, y) => b.choose(b.less(x, y), x, y), 'Takes the smallest lane of <Vn>, signed'],
  ['uminv', 1, '11010', false, (b, x, y) => b.choose(b.less(x, y), x, y), 'Takes the smallest lane of <Vn>, unsigned'],
];
for (const [name, U, opcode, isLong, operation, says] of rows)
  define(
    name.toUpperCase(),
    `0 Q ${U} 01110 size 11000 ${opcode} 10 Vn Vd`,
    `${name} <Vd:size${isLong ? '+1' : ''}>, <Vn>.<T>`,
    ({ size, Q }) => allocated(size < 2 || (size === 2 && Q === 1)),
    (b, { Q, size, Vd, Vn }) => {
      const bits = laneBits[size],
        lanes = range((64 << Q) / bits).map((i) => element(b, Vn, bits, i, U === 1));
      b.setLanes(Vd, laneBits[isLong ? size + 1 : size], [lanes.reduce((x, y) => operation(b, x, y))]);
    },
  ).says(says);
define('ADDP (scalar)', '01 0 11110 11 11000 11011 10 Vn Vd', 'addp <Dd>, <Vn>.2d', (b, { Vd, Vn }) =>
  b.setLanes(Vd, 64, [b.add(b.lane(Vn, 64, 0), b.lane(Vn, 64, 1))]),
).says('Adds both lanes of <Vn>');
