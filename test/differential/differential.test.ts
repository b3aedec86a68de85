/**
 * The same random cases in QEMU and in our machine. Some always; many with `npm run prove`, which sets PROVE to the number of seeds. CASE is
 * the kind, seed and number of a single one, as a report of a difference says them.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { decode } from '../../emulator/isa/index.ts';
import { compare } from './compare.ts';
import { firstWrong } from './first-wrong.ts';
import { floating } from './float-cases.ts';
import { caseSet, kinds, type Kind } from './kinds.ts';
import { buildRecorder, packLoad, runOurs, runQemu, type Recorder } from './run.ts';

/** Departures that these cases may meet: elsewhere they would be defects of ours. */
const allowed: Readonly<Record<Kind, readonly string[]>> = {
  integerCase: ['exclusive-at-minus-one', 'device-alignment'],
  floatCase: ['partial-access'],
  systemCase: ['maintenance-no-fault', 'tidcp', 'daif-syndrome', 'cntpct-at-el0', 'pmu-at-el0', 'tdcc', 'wfe', 'watchdog'],
  debugCase: ['fetch-first', 'watchdog', 'watchpoint-remembered'],
  mmuCase: ['fetch-first', 'device-alignment', 'device-fetch', 'external-unaligned', 'maintenance-no-fault'],
};
const seeds = process.env['PROVE'];
/** Cases of a seed. */
const countOf = (kind: Kind): number => (seeds ? 1000 : kind === 'floatCase' ? 50 : 150);
/** Exceptions that a case takes on average, at least: its end is one of them. */
const exceptionsOf = (kind: Kind): number => (kind === 'floatCase' ? 3 : 4);
const [onlyKind, onlySeed, onlyCase] = process.env['CASE']?.split(' ') ?? [];

let recorder: Recorder;
beforeAll(() => {
  recorder = buildRecorder();
});

describe.each(onlyKind ? [onlyKind as Kind] : kinds)('%s', (kind) => {
  it.each(onlySeed ? [Number(onlySeed)] : Array.from({ length: Number(seeds ?? 1) }, (_, i) => i + 1))(
    'seed %i: the same exceptions, registers and memory',
    { timeout: 240_000 },
    async (seed) => {
      const set = caseSet(kind, seed, onlyCase ? Number(onlyCase) + 1 : countOf(kind), recorder);
      const cases = onlyCase ? set.cases.slice(-1) : set.cases;
      const load = packLoad(cases, set.area, set.data);
      const theirs = await runQemu(recorder, load);
      const { agreed, departures, differences } = compare(cases, runOurs(recorder, load), theirs);
      const reports: string[] = [];
      for (const difference of differences.slice(0, 3))
        reports.push(await firstWrong(recorder, set, set.cases.indexOf(cases[difference.case])));
      expect(reports.join('\n')).toBe('');
      expect(allowed[kind]).toEqual(expect.arrayContaining([...departures.keys()]));
      if (!onlyCase) expect(agreed).toBeGreaterThan(cases.length * exceptionsOf(kind));
    },
  );
});

it.skipIf(!seeds)('The programs of a seed have every definition of floating point and SIMD.', () => {
  const { area } = caseSet('floatCase', 1, countOf('floatCase'), recorder);
  const there = new Set(area.words.map((word) => decode(word)?.definition));
  expect(floating.filter((definition) => !there.has(definition)).map(({ name }) => name)).toEqual([]);
});
