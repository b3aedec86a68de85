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

test.each([
  [
    'prints the same letter for ever',
    ['movz x1, #0x900, lsl #16', 'mov w0, #0x41', 'strb w0, [x1]', 'b 0x40080008'],
    'The program is running.',
  ],
  ['stands in a branch to itself', ['nop', 'b .'], 'The processor stays in a branch to itself at 0x40080004.'],
  [
    'goes round and changes nothing',
    ['nop', 'nop', 'b 0x40080000'],
    /^The processor repeats the same instructions at 0x4008000[048] for ever, and nothing changes by them\./,
  ],
] as const)('a program that %s is told from the others', (_what, main, standing) => {
  expect(examine(programOf({ main: [...main] })).standing).toMatch(standing);
});

test('a return to AArch32, which is not built, stops the machine at the same instant in the same state, however the run is cut', () => {
  const [, , pieces] = mistakes.find(([, what]) => what.endsWith('an AArch32 mode'))!;
  const [whole, cut] = [programOf(pieces), programOf(pieces)];
  expect(whole.timeline.forward(1000)).toBe('end');
  while (cut.timeline.forward(1) === 'budget');
  expect(cut.timeline.at).toBe(whole.timeline.at);
  expect(cut.machine.stop).toMatchObject({ kind: 'not-built' });
  expect(cut.machine.stateHash()).toBe(whole.machine.stateHash());
  cut.timeline.seek(0);
  cut.timeline.seek(whole.timeline.at);
  expect(cut.machine.stop).toMatchObject({ kind: 'not-built' });
});
