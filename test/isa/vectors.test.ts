import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadVectors, NO_FAULT, readVectors, SAMPLE_STATE_BYTES, VectorRunner, type Vector, type VectorSet } from './vectors.ts';

/** The recorder's full set, beside the checkout where there is one. */
const full = join(import.meta.dirname, '../../../shared/vectors/isa');

/** QEMU marks "no exclusive" by the address -1, so there a store-exclusive to that very address goes on to fault. Ours fails. */
const isQemuMark = ({ word, far }: Vector): boolean => (word & 0x3f400000) === 0x08000000 && far === 0xffff_ffff_ffff_ffffn;

function runAll(set: VectorSet): { checked: number; unchecked: number; failures: string[] } {
  const runner = new VectorRunner(set),
    failures: string[] = [];
  let checked = 0,
    unchecked = 0;
  for (const vector of readVectors(set)) {
    const verdict = runner.run(vector);
    if (verdict.kind === 'unchecked') unchecked++;
    else checked++;
    if (verdict.kind !== 'failed' || (isQemuMark(vector) && verdict.why[0] === NO_FAULT)) continue;
    failures.push(`${vector.group} ${vector.word.toString(16).padStart(8, '0')} at ${vector.pc.toString(16)}: ${verdict.why.join('; ')}`);
  }
  return { checked, unchecked, failures };
}

describe('single instructions agree with QEMU', () => {
  test('a sample of all of them', () => {
    const { checked, unchecked, failures } = runAll(loadVectors(join(import.meta.dirname, 'sample'), SAMPLE_STATE_BYTES));
    expect(failures.slice(0, 20)).toEqual([]);
    expect(checked).toBeGreaterThan(4000);
    expect(unchecked).toBeLessThan(50);
  });

  test.skipIf(!existsSync(full))('the full set', { timeout: 120_000 }, () => {
    const { checked, unchecked, failures } = runAll(loadVectors(full, 816));
    expect(failures.slice(0, 20)).toEqual([]);
    expect(checked + unchecked).toBe(919_100);
    expect(checked).toBeGreaterThan(600_000);
  });
});
