/** The web shell and a real session behind it, from the other end of the WebSocket: what is opened, and what happens on a rebuild. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { SessionClient } from '../../emulator/session/client.ts';
import { webSocketPort, type WebSocketLike } from '../../emulator/session/port.ts';
import type { StatusView } from '../../emulator/session/views.ts';
import { root } from './built.ts';

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

/** Starts the web shell and connects to it as its page does. */
async function connect(...words: string[]): Promise<SessionClient> {
  const started = spawn(process.execPath, [join(root, 'out/main/web.js'), '--no-open', ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  shell = started;
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    started.stdout.on('data', (chunk) => {
      output += String(chunk);
      const found = /http:\S+/.exec(output);
      if (found) resolve(found[0]);
    });
    started.on('exit', (code) => reject(new Error(`it ended with code ${code}`)));
  });
  const entrance = await fetch(url, { redirect: 'manual' });
  const { origin, host } = new URL(url);
  const cookie = entrance.headers.get('set-cookie')!.split(';')[0];
  const socket = new WebSocket(`ws://${host}/session`, { headers: { cookie, origin } });
  await once(socket, 'open');
  return new SessionClient(webSocketPort(socket as unknown as WebSocketLike));
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

test('a rebuilt image is opened anew', async () => {
  const path = join(folder, 'program.elf');
  copyFileSync(join(images, '01-el2-to-el1.elf'), path);
  const client = await connect(path);
  const before = await status(client, ({ at }) => at > 0);
  copyFileSync(join(images, '02-hypercalls.elf'), path);
  const after = await status(client, ({ image }) => image!.bytes !== before.image!.bytes);
  expect(after.image).toMatchObject({ name: 'program.elf', bytes: readFileSync(join(images, '02-hypercalls.elf')).length });
});

test('bytes that a person dropped on the page are opened; what is no program is refused, and the session goes on', async () => {
  const client = await connect();
  await expect(client.call('open', { name: 'notes.txt', bytes: new TextEncoder().encode('not a program') })).rejects.toThrow(/notes\.txt/);
  const bytes = new Uint8Array(readFileSync(join(images, '02-hypercalls.elf')));
  expect(await client.call('open', { name: 'dropped.elf', bytes })).toEqual({ name: 'dropped.elf' });
  const { image } = await status(client, (view) => view.image?.name === 'dropped.elf');
  expect(image?.bytes).toBe(bytes.length);
});
