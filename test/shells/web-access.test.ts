/** The web shell at its socket: what is answered before anybody has shown a ticket. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { KeptRuns } from '../../src-main/kept-runs.ts';
import { startWebShell } from '../../src-main/web/server.ts';

const shell = await startWebShell({
  port: 0,
  program: undefined,
  sources: [],
  budget: 2 ** 26,
  kept: new KeptRuns(undefined),
  folder: undefined,
  patience: 200,
  page: () => (_request, response) => void response.end('the page'),
});
afterAll(() => shell.close());
const { origin, port } = new URL(shell.invite(() => {}));

test('an address works once, and tells that it was used', async () => {
  let used = 0;
  const address = shell.invite(() => used++);
  const first = await fetch(address);
  expect([first.status, used]).toEqual([200, 1]);
  const cookie = first.headers.get('set-cookie')!;
  expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
  expect(cookie).not.toContain(new URL(address).searchParams.get('token')!);
  expect([(await fetch(address)).status, used]).toEqual([403, 1]);
  const again = await fetch(address, { headers: { cookie: cookie.split(';')[0] }, redirect: 'manual' });
  expect([again.status, again.headers.get('location')]).toEqual([303, '/']);
  expect(await (await fetch(origin, { headers: { cookie: cookie.split(';')[0] } })).text()).toBe('the page');
});

test('looking at the head of an address does not use it up', async () => {
  const address = shell.invite(() => {});
  expect((await fetch(address, { method: 'HEAD' })).status).toBe(403);
  expect((await fetch(address)).status).toBe(200);
});

test('the page shares no process with others and loads nothing of theirs', async () => {
  const { headers } = await fetch(origin);
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
  expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
  const policy = headers.get('content-security-policy')!.split('; ');
  expect(policy).toEqual(
    expect.arrayContaining(["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]),
  );
});

test.each([
  ['says nothing', ''],
  ['does not finish its request', 'GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n'],
  [
    'asks for an upgrade that it may not have',
    'GET /session HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-protocol: vite-hmr\r\n\r\n',
  ],
])('a connection ends that %s', { timeout: 10_000 }, async (_what, text) => {
  // It would stay open for ever: this end never closes it.
  const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
  socket.write(text);
  socket.resume();
  await once(socket, 'end');
  socket.destroy();
});
