/** The web shell answers to the browser that was given the token, and to nobody else. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from './shells.ts';

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Plain HTTP, since a browser would not send most of this. Gives the status. */
function ask(origin: string, { path = '/', method = 'GET', headers = {} }: Asked): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(origin, { path, method, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end();
  });
}

test('nobody gets in without token, Host and Origin', async ({ app }) => {
  const { origin, page } = app as Required<Pick<typeof app, 'origin' | 'page'>>;
  const [cookie] = await page.context().cookies(origin);
  const known = { cookie: `${cookie.name}=${cookie.value}` };
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  };

  expect(await ask(origin, { headers: known })).toBe(200);
  expect(await ask(origin, { path: '/session', headers: { ...known, ...upgrade, origin } })).toBe(101);

  expect(await ask(origin, {})).toBe(403);
  expect(await ask(origin, { path: '/?token=wrong' })).toBe(403);
  expect(await ask(origin, { headers: { cookie: `${cookie.name}=${cookie.value.slice(1)}` } })).toBe(403);
  expect(await ask(origin, { headers: { ...known, host: 'elsewhere.example' } })).toBe(403);
  expect(await ask(origin, { method: 'POST', headers: known })).toBe(405);
  for (const path of ['/../../package.json', '/%2e%2e/%2e%2e/package.json', '/..%2f..%2fpackage.json', '/%00', '/%zz', '//etc/passwd']) {
    expect(await ask(origin, { path, headers: known }), path).toBe(404);
  }
  expect(await ask(origin, { path: '/session', headers: { ...upgrade, origin } })).toBe(403);
  expect(await ask(origin, { path: '/session', headers: { ...known, ...upgrade, origin: 'http://elsewhere.example' } })).toBe(403);
  expect(await ask(origin, { path: '/session', headers: { ...known, ...upgrade } })).toBe(403);
  // Hot reload is a matter of development.
  for (const path of ['/', '/session'])
    expect(await ask(origin, { path, headers: { ...upgrade, origin, 'sec-websocket-protocol': 'vite-hmr' } })).toBe(403);
});

/** The words of every process that runs. */
const processes = (): string =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((id) => {
      try {
        return readFileSync(`/proc/${id}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .join('\n');

test('the browser is led in by a file that nobody else can read, once', async ({ playwright, launchOptions }) => {
  const folder = mkdtempSync(join(tmpdir(), 'elscope-opened-'));
  const told = join(folder, 'told');
  // What the desktop would do: it is only told which file.
  writeFileSync(join(folder, 'xdg-open'), `#!/bin/sh\necho "$*" > ${told}.part && mv ${told}.part ${told}\n`, { mode: 0o755 });
  const env = { ...process.env, DISPLAY: ':0', XDG_RUNTIME_DIR: folder, PATH: `${folder}:${process.env.PATH}` };
  const shell = spawn(process.execPath, ['out/main/web.js', '--no-keep'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const browser = await playwright.chromium.launch(launchOptions);
  try {
    await expect.poll(() => existsSync(told)).toBe(true);
    const file = readFileSync(told, 'utf8').trim();
    expect([statSync(file).mode & 0o777, statSync(dirname(file)).mode & 0o777]).toEqual([0o600, 0o700]);
    const url = /url=([^"]+)/.exec(readFileSync(file, 'utf8'))![1];
    const ticket = new URL(url).searchParams.get('token')!;
    expect(ticket).toHaveLength(43);
    expect(processes()).not.toContain(ticket);

    const page = await (await browser.newContext()).newPage();
    await page.goto(pathToFileURL(file).href);
    await expect(page.locator('html')).toHaveAttribute('data-shell', 'web');
    expect(page.url()).toBe(`${new URL(url).origin}/`);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(existsSync(file)).toBe(false);
    expect((await page.context().cookies())[0]).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    expect(processes()).not.toContain(ticket);

    // The same browser again, and another one.
    await page.goto(url);
    await expect(page.locator('html')).toHaveAttribute('data-shell', 'web');
    const other = await (await browser.newContext()).newPage();
    expect((await other.goto(url))!.status()).toBe(403);
  } finally {
    await browser.close();
    const ended = once(shell, 'exit');
    shell.kill();
    await ended;
    rmSync(folder, { recursive: true });
  }
});

test('what is no message is answered, and the session goes on', async ({ app }) => {
  const { page } = app;
  await expect(page.locator('html')).toHaveAttribute('data-shell', 'web');
  const answers = await page.evaluate(
    () =>
      new Promise<string[]>((resolve, reject) => {
        const texts: string[] = [];
        const socket = new WebSocket(`ws://${location.host}/session`);
        socket.binaryType = 'arraybuffer';
        socket.onopen = () => {
          socket.send(new Uint8Array([1, 2]));
          socket.send('hello');
        };
        socket.onmessage = ({ data }) => {
          // A length, then JSON.
          texts.push(new TextDecoder().decode((data as ArrayBuffer).slice(4)));
          if (texts.length === 3) resolve(texts);
        };
        socket.onclose = ({ reason }) => reject(new Error(reason));
      }),
  );
  const [welcome, short, text] = answers.map((answer) => JSON.parse(answer) as { type: string; kind?: string; message?: string });
  expect(welcome.type).toBe('welcome');
  expect(short).toMatchObject({ type: 'error', kind: 'invalid' });
  expect(short.message).toContain('shorter than its length');
  expect(text.message).toContain('a message of text');
});
