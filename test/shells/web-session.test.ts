/** The web shell and a real session behind it, from the other end of the WebSocket: what is opened, and what happens on a rebuild. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { SessionClient } from '../../emulator/session/client.ts';
import type { StatusView } from '../../emulator/session/views.ts';
import { root } from './built.ts';
import { startAndConnect } from './web-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-web-'));
const images = join(root, 'firmware/prebuilt');
let shell: ChildProcess | undefined;
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  if (!shell) return;
  const ended = once(shell, 'exit');
  shell.kill('SIGTERM');
  expect((await ended)[0]).toBe(0);
  shell = undefined;
});

async function connect(...words: string[]): Promise<SessionClient> {
  const started = await startAndConnect(['--no-keep', ...words]);
  shell = started.shell;
  return started.client;
}

/** The first status for which `wanted` holds. */
function status(client: SessionClient, wanted: (view: StatusView) => boolean): Promise<StatusView> {
  return new Promise((resolve, reject) => {
    const stop = client.subscribe(
      'status',
      {},
      (view) => {
        if (!wanted(view)) return;
        queueMicrotask(() => stop());
        resolve(view);
      },
      (message) => reject(new Error(message)),
    );
  });
}

test('without an image it runs the demo', async () => {
  const client = await connect();
  expect(await client.ready).toBe('web');
  const { image } = await status(client, ({ at }) => at > 0);
  expect(image?.name).toBe('hypervisor.elf');
});

test('the image and the machine options of the command line', async () => {
  const client = await connect(join(images, '02-hypercalls.elf'), '--memory', '256M');
  const { image, machine } = await status(client, ({ at }) => at > 0);
  expect(image?.name).toBe('02-hypercalls.elf');
  expect(machine.memoryBytes).toBe(2 ** 28);
});

test('a rebuilt image is opened anew, with its breakpoints; one that is not whole changes nothing', async () => {
  const path = join(folder, 'program.elf');
  const [first, second] = ['01-el2-to-el1.elf', '02-hypercalls.elf'].map((name) => readFileSync(join(images, name)));
  writeFileSync(path, first);
  const client = await connect(path);
  const notices: string[] = [];
  const about: unknown[] = [];
  client.onNotice = (text, _kind, topic) => void (notices.push(text), about.push(topic));
  await status(client, ({ state }) => state === 'ended');
  const [step3] = (await client.call('symbols', { text: 'enter_el1_step3', count: 1 })).symbols;
  await client.call('addBreakpoint', { spec: { kind: 'address', va: step3.address } });

  // As a linker writes it, half and then whole, with a pause in between.
  writeFileSync(path, second.subarray(0, second.length >> 1));
  await expect.poll(() => notices.at(-1), { timeout: 10_000 }).toMatch(/cannot be opened; the current program keeps running/);
  expect((await status(client, () => true)).image?.bytes).toBe(first.length);

  writeFileSync(path, second);
  const after = await status(client, ({ image, state }) => image!.bytes === second.length && state === 'paused');
  expect(after.reason).toMatch(/^reached enter_el1_step3/);
  expect((await client.get('now', {})).pc).toBe((await client.call('symbols', { text: 'enter_el1_step3', count: 1 })).symbols[0].address);
  await expect.poll(() => notices.at(-1)).toMatch(/^program\.elf was rebuilt\. The new build takes .* more/);
  expect(about.at(-1)).toBe('comparison');
  // The old run stays to be compared with.
  expect((await client.get('comparison', {}))!.other.name).toBe('program.elf, the build before');

  // The same again: the run goes on.
  const { program } = await status(client, () => true);
  writeFileSync(path, second);
  await expect.poll(() => notices.at(-1), { timeout: 10_000 }).toMatch(/is the same, byte for byte/);
  expect((await status(client, () => true)).program).toBe(program);
});

test('a rebuilt image leaves another program alone that a person has opened', async () => {
  const path = join(folder, 'mine.elf');
  copyFileSync(join(images, '01-el2-to-el1.elf'), path);
  const client = await connect(path);
  await client.call('open', { name: 'dropped.elf', bytes: new Uint8Array(readFileSync(join(images, '03-mmu.elf'))) });
  const { at } = await status(client, ({ state }) => state === 'ended');
  copyFileSync(join(images, '02-hypercalls.elf'), path);
  // Three times as long as the shell takes to notice.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const now = await status(client, () => true);
  expect([now.image?.name, now.at]).toEqual(['dropped.elf', at]);
});

test('shows the sources of the firmware that comes with the app, and of no other program', async () => {
  const client = await connect(join(images, '04-stage2.elf'));
  await status(client, ({ state }) => state === 'ended');
  const { lines } = await client.get('code', { before: 0, after: 4, address: '0x40080000' });
  const { source, line } = lines[0];
  const text = await client.call('source', { file: source! });
  expect(text).toMatchObject({ name: 'start.S', path: 'firmware/start.S' });
  expect(text.text).toBe(readFileSync(join(root, 'firmware/start.S'), 'utf8'));
  expect(text.lines).toContainEqual({ line: line!, address: '0x40080000' });
  await expect(client.call('source', { file: 1e6 })).rejects.toThrow(/no source file/);
  await expect(client.call('source', { file: '/etc/passwd' as unknown as number })).rejects.toThrow(/source/);

  // The same names in a program that is another's: no text of ours.
  const changed = new Uint8Array(readFileSync(join(images, '04-stage2.elf')));
  changed[changed.length - 1] ^= 1;
  await client.call('open', { name: '04-stage2.elf', bytes: changed });
  const other = await client.call('source', { file: source! });
  expect(other.text).toBeNull();
  expect(other.problem).toMatch(/location of the program is not known/);
});

test('the scenarios that come with the app are listed and opened', async () => {
  const client = await connect();
  const { scenarios } = await client.call('scenarios', {});
  expect(scenarios.map(({ id }) => id)).toContain('06-two-guests');
  expect(scenarios.every(({ sentence }) => sentence.length > 40)).toBe(true);
  expect(await client.call('openScenario', { id: '01-el2-to-el1' })).toEqual({ name: '01-el2-to-el1.elf' });
  await expect(client.call('openScenario', { id: '../01' })).rejects.toThrow(/no scenario/);
});

test('bytes that a person dropped on the page are opened; what is no program is refused, and the session goes on', async () => {
  const client = await connect();
  await expect(client.call('open', { name: 'notes.txt', bytes: new TextEncoder().encode('not a program') })).rejects.toThrow(/notes\.txt/);
  const bytes = new Uint8Array(readFileSync(join(images, '02-hypercalls.elf')));
  expect(await client.call('open', { name: 'dropped.elf', bytes })).toEqual({ name: 'dropped.elf' });
  const { image } = await status(client, (view) => view.image?.name === 'dropped.elf');
  expect(image?.bytes).toBe(bytes.length);
});
