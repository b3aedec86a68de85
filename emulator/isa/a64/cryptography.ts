// Arm ARM C4.1.96, Cryptographic AES, three-register SHA, two-register SHA; the operations are those of FIPS 197 and FIPS 180-4.
import type { Builder, FunctionBuilder, Int, Vector, VectorRegister } from '../builder.ts';
import { define } from '../define.ts';
import { defineFunction } from '../functions.ts';
import { bytesOf, range } from './simd-lanes.ts';

// AES on eight bytes of the state at once, as numbers of the field GF(2^8) with x^8 = x^4 + x^3 + x + 1.

const ones = 0x0101_0101_0101_0101n;
/** Each byte times x. */
function timesX(b: FunctionBuilder, bytes: Int): Int {
  const carries = b.and(b.shr(bytes, 7), ones);
  return b.xor(b.and(b.shl(bytes, 1), ones * 0xfen), b.mul(carries, 0x1b));
}
const product = defineFunction('AESFieldProduct', [64, 64], 64, (b, x, y) => {
  let power = x,
    sum: Int = b.constant(64, 0);
  for (const bit of range(8)) {
    const mask = b.mul(b.and(b.shr(y, bit), ones), 0xff);
    sum = b.xor(sum, b.and(power, mask));
    power = timesX(b, power);
  }
  return sum;
});
/** The inverse of each byte, its power of 254; of zero it is zero. */
const inverse = defineFunction('AESFieldInverse', [64], 64, (b, x) => {
  const times = (p: Int, q: Int): Int => b.call(product, p, q),
    square = (p: Int): Int => times(p, p);
  // 254 = 2 + 4 + ... + 128
  let power = square(x),
    result = power;
  for (let i = 0; i < 6; i++) {
    power = square(power);
    result = times(result, power);
  }
  return result;
});
/** Each byte rotated left. */
function rotated(b: FunctionBuilder, bytes: Int, by: number): Int {
  const low = BigInt((0xff << by) & 0xff);
  return b.or(b.and(b.shl(bytes, by), ones * low), b.and(b.shr(bytes, 8 - by), ones * (0xffn ^ low)));
}
const xorOf = (b: FunctionBuilder, ...values: Int[]): Int => values.reduce((x, y) => b.xor(x, y));
const subBytes = defineFunction('AESSubBytes', [64], 64, (b, x) => {
  const y = b.call(inverse, x);
  return b.xor(xorOf(b, y, ...[1, 2, 3, 4].map((by) => rotated(b, y, by))), ones * 0x63n);
});
const invSubBytes = defineFunction('AESInvSubBytes', [64], 64, (b, x) =>
  b.call(inverse, b.xor(xorOf(b, ...[1, 3, 6].map((by) => rotated(b, x, by))), ones * 0x05n)),
);
/** In each column of four bytes the one that comes `by` bytes later. */
function laterInColumn(b: FunctionBuilder, bytes: Int, by: number): Int {
  const low = (0xffff_ffffn >> BigInt(8 * by)) * 0x1_0000_0001n;
  return b.or(b.and(b.shr(bytes, 8 * by), low), b.and(b.shl(bytes, 32 - 8 * by), ~low));
}
const mixColumns = defineFunction('AESMixColumns', [64], 64, (b, x) => {
  const [next, second, third] = [1, 2, 3].map((by) => laterInColumn(b, x, by));
  return xorOf(b, timesX(b, b.xor(x, next)), next, second, third);
});
const invMixColumns = defineFunction('AESInvMixColumns', [64], 64, (b, x) => {
  // Its matrix is that of MixColumns times the one that adds 4 (x + second) to each byte.
  const fourfold = timesX(b, timesX(b, b.xor(x, laterInColumn(b, x, 2))));
  return b.call(mixColumns, b.xor(x, fourfold));
});

/** Byte i of the state comes from here: ShiftRows and its inverse, which move row r of four columns by r. */
const shiftedRows = (step: 5 | 13): number[] => range(16).map((i) => (i * step) % 16);

