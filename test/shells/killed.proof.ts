/** Killed at any moment, runs lose at most their last second: `--record` of the command line, and the session of a page. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { busyProgram, killedRun, killedSession, outputOf } from './killed.ts';

/** Moments of each of the two. */
const MOMENTS = 100;
const LONGEST_MS = 4000;

const folder = mkdtempSync(join(tmpdir(), 'elscope-killed-'));
const elf = join(folder, 'busy.elf');
writeFileSync(elf, busyProgram);
afterAll(() => rmSync(folder, { recursive: true }));

test(`a recording, at ${MOMENTS} moments`, { timeout: MOMENTS * 20_000 }, async () => {
  for (let i = 0; i < MOMENTS; i++) {
    const after = Math.random() * LONGEST_MS;
    const { recording, had } = await killedRun(elf, join(folder, `${i}.elrec`), after);
    expect(outputOf(recording), `killed after ${after} ms`).toBeGreaterThanOrEqual(had);
  }
});

test(`a session, at ${MOMENTS} moments`, { timeout: MOMENTS * 20_000 }, async () => {
  for (let i = 0; i < MOMENTS; i++) {
    const after = Math.random() * LONGEST_MS;
    const { recording, seen } = await killedSession(elf, mkdtempSync(join(folder, 'state-')), after);
    expect(recording.reached, `killed after ${after} ms`).toBeGreaterThanOrEqual(seen.end);
    expect(recording.inputs.length, `killed after ${after} ms`).toBeGreaterThanOrEqual(seen.inputs);
  }
});
