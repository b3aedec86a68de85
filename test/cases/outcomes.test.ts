/** What programs after public reports do in our machine. */
import { expect, test } from 'vitest';
import { printed, runCase } from './case.ts';
import { outcomes } from './outcomes.ts';

test.each(outcomes)('$name $flags prints what it does on a Cortex-A53', ({ name, flags, ends, prints }) => {
  const { program, ending } = runCase(name, ...flags);
  expect(printed(program)).toBe(prints);
  expect(ending).toBe(ends);
});
