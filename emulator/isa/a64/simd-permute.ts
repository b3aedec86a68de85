// Arm ARM C4.1.96, Advanced SIMD table lookup, permute, extract.
import type { Vector } from '../builder.ts';
import { allocated, define } from '../define.ts';
import { derivedRegister, every, isVector, laneBits, pick, range } from './simd-lanes.ts';

for (const [name, op, says] of [
  ['tbl', 0, 'Looks up each byte of <Vm> as an index into the bytes of <table>; indexes out of range give zero'],
  ['tbx', 1, 'Looks up each byte of <Vm> as an index into the bytes of <table>; indexes out of range leave the byte of <Vd> as it is'],
] as const)
  define(
    name.toUpperCase(),
    `0 Q 001110 00 0 Vm 0 len ${op} 00 Vn Vd`,
    `${name} <Vd>.<T=b>, <table>, <Vm>.<T=b>`,
    ({ Vn }) => ({ second: (Vn + 1) % 32, third: (Vn + 2) % 32, fourth: (Vn + 3) % 32 }),
    (b, { Q, len, Vd, Vn, Vm, second, third, fourth }) => {
      const indices = b.vector(Vm),
        tables = [Vn, ...[second, third, fourth].slice(0, len).map(derivedRegister)];
      const found = tables
        .map((r, i) => b.lookUp(b.vector(r), b.lanewise('sub', 8, indices, every(b, 8, 16 * i))))
        .reduce((all, one) => b.bitwise('or', all, one));
      const isOutside = b.lanewise('atLeastU', 8, indices, every(b, 8, 16 * tables.length));
      b.setVector(Vd, op ? b.bitSelect(isOutside, b.vector(Vd), found) : found, Q ? 128 : 64);
    },
  ).says(says);

/** Numbers of the elements, of which Vn and Vm have `count` each; Vm's come after Vn's. */
for (const [name, opcode, elements, says] of [
  ['uzp1', '001', (count, i) => 2 * i, 'Takes the even lanes of <Vn>, then those of <Vm>'],
  ['trn1', '010', (count, i) => (i & 1 ? count + i - 1 : i), 'Interleaves the even lanes of <Vn> and <Vm>'],
  ['zip1', '011', (count, i) => (i >> 1) + (i & 1 ? count : 0), 'Interleaves the lower halves of <Vn> and <Vm>'],
  ['uzp2', '101', (count, i) => 2 * i + 1, 'Takes the odd lanes of <Vn>, then those of <Vm>'],
  ['trn2', '110', (count, i) => (i & 1 ? count + i : i + 1), 'Interleaves the odd lanes of <Vn> and <Vm>'],
  ['zip2', '111', (count, i) => (i >> 1) + count / 2 + (i & 1 ? count : 0), 'Interleaves the upper halves of <Vn> and <Vm>'],
] as const satisfies [string, string, (count: number, i: number) => number, string][])
  define(
    name.toUpperCase(),
    `0 Q 001110 size 0 Vm 0 ${opcode} 10 Vn Vd`,
    `${name} <Vd>.<T>, <Vn>.<T>, <Vm>.<T>`,
    ({ size, Q }) => allocated(isVector('bhsd', size, Q)),
    (b, { Q, size, Vd, Vn, Vm }) => {
      const bits = laneBits[size],
        count = (64 << Q) / bits,
        // Where there are 64 bits the elements of Vm still start behind all 128 of Vn.
        chosen = range(count)
          .map((i) => elements(count, i))
          .map((n) => (n < count ? n : n - count + 128 / bits));
      b.setVector(Vd, pick(b, bits, b.vector(Vn), b.vector(Vm), Q ? chosen : [...chosen, ...chosen]), Q ? 128 : 64);
    },
  ).says(says);

define(
  'EXT',
  '0 Q 101110 00 0 Vm 0 lane4 0 Vn Vd',
  'ext <Vd>.<T=b>, <Vn>.<T=b>, <Vm>.<T=b>, #<lane4>',
  ({ Q, lane4 }) => allocated(Q === 1 || lane4 < 8),
  (b, { Q, lane4, Vd, Vn, Vm }) => {
    const bytes = 8 << Q,
      chosen = range(16)
        .map((i) => (i % bytes) + lane4)
        .map((n) => (n < bytes ? n : n - bytes + 16));
    const result: Vector = b.shuffle(b.vector(Vn), b.vector(Vm), chosen);
    b.setVector(Vd, result, Q ? 128 : 64);
  },
).says('Takes the bytes of <Vn> from byte <lane4> up, then those of <Vm> from byte 0');
