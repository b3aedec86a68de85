/** Every lab as an exercise: with many seeds the right cause is among four that differ, and the Doctor has found something to tell. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Guide } from '../../emulator/session/guide.ts';
import { noHost } from '../../emulator/session/host.ts';
import type { Program } from '../../emulator/session/program.ts';
import { labsOf } from '../../emulator/session/teaching.ts';

const firmware = join(import.meta.dirname, '../../firmware');
const labs = labsOf(JSON.parse(readFileSync(join(firmware, 'labs/labs.json'), 'utf8')));

test('there are 37', () => expect(labs.length).toBe(37));

test.each(labs)('$id', { timeout: 120_000 }, async ({ id, wrong }) => {
  let program: Program | undefined;
  const session = {
    get program() {
      return program;
    },
    host: {
      ...noHost,
      scenarioImage: (file: string) => Promise.resolve(new Uint8Array(readFileSync(join(firmware, 'prebuilt', file)))),
      teaching: () => Promise.resolve({ lessons: [], labs }),
    },
    changed: () => undefined,
    show: (one: Program) => void (program = one),
  };
  const guide = new Guide(session);
  for (let seed = 1; seed <= 5; seed++) {
    await guide.askLab(id, seed);
    const { choices } = guide.view().question!;
    expect(new Set(choices).size).toBe(4);
    guide.answer(choices.indexOf(wrong));
    const { answer } = guide.view().question!;
    expect(answer!.right).toBe(answer!.chosen);
    expect(answer!.facts.length).toBeGreaterThan(0);
  }
});
