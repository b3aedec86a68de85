/** A session as a debugger: running to places, names, sources by number, scenarios, a program that was built anew. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SessionClient } from '../../emulator/session/client.ts';
import { keepsNothing, nowhere, type SessionHost } from '../../emulator/session/host.ts';
import { serveSession, type ServedSession } from '../../emulator/session/serve.ts';
import type { Hex, StatusView } from '../../emulator/session/views.ts';
import { clonedMessages, statusOf, type Connection } from './ports.ts';

const image = (name: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(join(import.meta.dirname, '../../firmware/prebuilt', name)));
const asked: (string | undefined)[] = [];
const host: SessionHost = {
  scenarios: [{ id: 'one', file: '02-hypercalls.elf', title: 'One', sentence: 'A sentence.' }],
  scenarioImage: (file) => Promise.resolve(image(file)),
  bundledSource: (name) => Promise.resolve(`text of ${name}\n\t\u202e`),
  sourceText: ({ path }, program) => {
    asked.push(path, program);
    return Promise.resolve(nowhere(path));
  },
  teaching: () => Promise.resolve({ lessons: [], labs: [] }),
  ...keepsNothing,
};
const mine = { name: '01-el2-to-el1.elf', bytes: image('01-el2-to-el1.elf'), path: '/home/me/01-el2-to-el1.elf' };

let connection: Connection;
let served: ServedSession;
let client: SessionClient;
const notices: string[] = [];
beforeEach(async () => {
  asked.length = notices.length = 0;
  connection = clonedMessages();
  served = serveSession(connection.server, { shell: 'test', host, image: mine });
  client = new SessionClient(connection.client);
  client.onNotice = (text) => notices.push(text);
  await status(({ state }) => state === 'ended');
});
afterEach(() => {
  void served.close();
  connection.close();
});

const status = (wanted: (status: StatusView) => boolean): Promise<StatusView> => statusOf(client, wanted);
const addressOf = async (name: string): Promise<Hex> =>
  (await client.call('symbols', { text: name, count: 1 })).symbols.find((symbol) => symbol.name === name)!.address;
const pc = async (): Promise<string> => (await client.get('now', {})).pc;

test('runs to a function and out of it, and to the next change of level', async () => {
  await client.call('seek', { at: 0 });
  const printf = await addressOf('printf');
  const { at: entered } = await client.call('runTo', { address: printf });
  expect(await pc()).toBe(printf);
  const { at: left } = await client.call('stepOut', {});
  expect(left).toBeGreaterThan(entered);
  const { at: down } = await client.call('nextTrap', { level: true });
  expect((await client.get('now', {})).level).toBe(1);
  expect((await client.call('nextTrap', { level: true, back: true })).at).toBe(0);
  // The same place again over known ground and over new ground.
  await client.call('reset', {});
  expect(await client.call('nextTrap', { level: true })).toEqual({ at: down });
});

test('a run to a place that never comes can be given up', async () => {
  await client.call('open', { name: 'hypervisor.elf', bytes: image('hypervisor.elf') });
  const running = client.call('runTo', { address: '0x7ffffffc' });
  await client.call('pause', {});
  const { at } = await running;
  expect((await status(({ state }) => state === 'paused' || state === 'waiting')).at).toBe(at);
});

test('a command in the place of another: the machine obeys the last one', async () => {
  await client.call('seek', { at: 0 });
  const all = [client.call('run', {}), client.call('pause', {}), client.call('run', {}), client.call('seek', { at: 7 })];
  await Promise.all(all);
  expect(await status(() => true)).toMatchObject({ at: 7, state: 'paused' });
});

test('finds symbols by part of their name', async () => {
  const { total, symbols } = await client.call('symbols', { text: 'ENTER_el1', count: 3, code: true });
  expect(total).toBeGreaterThan(3);
  expect(symbols.map(({ name }) => name)).toContain('enter_el1');
  expect(symbols).toHaveLength(3);
  expect((await client.call('symbols', { text: 'no such name', count: 3 })).total).toBe(0);
});

test('gives sources by number, with what acts in them spelled out: of its own images from the app, of others from where they say', async () => {
  const { lines } = await client.get('code', { before: 0, after: 3, address: '0x40080000' });
  const { source: number } = lines[0];
  await client.call('openScenario', { id: 'one' });
  expect(await client.call('source', { file: number! })).toMatchObject({ text: 'text of start.S\n\t\\u{202e}', path: 'firmware/start.S' });
  expect(asked).toEqual([]);
  served.open(mine);
  await status(({ image: open }) => open?.name === mine.name);
  expect(await client.call('source', { file: number! })).toMatchObject({ text: null, looked: ['start.S'] });
  expect(asked).toEqual(['start.S', mine.path]);
  await expect(client.call('source', { file: 999 })).rejects.toThrow(/no source file 999/);
});

test('shows code of levels that do not run, and says who sees it', async () => {
  await client.call('seek', { at: 0 });
  const guest = await addressOf('guest_main');
  const [line] = (await client.get('code', { before: 0, after: 0, address: guest })).lines;
  expect(line).toMatchObject({ label: 'guest_main' });
  expect(line.mnemonic).not.toBe('');
  const here = await client.get('code', { before: 5, after: 5, address: '0x7fff0000', follow: true });
  expect(here.lines[5].current).toBe(true);
});

test('a file built anew takes the place of its own program only', async () => {
  served.reload({ ...mine, bytes: mine.bytes.slice(0, mine.bytes.length >> 1) });
  served.reload({ ...mine, path: '/elsewhere', bytes: image('03-mmu.elf') });
  const before = await status(() => true);
  expect(before).toMatchObject({ program: 1, image: { bytes: mine.bytes.length } });
  expect(notices).toEqual([expect.stringMatching(/cannot be opened; the current program keeps running/)]);
  const functions = async () =>
    (await client.call('symbols', { text: '', code: true, count: 1000 })).symbols.filter(({ kind }) => kind === 'function');
  const then = await functions();
  for (const { address } of then) await client.call('addBreakpoint', { spec: { kind: 'address', va: address } });
  served.reload({ ...mine, bytes: image('03-mmu.elf') });
  expect((await status(({ program }) => program === 2)).image?.name).toBe(mine.name);
  await expect.poll(() => notices[1], { timeout: 20_000 }).toMatch(/was rebuilt\. /);
  // Breakpoints go where their functions have gone, which many have; in what is no more they stay.
  const now = await functions();
  // A function that hypervisor and guest both have is there twice under one name: each stays whose it was.
  const called = (all: typeof now, name: string) => all.filter((one) => one.name === name);
  const wanted = then.map((one) => called(now, one.name)[called(then, one.name).indexOf(one)]?.address ?? one.address);
  expect(wanted.filter((address, i) => address !== then[i].address).length).toBeGreaterThan(20);
  const { breakpoints } = await client.get('breakpoints', {});
  expect(breakpoints.map(({ spec }) => spec)).toEqual(wanted.map((va) => ({ kind: 'address', va })));
});
