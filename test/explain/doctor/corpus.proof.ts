/** Every program of `corpus/`, also those that the cross compiler builds: the counts are in test/measurements.md. */
import { expect, test } from 'vitest';
import { corpus, mistaken, nameOf } from './corpus.ts';

test.each(corpus.map((one) => [nameOf(one), one] as const))('%s', { timeout: 120_000 }, (_name, one) => {
  expect(mistaken(one).wrong).toBeUndefined();
});