for (const [name, opcode, step, substitute, says] of [
  [
    'aese',
    '00100',
    5,
    subBytes,
    'Does one round of AES encryption with the round key <Vn> on <Vd>, adding the key, shifting rows and substituting bytes',
  ],
  [
    'aesd',
    '00101',
    13,
    invSubBytes,
    'Does one round of AES decryption with the round key <Vn> on <Vd>, adding the key and undoing the shift of rows and the substitution of bytes',
  ],
] as const)
  define(name.toUpperCase(), `01001110 00 10100 ${opcode} 10 Vn Vd`, `${name} <Vd>.16b, <Vn>.16b`, (b, { Vd, Vn }) => {
    // The substitution is the same for all bytes, so it may come before the rows move.
    const state = range(2).map((half) => b.call(substitute, b.xor(b.lane(Vd, 64, half), b.lane(Vn, 64, half))));
    const byte = (i: number): Int => b.wrap(b.shr(state[i >> 3], (i & 7) * 8));
    b.setLanes(Vd, 8, shiftedRows(step).map(byte));
  }).says(says);
for (const [name, opcode, mix, says] of [
  ['aesmc', '00110', mixColumns, 'Mixes the columns of the AES state <Vn>'],
  ['aesimc', '00111', invMixColumns, 'Undoes the mixing of columns in the AES state <Vn>'],
] as const)
  define(name.toUpperCase(), `01001110 00 10100 ${opcode} 10 Vn Vd`, `${name} <Vd>.16b, <Vn>.16b`, (b, { Vd, Vn }) =>
    b.setLanes(
      Vd,
      64,
      range(2).map((half) => b.call(mix, b.lane(Vn, 64, half))),
    ),
  ).says(says);

// SHA: words of 32 bits
const words = (b: Builder, r: VectorRegister): Int[] => range(4).map((i) => b.lane(r, 32, i));
const rol = (b: Builder, x: Int, by: number): Int => b.ror(x, 32 - by);
type Choice = (b: Builder, x: Int, y: Int, z: Int) => Int;
const choose: Choice = (b, x, y, z) => b.xor(b.and(b.xor(y, z), x), z);
const parity: Choice = (b, x, y, z) => xorOf(b, x, y, z);
const majority: Choice = (b, x, y, z) => b.or(b.and(x, y), b.and(b.or(x, y), z));

for (const [name, opcode, mix, says] of [
  ['sha1c', '000', choose, 'choose'],
  ['sha1p', '001', parity, 'parity'],
  ['sha1m', '010', majority, 'majority'],
] as const)
  define(name.toUpperCase(), `01011110 00 0 Vm 0 ${opcode} 00 Vn Vd`, `${name} <Qd>, <Sn>, <Vm>.4s`, (b, { Vd, Vn, Vm }) => {
    let [x0, x1, x2, x3] = words(b, Vd),
      y = b.lane(Vn, 32, 0);
    for (const w of words(b, Vm)) {
      const t = [rol(b, x0, 5), mix(b, x1, x2, x3), w].reduce((sum, term) => b.add(sum, term), y);
      [y, x3, x2, x1, x0] = [x3, x2, rol(b, x1, 30), x0, t];
    }
    b.setLanes(Vd, 32, [x0, x1, x2, x3]);
  }).says(`Does four rounds of SHA-1 (${says}) on the state in <Qd> and <Sn> with the words of <Vm>`);

