/** Experiments: both futures of a change are what fresh runs give at that distance, and what is kept of one gives them again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  futuresDocument,
  openProgram,
  compareFutures,
  bothFutures,
  parseChange,
  readRecording,
  views,
  type Program,
} from '../../emulator/index.ts';
import { SessionClient } from '../../emulator/session/client.ts';
import { serveSession } from '../../emulator/session/serve.ts';
import type { ExperimentsView } from '../../emulator/session/views.ts';
import { clonedMessages } from './ports.ts';

const file = (name: string): Uint8Array => new Uint8Array(readFileSync(join(import.meta.dirname, '../../firmware/prebuilt', name)));
function begin(name: string): { client: SessionClient; end: () => void } {
  const connection = clonedMessages();
  const served = serveSession(connection.server, { shell: 'test', image: { name, bytes: file(name) } });
  return { client: new SessionClient(connection.client), end: () => (served.close(), connection.close()) };
}
const experiments = (client: SessionClient): Promise<ExperimentsView> => client.get('experiments', {});
const finished = <T>(work: Generator<unknown, T>): T => {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
};
/** A run of its own from the beginning, in which the register is changed as the person would. */
function fresh(name: string, at: number, register: string, value: bigint): Program {
  const program = openProgram(name, file(name));
  program.timeline.forward(at);
  program.timeline.change(register, value);
  return program;
}

const NAME = '04-stage2.elf';
const AT = 49_000;

test('both futures have the state, and every view, of a fresh run at that distance', () => {
  const open = openProgram(NAME, file(NAME));
  open.timeline.forward(200_000);
  const hash = open.machine.stateHash();
  const hcr = BigInt(open.timeline.excursion(AT, () => open.machine.cpu.get('HCR_EL2'), { key: 'hcr' }));
  const futures = finished(bothFutures(open, { at: AT, changes: [parseChange('HCR_EL2.TWI=0')] }, AT + 20_000));
  const runs = { was: openProgram(NAME, file(NAME)), other: fresh(NAME, AT, 'HCR_EL2', hcr & ~(1n << 13n)) };
  for (const side of ['was', 'other'] as const) {
    const [future, run] = [futures[side], runs[side]];
    for (const n of [AT + 1, AT + 20_000]) {
      future.timeline.seek(n);
      run.timeline.seek(n);
      run.timeline.forward(n - run.timeline.at);
      const there = Math.min(n, future.timeline.end);
      expect([side, n, future.timeline.at, future.machine.stateHash()]).toEqual([side, n, there, run.machine.stateHash()]);
      const shown = (program: Program): unknown => [
        ...(['levels', 'now', 'registers'] as const).map((view) => views[view].of(program, {})),
        views.maps.of(program, { regime: 'el1' }),
        views.walk.of(program, { follow: 'pc' }),
        // What each has recorded, once both have come as far.
        run.timeline.end < future.timeline.end ? [] : views.traps.of(program, { first: 0, count: 50 }).rows,
      ];
      expect(shown(future), `${side} at ${n}`).toEqual(shown(run));
    }
  }
  expect(open.machine.stateHash()).toBe(hash);
});

test('an experiment is steered, told as the command line tells it, entered, kept with the run, and comes back', async () => {
  const { client, end } = begin(NAME);
  await client.call('pause', {});
  await client.call('seek', { at: 60_000 });
  const { id, name } = await client.call('whatIf', { at: AT, set: ['VTTBR_EL2=0'] });
  expect(name).toBe('VTTBR_EL2 = 0 at 49000');
  // The same once more is the same experiment.
  expect(await client.call('whatIf', { at: AT, set: ['VTTBR_EL2=0'] })).toEqual({ id, name });
  const { open } = await experiments(client);
  expect(open).toMatchObject({ id, at: AT, made: [{ what: 'VTTBR_EL2' }] });
  const { result, names } = open!.comparison;
  expect(names).toEqual({ older: 'the run as it was', newer: 'the other future' });
  expect(result!.isSame).toBe(false);
  expect((await client.get('status', {})).at).toBe(60_000);

  const there = await client.call('futuresAt', { by: 'step', distance: 500 });
  expect(there).toMatchObject({ distance: 500, at: { was: AT + 500, other: AT + 500 } });
  expect(there.registers.map((one) => one.name)).toContain('VTTBR_EL2');
  const trap = await client.call('futuresAt', { by: 'step', distance: 0, to: 'next' });
  const first = result!.first!;
  expect(trap.distance).toBe(Math.min(first.older?.n ?? Infinity, first.newer?.n ?? Infinity) + 1 - AT);
  expect((await client.call('futuresAt', { by: 'step', distance: trap.distance, to: 'previous' })).distance).toBe(0);
  expect((await client.call('futuresAt', { by: 'trap', distance: 1 })).at.other).toBe(first.newer!.n + 1);
  expect((await client.call('futuresAt', { by: 'trap', distance: 1e9 })).isEnd.other).toBe(true);

  // A view of either future is that of its own machine.
  const levels = await client.get('levels', {}, AT + 500, 'other');
  const run = fresh(NAME, AT, 'VTTBR_EL2', 0n);
  run.timeline.forward(500);
  expect(levels).toEqual(JSON.parse(JSON.stringify(views.levels.of(run, {}))));
  await expect(client.get('levels', {}, AT + 1e9, 'other')).rejects.toThrow(/ends at instant/);

  const told = await client.call('exportExperiment', { steps: 500, form: 'json' });
  const alone = openProgram(NAME, file(NAME));
  alone.timeline.forward(AT + 500);
  const compared = compareFutures(finished(bothFutures(alone, { at: AT, changes: [parseChange('VTTBR_EL2=0')] }, AT + 500)), 500);
  expect(JSON.parse(told.text)).toEqual(JSON.parse(JSON.stringify(futuresDocument(compared))));
  expect((await client.call('exportExperiment', { steps: 500, form: 'text' })).text).toMatch(/^At instant 49000: VTTBR_EL2 0x\w+ -> 0x0\n/);

  await client.call('renameExperiment', { id, name: '  No stage 2 ' });
  await client.call('enterFuture', { run: 'other', at: AT + 500 });
  expect((await experiments(client)).open).toBeNull();
  expect(await client.call('stateHash', {})).toEqual({ at: AT + 500, hash: run.machine.stateHash() });
  // The run that was is still there.
  await client.call('openExperiment', { id });
  await client.call('enterFuture', { run: 'was', at: 60_000 });
  alone.timeline.forward(60_000 - AT - 500);
  expect(await client.call('stateHash', {})).toEqual({ at: 60_000, hash: alone.machine.stateHash() });

  const { bytes } = await client.call('recording', {});
  expect((await readRecording(bytes, 'run.elrec')).experiments).toMatchObject([{ name: 'No stage 2', at: AT, set: ['VTTBR_EL2=0'] }]);
  await client.call('open', { name: 'run.elrec', bytes });
  const [kept] = (await experiments(client)).list;
  expect(kept).toMatchObject({ name: 'No stage 2', at: AT });
  await client.call('openExperiment', { id: kept.id });
  expect((await client.call('futuresAt', { by: 'step', distance: 500 })).registers).toEqual(there.registers);
  await client.call('removeExperiment', { id: kept.id });
  expect(await experiments(client)).toEqual({ list: [], open: null });
  await expect(client.call('futuresAt', { by: 'step', distance: 0 })).rejects.toThrow('no experiment is open');
  end();
});
