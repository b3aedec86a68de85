/** A session driven as a user interface drives it, through bytes as a WebSocket carries them; most other tests drive one by structured clone. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SessionClient } from '../../emulator/session/client.ts';
import { serveSession, type ServedSession } from '../../emulator/session/serve.ts';
import type { StatusView } from '../../emulator/session/views.ts';
import type { ViewName, Views } from '../../emulator/session/views/index.ts';
import { bytesOnly, statusOf, type Connection } from './ports.ts';

const bytes = new Uint8Array(readFileSync(join(import.meta.dirname, '../../firmware/prebuilt/04-stage2.elf')));

let connection: Connection;
let served: ServedSession;
let client: SessionClient;
const errors: string[] = [];

beforeEach(() => {
  connection = bytesOnly();
  served = serveSession(connection.server, { shell: 'test' });
  client = new SessionClient(connection.client);
  errors.length = 0;
  client.onError = (message) => errors.push(message);
});
afterEach(() => {
  void served.close();
  connection.close();
});

const status = (wanted: (status: StatusView) => boolean): Promise<StatusView> => statusOf(client, wanted);
const opened = async (): Promise<void> => {
  await client.call('open', { name: '04-stage2.elf', bytes });
  await status(({ state }) => state === 'ended');
};
const view = <V extends ViewName>(name: V, params: Views[V]['params']): Promise<Views[V]['data']> => client.get(name, params);

test('greets, and is empty until a program is opened', async () => {
  expect(await client.ready).toBe('test');
  expect((await status(() => true)).state).toBe('empty');
  await expect(view('levels', {})).rejects.toThrow(/no program is open/);
  await expect(client.call('run', {})).rejects.toThrow(/no program is open/);
});

test('opens, runs to the end, and shows the end', async () => {
  await opened();
  const end = await status(() => true);
  expect(end.reason).toMatch(/SYSTEM_OFF/);
  expect(end.at).toBe(end.end);
  const output = await view('console', { from: 0, epoch: 0 });
  expect(new TextDecoder().decode(output.bytes)).toContain('PSCI SYSTEM_OFF');
  expect(output.length).toBe(output.bytes.length);
  const lanes = await view('lanes', { from: 0, to: null, width: 500 });
  expect(lanes.lanes[0]).toEqual({ el: 2, vmid: 0 });
  expect(lanes).toMatchObject({ from: 0, to: end.end, first: 0, events: end.traps });
  expect(errors).toEqual([]);
});

test('goes to a trap and tells it in sub-steps, back and forth', async () => {
  await opened();
  const traps = await view('traps', { first: 0, count: 10 });
  const abort = traps.rows.find(({ type }) => type === 'DataAbort')!;
  expect(await client.call('seek', { at: abort.n + 1 })).toEqual({ at: abort.n + 1 });
  const after = await view('levels', {});
  expect(after.event).toMatchObject({ n: abort.n, kind: 'exception', type: 'DataAbort', from: 1, to: 2, vectorOffset: 0x400 });
  expect(after.event!.steps.map(({ title }) => title)).toContain('Save PSTATE');
  expect(after.event!.rule.bits).toContainEqual({ register: 'HCR_EL2', field: 'VM', value: '1' });
  const el2 = after.floors.find(({ el }) => el === 2)!;
  expect(el2.running).toBe(true);
  expect(el2.registers.find(({ name }) => name === 'ELR_EL2')).toMatchObject({ step: 2, value: after.event!.cause.place.address });

  const back = await client.call('stepBack', {});
  expect(back.at).toBe(abort.n);
  const before = await view('levels', {});
  expect(before.pstate.el).toBe(1);
  expect(before.event).toBeNull();
  expect((await client.call('step', {})).at).toBe(abort.n + 1);
  expect(await view('levels', {})).toEqual(after);

  const story = (await view('trap', { index: abort.index }))!;
  expect(story.syndrome!.fields.find(({ name }) => name === 'EC')!.value).toBe('100100');
  expect(story.handler!.steps).toBe(abort.steps);
  expect(story.returned!.to).toBe(1);
});

test('gives the same state hash at an instant however it is reached', async () => {
  await opened();
  await client.call('seek', { at: 123_456 });
  const first = await client.call('stateHash', {});
  await client.call('seek', { at: 5 });
  await client.call('nextTrap', {});
  await client.call('seek', { at: 123_456 });
  expect(await client.call('stateHash', {})).toEqual(first);
});

test('goes to an instant that is not recorded yet by running on to it, at most to where the machine stops', async () => {
  await opened();
  const { at: end } = await client.call('stateHash', {});
  await client.call('reset', {});
  expect(await client.call('seek', { at: 50_000 })).toEqual({ at: 50_000 });
  expect(await status(({ state }) => state === 'paused')).toMatchObject({ at: 50_000, end: 50_000 });
  expect(await client.call('seek', { at: 2 * end })).toEqual({ at: end });
  expect(await status(({ state }) => state === 'ended')).toMatchObject({ at: end });
});

test('starts again on another machine, and keeps the rest of the one it had', async () => {
  await opened();
  const { machine } = await status(({ state }) => state === 'ended');
  expect(machine).toEqual({ memoryBytes: 128 << 20, gic: 2, el2: true, cpus: 1 });
  await client.call('reset', { options: { gic: 3, memoryBytes: 64 << 20 } });
  await client.call('reset', { options: { gic: 2 } });
  expect((await status(({ at }) => at === 0)).machine).toEqual({ memoryBytes: 64 << 20, gic: 2, el2: true, cpus: 1 });
});

test('walks the tables of the instant shown', async () => {
  await opened();
  const { walk } = await view('walk', { va: '0x80000000', regime: 'el1', el: 1, access: 'x' });
  expect(walk.reads).toBe(15);
  expect(walk.result).toMatchObject({ ok: true, pa: '0x41000000', ipa: '0x80000000' });
  await client.call('seek', { at: 0 });
  const off = await view('walk', { va: '0x80000000', regime: 'el1', el: 1, access: 'x' });
  expect(off.walk.reads).toBe(0);
});

test('fills the check-list of the six steps with what the program wrote', async () => {
  await opened();
  // The past is searched in portions.
  while ((await view('checklist', {})).isSearching);
  const { steps } = await view('checklist', {});
  expect(steps.map(({ target }) => target)).toEqual(['SP_EL1', 'HCR_EL2', 'SPSR_EL2', 'ELR_EL2', 'DSB + ISB', 'ERET']);
  const instants = steps.map(({ n }) => n!);
  expect([...instants].sort((a, b) => a - b)).toEqual(instants);
  await client.call('seek', { at: instants[2] });
  const part = await view('checklist', {});
  expect(part.steps.map(({ n }) => n !== null)).toEqual([true, true, false, false, false, false]);
});

test('explains an ERET before it runs', async () => {
  await opened();
  const { steps } = await view('checklist', {});
  await client.call('seek', { at: steps[5].n! });
  const { preflight } = await view('levels', {});
  expect(preflight).toMatchObject({ from: 2, to: 1 });
  expect(preflight!.checks.find(({ title }) => title === 'State')!.value).toBe('AArch64');
  expect(preflight!.checks.filter(({ verdict }) => verdict === 'error')).toEqual([]);
});

test('refuses what cannot be, and goes on', async () => {
  await expect(client.call('open', { name: 'x.elf', bytes: new Uint8Array([1, 2, 3]) })).rejects.toThrow(/neither an ELF/);
  await opened();
  await expect(client.call('seek', { at: -1 })).rejects.toThrow(/seek/);
  await expect(client.call('addBreakpoint', { spec: { kind: 'address', va: 'here' } })).rejects.toThrow(/hexadecimal/);
  await client.call('seek', { at: 10 });
  await expect(client.call('input', { bytes: new Uint8Array([65]) })).rejects.toThrow(/end of the recording/);
  expect((await status(() => true)).at).toBe(10);
});

test('starts again from the beginning', async () => {
  await opened();
  await client.call('reset', {});
  const fresh = await status(() => true);
  expect(fresh).toMatchObject({ state: 'paused', at: 0, end: 0, traps: 0 });
});

test('saves the run, and opens it again at the same state', async () => {
  await opened();
  await client.call('seek', { at: 1000 });
  const file = await client.call('recording', {});
  expect(file.name).toBe('04-stage2.elrec');
  const saved = await client.call('stateHash', {});
  expect(saved.at).toBe(1000);
  await client.call('seek', { at: 1e9 });
  const end = await client.call('stateHash', {});
  // Opened again it stands where it stood when it was saved, and its end is the same.
  await client.call('open', { name: 'again.elrec', bytes: file.bytes });
  expect(await client.call('stateHash', {})).toEqual(saved);
  await client.call('seek', { at: 1e9 });
  expect(await client.call('stateHash', {})).toEqual(end);
  await expect(client.call('open', { name: 'cut.elrec', bytes: file.bytes.slice(0, 40) })).rejects.toThrow(/cut off before its program/);
});

test('gives up saving when it is asked to', async () => {
  await opened();
  const saving = client.call('recording', {});
  await Promise.all([expect(saving).rejects.toThrow(/cancelled/), client.call('pause', {})]);
  expect((await client.call('recording', {})).bytes.length).toBeGreaterThan(1000);
});

test('pushes a view only when it changed', async () => {
  await opened();
  let pushes = 0;
  client.subscribe('levels', {}, () => pushes++);
  await status(() => true);
  await client.call('seek', { at: 1000 });
  await client.call('seek', { at: 1000 });
  await client.call('pause', {});
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(pushes).toBe(2);
});
