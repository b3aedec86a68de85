/** Some of the programs of `corpus/`, in each of which the Doctor finds the mistake at its place, and in the others nothing broken. */
import { expect, test } from 'vitest';
import { corpus, mistaken, nameOf } from './corpus.ts';

/** Those that our own assembler takes; `npm run prove` has them all. */
const quick = corpus
  .filter(({ file, flags, mistake }) => file.endsWith('.s') && mistake !== undefined && flags.length === 0)
  .filter((_, i) => i % 6 === 0);
const right = corpus.filter(({ file, mistake, flags }) => file.endsWith('.s') && mistake === undefined && flags.length === 0);

test.each([...quick, ...right].map((one) => [nameOf(one), one] as const))('%s', (_name, one) => {
  expect(mistaken(one).wrong).toBeUndefined();
});
