import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { verifyMmu, verifyWalks } from '../../emulator/mmu/index.ts';

const sample = (name: string): string[] =>
  readFileSync(new URL(`samples/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .filter(Boolean);

describe('recorded AT results', () => {
  it('agree', () => {
    const result = verifyWalks(sample('walks.jsonl'));
    expect(result.failures).toEqual([]);
    expect(result.passed).toBeGreaterThan(5_000);
    expect(result.informational).toEqual({});
  });

  it('would not if they said something else', () => {
    const [line] = sample('walks.jsonl');
    const setup = JSON.parse(line) as { cat: string[]; cases: { r: string[]; alt?: object }[] };
    setup.cat = [];
    const results = setup.cases.length * setup.cases[0].r.length;
    for (const c of setup.cases) {
      delete c.alt;
      c.r = c.r.map((r) => `0x${(BigInt(r) ^ 0x1000n).toString(16)}`);
    }
    expect(verifyWalks([JSON.stringify(setup)])).toMatchObject({ passed: 0, failed: results });
  });

  it('are refused with their place when they are something else', () => {
    expect(() => verifyWalks(['', '{"id": 1}'], 'other.jsonl')).toThrow(/other\.jsonl: line 2 is not a set-up/);
    expect(() => verifyWalks(['nonsense'], 'other.jsonl')).toThrow(/line 1/);
    expect(() => verifyWalks([sample('walks.jsonl')[0].replace('HCR_EL2', 'HRC_EL2')])).toThrow(/line 1/);
  });
});

describe('recorded accesses', () => {
  it('agree, or differ for a known reason', () => {
    const result = verifyMmu(sample('mmu.jsonl'));
    expect(result.failures).toEqual([]);
    expect(result.passed).toBeGreaterThan(1_500);
    expect(Object.keys(result.informational).sort()).toEqual(
      expect.arrayContaining(['pc-alignment-priority', 's2-level-on-s1-walk', 's2-ps', 'sh-raw']),
    );
  });

  it('would not if they said something else', () => {
    const all = sample('mmu.jsonl');
    const clean = all.find((line) => {
      const { passed, failed, informational } = verifyMmu([line]);
      return passed === 14 && failed === 0 && Object.keys(informational).length === 0 && line.includes('"EL1"');
    })!;
    const changed = (from: RegExp, to: string): number => verifyMmu([clean.replace(from, to)]).failed;
    expect(changed(/"el1r": \[.*?\]/, '"el1r": ["EL1", "0x9600003f", "0x0", "0x0", 0]')).toBe(1);
    expect(changed(/"s1e1r": ".*?"/, '"s1e1r": "0x803"')).toBe(1);
  });

  it('are refused with their place when they are something else', () => {
    expect(() => verifyMmu(['{"n": 1}'], 'other.jsonl')).toThrow(/other\.jsonl: line 1 is not a recorded MMU set-up/);
  });
});

const folder = process.env['ELSCOPE_VECTORS'];
describe.skipIf(!folder || !existsSync(folder))('all recorded vectors (ELSCOPE_VECTORS)', () => {
  const read = (...path: string[]): Buffer => readFileSync(join(folder!, ...path));

  it('of AT', () => {
    const result = verifyWalks(read('walks', 'at-vectors.jsonl').toString().split('\n'));
    expect(result.failures).toEqual([]);
    expect(result.passed).toBe(22_284);
  });

  it('of accesses', () => {
    const result = verifyMmu(gunzipSync(read('mmu', 'mmu.jsonl.gz')).toString().split('\n'));
    expect(result.failures).toEqual([]);
    expect(result.passed).toBeGreaterThan(119_000);
  });
});
