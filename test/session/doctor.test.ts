/** The Doctor of a session: it speaks unasked where a program goes silent, and holds nothing up. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SessionClient } from '../../emulator/session/client.ts';
import { serveSession } from '../../emulator/session/serve.ts';
import type { DoctorView } from '../../emulator/session/views.ts';
import { clonedMessages } from './ports.ts';

function begin(name: string): { client: SessionClient; end: () => void } {
  const connection = clonedMessages();
  const bytes = new Uint8Array(readFileSync(join(import.meta.dirname, '../../firmware/prebuilt', name)));
  const served = serveSession(connection.server, { shell: 'test', image: { name, bytes } });
  return { client: new SessionClient(connection.client), end: () => (served.close(), connection.close()) };
}
const doctorOf = (client: SessionClient, wanted: (view: DoctorView) => boolean): Promise<DoctorView> =>
  new Promise((resolve) => {
    const stop = client.subscribe('doctor', {}, (view) => {
      if (!wanted(view)) return;
      stop();
      resolve(view);
    });
  });

test('unasked it tells why a program has gone silent, also after going back, and forgets it with the run', async () => {
  const { client, end } = begin('labs/P10.elf');
  const told = await doctorOf(client, ({ diagnosis }) => diagnosis !== null);
  expect(told).toMatchObject({ silentAt: 339, isCurrent: true, fraction: null, diagnosis: { at: 339, certainty: 'certain' } });
  expect(told.diagnosis!.findings.map(({ kind, id }) => `${kind} ${id}`)).toEqual(['broken P10']);
  expect(told.texts[0]).toMatch(/^broken: The vectors were never set \(P10\)\n.*\n {2}Fix: /);
  await client.call('seek', { at: 100 });
  expect(await doctorOf(client, () => true)).toMatchObject({ isCurrent: true, diagnosis: told.diagnosis });
  await client.call('reset', {});
  expect(await doctorOf(client, ({ diagnosis }) => diagnosis === null)).toMatchObject({ silentAt: null, isCurrent: false, texts: [] });
  end();
});

test('the fix of a finding is tried as another future, beside the run as it was', async () => {
  const { client, end } = begin('labs/P02.elf');
  const { diagnosis } = await doctorOf(client, (view) => view.diagnosis !== null);
  const { trial } = diagnosis!.findings[0];
  expect(trial!.set).toEqual(['HCR_EL2.RW=1']);
  const { at } = await client.call('seek', { at: 50 });
  await client.call('whatIf', { at: trial!.at, set: [...trial!.set] });
  expect((await client.get('experiments', {})).open).toMatchObject({
    set: ['HCR_EL2.RW=1'],
    comparison: { names: { older: 'the run as it was', newer: 'the other future' }, open: { isWhole: true } },
  });
  expect((await client.get('status', {})).at).toBe(at);
  await expect(client.call('whatIf', { at: 10, set: ['nothing'] })).rejects.toThrow('"nothing" is no change');
  await expect(client.call('whatIf', { at: 10, set: ['HCR_EL2.NONE=1'] })).rejects.toThrow('HCR_EL2 has no field "NONE"');
  end();
});

test('asked, it examines the run in pieces: meanwhile the machine goes where it is sent, and it can be stopped', async () => {
  const { client, end } = begin('hypervisor.elf');
  await client.call('pause', {});
  const { at } = await client.call('seek', { at: 1_000_000 });
  const examined = client.call('examine', {});
  await doctorOf(client, ({ fraction }) => fraction !== null);
  expect(await client.call('seek', { at: 1000 })).toEqual({ at: 1000 });
  expect((await doctorOf(client, () => true)).diagnosis).toBeNull();
  await examined;
  const told = await doctorOf(client, ({ diagnosis }) => diagnosis !== null);
  expect(told).toMatchObject({ silentAt: null, isCurrent: true, diagnosis: { at, looked: { until: at, end: at } } });
  expect(told.diagnosis!.findings.filter(({ kind }) => kind === 'broken')).toEqual([]);

  await client.call('seek', { at });
  await client.call('input', { bytes: new TextEncoder().encode('help\r') });
  await client.call('seek', { at: at + 20_000 });
  const stopped = client.call('examine', { all: true });
  await doctorOf(client, ({ fraction }) => fraction !== null);
  await client.call('stopExamining', {});
  await stopped;
  expect(await doctorOf(client, () => true)).toMatchObject({ fraction: null, isCurrent: false });
  end();
});
