import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verifyIsa } from '../../emulator/index.ts';
import { coverageTable } from './coverage.ts';
import { flipped, loadVectors } from './vectors.ts';

/** The recorder's full set, beside the checkout where there is one. */
const full = join(import.meta.dirname, '../../../shared/vectors/isa');
const sample = loadVectors(join(import.meta.dirname, 'sample'));

describe('single instructions agree with QEMU', () => {
  test('a sample of all of them', { timeout: 60_000 }, () => {
    const { passed, failed, failures, informational } = verifyIsa(sample);
    expect(failures).toEqual([]);
    expect({ failed, enough: passed > 4000 }).toEqual({ failed: 0, enough: true });
    expect(Object.values(informational).reduce((sum, count) => sum + count, 0)).toBeLessThan(passed / 50);
  });

  test.skipIf(!existsSync(full) || process.env['PROVE'] === undefined)('the full set', { timeout: 600_000 }, () => {
    const { passed, failed, failures, informational, classes } = verifyIsa(loadVectors(full));
    expect(failures).toEqual([]);
    const excepted = Object.values(informational).reduce((sum, count) => sum + count, 0);
    expect(passed + failed + excepted).toBe(919_100);
    // emulator/isa/README.md states what came of them.
    const counted = Object.entries(classes).map(([name, { definitions, passed: verified, informational: exceptions }]) => ({
      name,
      definitions,
      verified,
      exceptions,
    }));
    expect(coverageTable()).toEqual(counted);
  });

  test('a recorded result with one bit the other way is a failure that names instruction, operands, ours and theirs', () => {
    const { set, word } = flipped(sample, 'addsub_imm');
    const { failed, failures } = verifyIsa(set, { group: 'addsub_imm' });
    expect(failed).toBe(1);
    expect(failures[0]).toContain(word);
    expect(failures[0]).toMatch(/^record \d+ \(\w+\): .* with .*: X\d+ is 0x[0-9a-f]+, expected 0x[0-9a-f]+$/);
  });

  test('a file that is cut off, or names what is not there, is an error with its place', () => {
    const { vectors } = sample;
    expect(() => verifyIsa({ ...sample, vectors: vectors.subarray(0, vectors.length - 3) }, { group: 'pc_misaligned' })).toThrow(
      /record \d+ is cut off/,
    );
    expect(() => verifyIsa({ ...sample, states: sample.states.subarray(0, 816 * 3) }, { group: 'pc_misaligned' })).toThrow(
      /begins in state \d+ of 3/,
    );
    expect(() => verifyIsa(sample, { group: 'nothing' })).toThrow(/no group is called 'nothing'/);
  });
});