/** SHA256hash(): four rounds on two halves of the state. */
function sha256(b: Builder, low: VectorRegister, high: VectorRegister, schedule: VectorRegister): readonly [Int[], Int[]] {
  const sigma = (x: Int, ...by: number[]): Int => xorOf(b, ...by.map((n) => b.ror(x, n)));
  let [x0, x1, x2, x3] = words(b, low),
    [y0, y1, y2, y3] = words(b, high);
  for (const w of words(b, schedule)) {
    const t = [sigma(y0, 6, 11, 25), choose(b, y0, y1, y2), w].reduce((sum, term) => b.add(sum, term), y3);
    const top = b.add(b.add(t, sigma(x0, 2, 13, 22)), majority(b, x0, x1, x2));
    [y3, y2, y1, y0, x3, x2, x1, x0] = [y2, y1, y0, b.add(x3, t), x2, x1, x0, top];
  }
  return [
    [x0, x1, x2, x3],
    [y0, y1, y2, y3],
  ];
}
define('SHA256H', '01011110 00 0 Vm 0 100 00 Vn Vd', 'sha256h <Qd>, <Qn>, <Vm>.4s', (b, { Vd, Vn, Vm }) =>
  b.setLanes(Vd, 32, sha256(b, Vd, Vn, Vm)[0]),
).says('Does four rounds of SHA-256 on the state in <Qd> and <Qn> with the words of <Vm>, and keeps its first half');
define('SHA256H2', '01011110 00 0 Vm 0 101 00 Vn Vd', 'sha256h2 <Qd>, <Qn>, <Vm>.4s', (b, { Vd, Vn, Vm }) =>
  b.setLanes(Vd, 32, sha256(b, Vn, Vd, Vm)[1]),
).says('Does four rounds of SHA-256 on the state in <Qn> and <Qd> with the words of <Vm>, and keeps its second half');

/** The doubleword above and the one below, of two registers. */
const joined = (b: Builder, low: Vector, high: Vector): Vector => b.shuffle(low, high, bytesOf([1, 2], 64));
define('SHA1SU0', '01011110 00 0 Vm 0 011 00 Vn Vd', 'sha1su0 <Vd>.4s, <Vn>.4s, <Vm>.4s', (b, { Vd, Vn, Vm }) => {
  const d = b.vector(Vd);
  b.setVector(Vd, b.bitwise('xor', b.bitwise('xor', joined(b, d, b.vector(Vn)), d), b.vector(Vm)), 128);
}).says('Does the first half of four steps of the SHA-1 schedule, on <Vd>, <Vn> and <Vm>');
/** One of the two functions of the SHA-256 schedule. */
const scheduled = (b: Builder, x: Int, first: number, second: number, shift: number): Int =>
  xorOf(b, b.ror(x, first), b.ror(x, second), b.shr(x, shift));
define('SHA256SU1', '01011110 00 0 Vm 0 110 00 Vn Vd', 'sha256su1 <Vd>.4s, <Vn>.4s, <Vm>.4s', (b, { Vd, Vn, Vm }) => {
  const [d, n, m] = [words(b, Vd), words(b, Vn), words(b, Vm)],
    result: Int[] = [];
  for (const i of range(4)) {
    const from = i < 2 ? m[i + 2] : result[i - 2];
    result.push(b.add(b.add(scheduled(b, from, 17, 19, 10), d[i]), i < 3 ? n[i + 1] : m[0]));
  }
  b.setLanes(Vd, 32, result);
}).says('Does the second half of four steps of the SHA-256 schedule, on <Vd>, <Vn> and <Vm>');
define('SHA256SU0', '01011110 00 10100 00010 10 Vn Vd', 'sha256su0 <Vd>.4s, <Vn>.4s', (b, { Vd, Vn }) => {
  const d = words(b, Vd),
    next = [...d.slice(1), b.lane(Vn, 32, 0)];
  b.setLanes(
    Vd,
    32,
    d.map((x, i) => b.add(x, scheduled(b, next[i], 7, 18, 3))),
  );
}).says('Does the first half of four steps of the SHA-256 schedule, on <Vd> and <Vn>');
define('SHA1H', '01011110 00 10100 00000 10 Vn Vd', 'sha1h <Sd>, <Sn>', (b, { Vd, Vn }) =>
  b.setLanes(Vd, 32, [rol(b, b.lane(Vn, 32, 0), 30)]),
).says('Rotates <Sn> left by 30, as SHA-1 needs it after four rounds');
define('SHA1SU1', '01011110 00 10100 00001 10 Vn Vd', 'sha1su1 <Vd>.4s, <Vn>.4s', (b, { Vd, Vn }) => {
  const d = words(b, Vd),
    n = words(b, Vn),
    [x0, x1, x2] = range(3).map((i) => rol(b, b.xor(d[i], n[i + 1]), 1));
  b.setLanes(Vd, 32, [x0, x1, x2, b.xor(rol(b, d[3], 1), rol(b, x0, 1))]);
}).says('Does the second half of four steps of the SHA-1 schedule, on <Vd> and <Vn>');
