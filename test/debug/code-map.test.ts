/** Instructions of one build in another: moved with their function, and told from those that are new. */
import { expect, test } from 'vitest';
import { VA } from '../../emulator/base/addresses.ts';
import { CodeMap, type Build } from '../../emulator/debug/code-map.ts';
import { Symbols, type Symbol } from '../../emulator/debug/symbols.ts';

/** A build with functions one after the other, each of so many instructions. */
function build(base: bigint, functions: readonly (readonly [string, readonly number[]])[]): Build {
  const all: Symbol[] = [];
  const words: number[] = [];
  for (const [name, code] of functions) {
    all.push({ name, address: VA(base + BigInt(4 * words.length)), bytes: BigInt(4 * code.length), kind: 'function', section: '.text' });
    words.push(...code);
  }
  return {
    symbols: new Symbols('mine.elf', all),
    sections: [{ address: VA(base), data: new Uint8Array(Uint32Array.from(words).buffer) }],
  };
}

const older = build(0x1000n, [
  ['start', [1, 2]],
  ['help', [7, 8]],
  ['main', [10, 11, 12, 13, 14]],
  ['help', [9, 9, 5]],
]);
// `start` is longer, so all moves; in `main` one instruction is new, one has another operand and one is gone.
const newer = build(0x8000n, [
  ['start', [1, 2, 3]],
  ['help', [7, 8]],
  ['main', [10, 99, 11, 77, 14]],
  ['help', [9, 9, 5]],
]);
const map = new CodeMap(older, newer);
const main = 0x8000n + 20n;

test('what is in both has one name', () => {
  expect(map.inNewer(VA(main))).toBe(map.inOlder(VA(0x1010n)));
  expect(map.inNewer(VA(main + 8n))).toBe(map.inOlder(VA(0x1014n)));
  expect(map.inNewer(VA(main + 16n))).toBe(map.inOlder(VA(0x1020n)));
});
test('what is new has a name of its own', () => {
  const all = Array.from({ length: 5 }, (_, i) => map.inOlder(VA(0x1010n + BigInt(4 * i))));
  expect(all).not.toContain(map.inNewer(VA(main + 4n)));
});
test('what is nowhere in a function has its address for a name', () => {
  expect(map.inOlder(VA(0x9_0000n))).toBe('0x90000');
  expect(map.inNewer(VA(0x9_0000n))).toBe('0x90000');
});
test('functions of one name are told apart by their order', () => {
  expect(map.toNewer(VA(0x1008n))).toBe(main - 8n);
  expect(map.toNewer(VA(0x1024n))).toBe(main + 20n);
  expect(map.inOlder(VA(0x1024n))).not.toBe(map.inOlder(VA(0x1008n)));
  expect(map.inNewer(VA(main + 20n))).toBe(map.inOlder(VA(0x1024n)));
});
test('an instruction of the older build is found in the newer one, if it is there', () => {
  expect(map.toNewer(VA(0x1010n))).toBe(main);
  expect(map.toNewer(VA(0x1014n))).toBe(main + 8n);
  expect(map.toNewer(VA(0x9_0000n))).toBeUndefined();
});
