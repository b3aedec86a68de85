/** What stays the same object when a view comes anew. */
import { expect, test } from 'vitest';
import { kept } from '../../src-renderer/state/kept.ts';

const view = () => ({
  at: 5,
  floors: [
    { el: 2, notes: ['a'] },
    { el: 1, notes: ['b'] },
  ],
  none: null as null | number,
  bytes: new Uint8Array([1, 2]),
});

test('a view that says the same is the view that was there', () => {
  const before = view();
  expect(kept(before, view())).toBe(before);
});

test('of a view that differs, what has not changed is what was there', () => {
  const before = view();
  const now = view();
  now.floors[1].notes[0] = 'c';
  const result = kept(before, now);
  expect(result).toEqual(now);
  expect(result).not.toBe(before);
  expect(result.floors[0]).toBe(before.floors[0]);
  expect(result.bytes).toBe(before.bytes);
  expect(before).toEqual(view());
});

test.each([
  [{ a: 1 }, { a: 1, b: undefined }],
  [{ a: 1, b: 2 }, { a: 1 }],
  [[1, 2], [1]],
  [[1], [1, 2]],
  [[], {}],
  [{}, []],
  [new Uint8Array([1]), [1]],
  [[1], new Uint8Array([1])],
  [new Uint8Array([1, 2]), new Uint8Array([1, 3])],
  [null, {}],
  [{}, null],
  [undefined, 0],
  [0, -0],
])('%o becomes %o', (before, now) => {
  expect(kept(before, now)).toStrictEqual(now);
});
