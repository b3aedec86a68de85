/** What the Doctor says of the programs in `silence.ts`. */
import { describe, expect, test } from 'vitest';
import { broken, examine, first, programOf } from './programs.ts';
import { mistakes, right } from './silence.ts';

describe('a mistake is the most likely cause', () => {
  test.each(mistakes)('%s: %s', (id, _what, pieces) => {
    const diagnosis = examine(programOf(pieces));
    expect(first(diagnosis)).toBe(`broken ${id}`);
    const [{ sentence, fix, evidence }] = diagnosis.findings;
    for (const text of [sentence, fix]) expect(text).toMatch(/^[A-Z].*\.$/s);
    expect(evidence.length).toBeGreaterThan(1);
  });
});

describe('nothing is broken in', () => {
  test.each(right)('%s', (_what, pieces) => {
    expect(broken(examine(programOf(pieces)))).toEqual([]);
  });
});
