/** Numbers as people type them. */
import { expect, test } from 'vitest';
import { parseNumber } from '../../emulator/base/hex.ts';

test.each([
  ['0x40', 0x40n],
  [' 0XffFF_0000 ', 0xffff_0000n],
  ['1_000', 1000n],
  ['0xffff_ffff_ffff_ffff', (1n << 64n) - 1n],
  ['0x1_0000_0000_0000_0000', undefined],
  ['0x', undefined],
  ['0x_', undefined],
  ['_1', undefined],
  ['-1', undefined],
  ['main', undefined],
])('%j is read', (text, value) => {
  expect(parseNumber(text)).toBe(value);
});
