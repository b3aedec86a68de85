/** A session that ended unasked begins again with all that came in. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SessionClient } from '../../emulator/session/client.ts';
import { Journal } from '../../emulator/session/journal.ts';
import { serveSession, type SessionOptions } from '../../emulator/session/serve.ts';
import { clonedMessages, statusOf } from './ports.ts';

const image = {
  name: 'hypervisor.elf',
  bytes: new Uint8Array(readFileSync(join(import.meta.dirname, '../../firmware/prebuilt/hypervisor.elf'))),
};

function begin(options: Omit<SessionOptions, 'shell'>): { client: SessionClient; end: () => void } {
  const connection = clonedMessages();
  const served = serveSession(connection.server, { shell: 'test', ...options });
  return { client: new SessionClient(connection.client), end: () => (served.close(), connection.close()) };
}
const type = (client: SessionClient, text: string): Promise<unknown> => client.call('input', { bytes: new TextEncoder().encode(text) });

test('a run that was lost comes again from its program, its input and its changes by hand', async () => {
  const journal = new Journal();
  expect(journal.lost('Nothing was there.')).toBeUndefined();
  const first = begin({ image, journal: (entry) => journal.write(structuredClone(entry)) });
  const { end } = await statusOf(first.client, ({ state }) => state === 'waiting');
  await type(first.client, 'this is forgotten\r');
  await statusOf(first.client, (status) => status.state === 'waiting' && status.end > end);
  await first.client.call('pause', {});
  await first.client.call('seek', { at: end });
  await first.client.call('setRegister', { register: 'x28', value: '0x1234', replace: true });
  await type(first.client, 'help\r');
  await first.client.call('seek', { at: end + 20_000 });
  const expected = await first.client.call('stateHash', {});
  first.end();

  const second = begin({ lost: journal.lost('The session ended.')! });
  const status = await statusOf(second.client, ({ image }) => image !== null);
  expect(status).toMatchObject({ state: 'paused', at: 0, image: { name: image.name } });
  expect(status.reason).toBe('The session ended. The run begins again, with all its input');
  await second.client.call('seek', { at: end + 20_000 });
  expect(await second.client.call('stateHash', {})).toEqual(expected);
  second.end();
});
