/** The web shell answers to the browser that was given the token, and to nobody else. */
import { request as httpRequest } from 'node:http';
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
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
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
