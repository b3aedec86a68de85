/** The alignment of two sequences: against the longest common subsequence by the textbook's table, and in bounded time. */
import { expect, test } from 'vitest';
import { align, type Elements, type Hunk } from '../../emulator/base/align.ts';

function aligned(a: Elements, b: Elements): Hunk[] {
  const work = align(a, b);
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** How many elements are the same; throws where the hunks are no script from one to the other. */
function commonBy(hunks: readonly Hunk[], a: Elements, b: Elements): number {
  let [x, y, common] = [0, 0, 0];
  for (const { a: from, aEnd, b: to, bEnd } of [...hunks, { a: a.length, aEnd: a.length, b: b.length, bEnd: b.length }]) {
    if (from - x !== to - y || from < x) throw new Error('the stretches between differences are not of one length');
    for (; x < from; x++, y++, common++) if (a[x] !== b[y]) throw new Error(`${x} and ${y} are not the same`);
    [x, y] = [aEnd, bEnd];
  }
  return common;
}

function longestCommon(a: Elements, b: Elements): number {
  let row = new Int32Array(b.length + 1);
  for (let i = a.length - 1; i >= 0; i--) {
    const next = new Int32Array(b.length + 1);
    for (let j = b.length - 1; j >= 0; j--) next[j] = a[i] === b[j] ? row[j + 1] + 1 : Math.max(row[j], next[j + 1]);
    row = next;
  }
  return row[0];
}

test('is a script from one to the other, and the shortest', () => {
  for (let round = 0; round < 3000; round++) {
    const kinds = 1 + Math.floor(Math.random() * 5);
    const some = (): number[] => Array.from({ length: Math.floor(Math.random() * 24) }, () => Math.floor(Math.random() * kinds));
    const [a, b] = [some(), some()];
    const common = commonBy(aligned(a, b), a, b);
    if (common !== longestCommon(a, b)) throw new Error(`not the shortest: ${JSON.stringify([a, b])}`);
  }
});

test('finds single changes among many elements', () => {
  const a = Float64Array.from({ length: 200_000 }, (_, i) => i % 97);
  const b = [...a];
  b.splice(150_000, 0, 1000);
  b.splice(70_000, 1);
  expect(aligned(a, b)).toEqual([
    { a: 70_000, aEnd: 70_001, b: 70_000, bEnd: 70_000 },
    { a: 150_000, aEnd: 150_000, b: 149_999, bEnd: 150_000 },
  ]);
});

test('of what has nothing or little in common is right all the same, in bounded time', () => {
  const random = (): Float64Array => Float64Array.from({ length: 5000 }, () => Math.floor(Math.random() * 4));
  const [a, b] = [random(), random()];
  expect(commonBy(aligned(a, b), a, b)).toBeGreaterThan(2500);
  const length = 100_000;
  const started = performance.now();
  expect(aligned(new Float64Array(length), new Float64Array(length).fill(1))).toEqual([{ a: 0, aEnd: length, b: 0, bEnd: length }]);
  // Without a bound, 2 * 10^10 steps: minutes.
  expect(performance.now() - started).toBeLessThan(30_000);
});
