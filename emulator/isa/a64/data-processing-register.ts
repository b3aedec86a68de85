// Arm ARM C4.1.95: Data-processing (2 source), (1 source)
import type { Builder, Int } from '../builder.ts';
import { define } from '../define.ts';

define('UDIV', 'sf 0011010110 Rm 000010 Rn Rd', 'udiv <Rd>, <Rn>, <Rm>', (b, { Rd, Rn, Rm }) => b.set(Rd, b.divU(b.r(Rn), b.r(Rm)))).says(
  'Divides <Rn> by <Rm>, both unsigned',
);
define('SDIV', 'sf 0011010110 Rm 000011 Rn Rd', 'sdiv <Rd>, <Rn>, <Rm>', (b, { Rd, Rn, Rm }) => b.set(Rd, b.divS(b.r(Rn), b.r(Rm)))).says(
  'Divides <Rn> by <Rm>, both signed',
);
/** Of the amount only the low bits count. */
const modulo =
  (text: string) =>
  ({ sf }: Readonly<Record<string, number>>): string =>
    `${text} modulo ${sf ? 64 : 32}`;
define('LSLV', 'sf 0011010110 Rm 001000 Rn Rd', 'lsl <Rd>, <Rn>, <Rm>', (b, { Rd, Rn, Rm }) => b.set(Rd, b.shl(b.r(Rn), b.r(Rm)))).says(
  modulo('Shifts <Rn> left by <Rm>'),
);
define('LSRV', 'sf 0011010110 Rm 001001 Rn Rd', 'lsr <Rd>, <Rn>, <Rm>', (b, { Rd, Rn, Rm }) => b.set(Rd, b.shr(b.r(Rn), b.r(Rm)))).says(
  modulo('Shifts <Rn> right by <Rm>'),
);
define('ASRV', 'sf 0011010110 Rm 001010 Rn Rd', 'asr <Rd>, <Rn>, <Rm>', (b, { Rd, Rn, Rm }) => b.set(Rd, b.sar(b.r(Rn), b.r(Rm)))).says(
  modulo('Shifts <Rn> right, signed, by <Rm>'),
);
define('RORV', 'sf 0011010110 Rm 001011 Rn Rd', 'ror <Rd>, <Rn>, <Rm>', (b, { Rd, Rn, Rm }) => b.set(Rd, b.ror(b.r(Rn), b.r(Rm)))).says(
  modulo('Rotates <Rn> right by <Rm>'),
);

// CRC32 and CRC32C, the polynomials 0x04c11db7 and 0x1edc6f41 bit-reversed.
for (const [C, suffix, polynomial] of [
  ['0', '', 0xedb88320],
  ['1', 'c', 0x82f63b78],
] as const) {
  for (const [sz, letter, Rm, bytes] of [
    ['00', 'b', 'W', 1],
    ['01', 'h', 'W', 2],
    ['10', 'w', 'W', 4],
    ['11', 'x', 'X', 8],
  ] as const) {
    const name = `crc32${suffix}${letter}`,
      sf = bytes === 8 ? '1' : '0';
    define(name.toUpperCase(), `${sf} 0011010110 Rm 010 ${C} ${sz} Rn Rd`, `${name} <Wd>, <Wn>, <${Rm}m>`, (b, { Rd, Rn, Rm }) =>
      b.set(Rd, b.crc32(b.w(Rn), b.x(Rm), bytes, polynomial)),
    ).says(
      `Continues the CRC-32${suffix.toUpperCase()} in <Wn> with ${bytes === 1 ? 'the lowest byte' : bytes === 8 ? 'all 8 bytes' : `the low ${bytes} bytes`} of <${Rm}m>`,
    );
  }
}

/** Swaps neighbouring groups of `by` bits; `low` marks the lower group of each pair. */
const swap = (b: Builder, x: Int, by: number, low: bigint): Int => b.or(b.and(b.shr(x, by), low), b.shl(b.and(x, low), by));
const swapBytes = (b: Builder, x: Int): Int => swap(b, x, 8, 0x00ff00ff00ff00ffn);
const swapHalves = (b: Builder, x: Int): Int => swap(b, x, 16, 0x0000ffff0000ffffn);
const reverseBytes = (b: Builder, x: Int): Int => (x.width === 64 ? b.ror(swapHalves(b, swapBytes(b, x)), 32) : b.ror(swapBytes(b, x), 16));
const reverseBitsInBytes = (b: Builder, x: Int): Int =>
  swap(b, swap(b, swap(b, x, 1, 0x5555555555555555n), 2, 0x3333333333333333n), 4, 0x0f0f0f0f0f0f0f0fn);

define('RBIT', 'sf 101101011000000000000 Rn Rd', 'rbit <Rd>, <Rn>', (b, { Rd, Rn }) =>
  b.set(Rd, reverseBytes(b, reverseBitsInBytes(b, b.r(Rn)))),
).says('Reverses the order of the bits of <Rn>');
define('REV16', 'sf 101101011000000000001 Rn Rd', 'rev16 <Rd>, <Rn>', (b, { Rd, Rn }) => b.set(Rd, swapBytes(b, b.r(Rn)))).says(
  'Swaps the two bytes of each halfword of <Rn>',
);
define('REV', '0 101101011000000000010 Rn Rd', 'rev <Wd>, <Wn>', (b, { Rd, Rn }) => b.set(Rd, reverseBytes(b, b.w(Rn)))).says(
  'Reverses the order of the bytes of <Wn>',
);
define('REV32', '1 101101011000000000010 Rn Rd', 'rev32 <Xd>, <Xn>', (b, { Rd, Rn }) =>
  b.set(Rd, swapHalves(b, swapBytes(b, b.x(Rn)))),
).says('Reverses the order of the bytes in each word of <Xn>');
define('REV', '1 101101011000000000011 Rn Rd', 'rev <Xd>, <Xn>', (b, { Rd, Rn }) => b.set(Rd, reverseBytes(b, b.x(Rn)))).says(
  'Reverses the order of the bytes of <Xn>',
);
define('CLZ', 'sf 101101011000000000100 Rn Rd', 'clz <Rd>, <Rn>', (b, { Rd, Rn }) => b.set(Rd, b.countLeadingZeros(b.r(Rn)))).says(
  'Counts the zeros above the highest 1 of <Rn>',
);
define('CLS', 'sf 101101011000000000101 Rn Rd', 'cls <Rd>, <Rn>', (b, { Rd, Rn }) =>
  b.set(Rd, b.sub(b.countLeadingZeros(b.xor(b.r(Rn), b.sar(b.r(Rn), 1))), 1)),
).says('Counts the bits right below the sign bit of <Rn> that equal it');
