/** The same random cases in QEMU and in our machine. A few seeds always; many with `npm run prove`, which sets PROVE to how many. */
import { beforeAll, describe, expect, it } from 'vitest';
import { CodeArea, DATA_BYTES, type Case } from './cases.ts';
import { compare } from './compare.ts';
import { debugCase } from './debug-cases.ts';
import { integerCase } from './integer-cases.ts';
import { mmuCase } from './mmu-cases.ts';
import { Choices } from './random.ts';
import { buildRecorder, packLoad, runOurs, runQemu, type Recorder } from './run.ts';
import { systemCase } from './system-cases.ts';

const makers = { integerCase, systemCase, debugCase, mmuCase };
/** Departures that these cases may meet: elsewhere they would be defects of ours. */
const allowed: Readonly<Record<keyof typeof makers, readonly string[]>> = {
  integerCase: ['exclusive-at-minus-one', 'device-alignment'],
  systemCase: ['maintenance-no-fault', 'tidcp', 'daif-syndrome', 'cntpct-at-el0', 'pmu-at-el0', 'tdcc', 'wfe', 'watchdog'],
  debugCase: ['fetch-first', 'watchdog', 'watchpoint-remembered'],
  mmuCase: ['fetch-first', 'device-alignment', 'device-fetch', 'external-unaligned', 'maintenance-no-fault'],
};
const rounds = Number(process.env['PROVE'] ?? 1);
const [CASES, MINIMUM] = rounds > 1 ? [1000, 4000] : [150, 400];

let recorder: Recorder;
beforeAll(() => {
  recorder = buildRecorder();
});

const hex = (value: bigint | undefined): string => (value === undefined ? 'nothing' : `0x${value.toString(16)}`);

describe.each(Object.keys(makers) as (keyof typeof makers)[])('%s', (kind) => {
  it.each(Array.from({ length: rounds }, (_, i) => i + 1))(
    'seed %i: the same exceptions, registers and memory',
    { timeout: 240_000 },
    async (seed) => {
      const choose = new Choices(seed);
      const area = new CodeArea();
      const cases: Case[] = Array.from({ length: CASES }, () => makers[kind](choose, recorder, area));
      const data =
        kind === 'mmuCase'
          ? new Uint8Array(Uint32Array.from({ length: DATA_BYTES / 4 }, (_, i) => i).buffer)
          : Uint8Array.from({ length: DATA_BYTES }, () => choose.below(256));
      const load = packLoad(cases, area, data);
      const theirs = await runQemu(recorder, load);
      const { agreed, departures, differences } = compare(cases, runOurs(recorder, load), theirs);
      const told = differences.slice(0, 5).map(({ case: n, record, names, ours, theirs: other }) => {
        const fields = names.map((name) => `${name} ${hex(ours.get(name))}, in QEMU ${hex(other.get(name))}`);
        return `case ${n} at ${hex(cases[n].entry)}, exception ${record}: ${fields.join('; ')}\n  ${cases[n].text}`;
      });
      expect(told).toEqual([]);
      expect(allowed[kind]).toEqual(expect.arrayContaining([...departures.keys()]));
      expect(agreed).toBeGreaterThan(MINIMUM);
    },
  );
});
