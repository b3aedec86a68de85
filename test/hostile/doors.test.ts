/** A sample of what `npm run prove` lets in by the million: every input is let in, or refused with a sentence. */
import { expect, test } from 'vitest';
import { bombs } from './bombs.ts';
import { doors, isSentence, takeProgram } from './doors.ts';
import { enterAll, secondsSince, seed } from './enter.ts';

const INPUTS = 3000;

test.each(doors)('$name: wrong ones cost a sentence', async (door) => {
  const { refused } = await enterAll(door, seed, INPUTS);
  // What is never refused was hardly wrong.
  expect(refused).toBeGreaterThan(0);
});

test.each(Object.entries(bombs))('%s: work in proportion to the file', (_, make) => {
  const bytes = make(0.005);
  const began = process.cpuUsage();
  try {
    takeProgram(bytes);
  } catch (error) {
    if (!isSentence(error)) throw error;
  }
  expect(secondsSince(began)).toBeLessThan(2);
});
