/**
 * What holds on every transport: the same cases over ports in this process, threads, real WebSockets and the real page in each shell.
 * `node:assert`, because both vitest and Playwright run them.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { SessionClient, SessionError } from '../../emulator/session/client.ts';
import { encodeMessage } from '../../emulator/session/codec.ts';
import type { CommandParams, Reply } from '../../emulator/session/contract.ts';
import type { Port } from '../../emulator/session/port.ts';
import type { RegisterGroup, StatusView } from '../../emulator/session/views.ts';
import type { ViewName, Views } from '../../emulator/session/views/index.ts';

/** A user interface's end of a new session. */
export interface Wire {
  readonly port: Port;
  /** Sends bytes as they are: not in the form of a message. */
  sendRaw(bytes: Uint8Array): void;
  close(): void | Promise<void>;
}

export const program = {
  name: '04-stage2.elf',
  bytes: new Uint8Array(readFileSync(join(import.meta.dirname, '../../firmware/prebuilt/04-stage2.elf'))),
};

const status = (client: SessionClient, wanted: (status: StatusView) => boolean): Promise<StatusView> => until(client, 'status', {}, wanted);

/** The first data of a view that is `wanted`. */
function until<V extends ViewName>(
  client: SessionClient,
  view: V,
  params: Views[V]['params'],
  wanted: (data: Views[V]['data']) => boolean,
): Promise<Views[V]['data']> {
  return new Promise((resolve, reject) => {
    const stop = client.subscribe(
      view,
      params,
      (data) => {
        if (!wanted(data)) return;
        queueMicrotask(() => stop());
        resolve(data);
      },
      (message) => reject(new SessionError(message)),
    );
  });
}

async function opened(client: SessionClient): Promise<StatusView> {
  await client.call('open', program);
  return status(client, ({ state, image }) => state === 'ended' && image?.name === program.name);
}

const rejects = (promise: Promise<unknown>, kind: SessionError['kind'], message: RegExp): Promise<void> =>
  assert.rejects(promise, (error: SessionError) => error.name === 'SessionError' && error.kind === kind && message.test(error.message));

export const contractCases: Readonly<Record<string, (wire: Wire, shell: string) => Promise<void>>> = {
  async 'greets, carries out commands and shows views, each at the instant wanted'(wire, shell) {
    const client = new SessionClient(wire.port);
    assert.equal(await client.ready, shell);
    const { end } = await opened(client);
    assert.equal((await client.call('seek', { at: 1000 })).at, 1000);
    const live = await client.get('registers', {});

    // Pinned to an instant, a view stays there while the session goes elsewhere; it is the same view.
    const pinned: unknown[] = [];
    const stop = client.subscribe('registers', {}, (data) => pinned.push(data), undefined, 1000);
    assert.equal((await client.call('seek', { at: end })).at, end);
    assert.equal((await status(client, ({ at }) => at === end)).at, end);
    assert.deepEqual(await client.get('registers', {}, 1000), live);
    assert.notDeepEqual(await client.get('registers', {}), live);
    assert.deepEqual(pinned, [live]);
    stop();
    assert.equal((await client.call('stateHash', {})).at, end, 'looking elsewhere moves nothing');
  },

  async 'sends no more than two frames ahead of what was acknowledged'(wire) {
    const frames: number[] = [];
    let answered = 0;
    let heard: () => void = () => undefined;
    wire.port.onMessage((message) => {
      const reply = message as Reply;
      if (reply.type === 'frame') frames.push(reply.frame);
      if (reply.type === 'result') answered = reply.id;
      heard();
    });
    const hear = async (wanted: () => boolean): Promise<void> => {
      while (!wanted()) await new Promise<void>((resolve) => (heard = resolve));
    };
    const call = (id: number, command: string, params: object): void => wire.port.send({ type: 'call', id, command, params });
    call(1, 'open', program);
    wire.port.send({ type: 'subscribe', id: 2, view: 'registers', params: {} });
    // Each step changes the view; what is answered later was done later.
    let id = 2;
    const steps = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        call(++id, 'step', {});
        await hear(() => answered === id);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    call(++id, 'reset', {});
    await hear(() => answered === id);
    await steps(6);
    assert.equal(frames.length, 2, 'frames without an acknowledgement');
    wire.port.send({ type: 'ack', frame: frames[1] });
    await hear(() => frames.length === 3);
    await steps(4);
    assert.equal(frames.length, 4);
    // What was never sent is not acknowledged by saying so.
    wire.port.send({ type: 'ack', frame: 1e9 });
    await steps(6);
    assert.equal(frames.length, 6);
  },

  async 'goes on whatever is sent to it'(wire) {
    const client = new SessionClient(wire.port);
    const errors: string[] = [];
    client.onError = (message) => errors.push(message);
    let closed = false;
    client.onClose = () => (closed = true);
    await opened(client);

    const send = (message: unknown): void => wire.port.send(message);
    const json = fc.jsonValue({ maxDepth: 3 });
    const good = fc.constantFrom<Record<string, unknown>>(
      { type: 'call', id: 900_000, command: 'seek', params: { at: 5 } },
      { type: 'subscribe', id: 900_001, view: 'walk', params: { va: '0x40000000' }, at: 10 },
      { type: 'unsubscribe', id: 900_001 },
      { type: 'ack', frame: 1 },
    );
    const spoiled = fc.tuple(good, fc.string(), json).map(([message, key, value]) => {
      const keys = [...Object.keys(message), key];
      return { ...message, [keys[key.length % keys.length]]: value };
    });
    for (const message of fc.sample(fc.oneof(json, spoiled), { numRuns: 150, seed: 1 })) send(message);
    // Random bytes; whole messages cut off at every third byte; lengths that lie.
    for (const bytes of fc.sample(fc.uint8Array({ maxLength: 100 }), { numRuns: 50, seed: 2 })) wire.sendRaw(bytes);
    const whole = encodeMessage({ type: 'call', id: 1, command: 'input', params: { bytes: new Uint8Array(8) } });
    for (let length = 0; length < whole.length; length += 3) wire.sendRaw(whole.slice(0, length));
    wire.sendRaw(new Uint8Array([0xff, 0xff, 0xff, 0xff, 0x7b, 0x7d]));
    // Huge, deep, and full of nothing.
    send({ type: 'call', id: 900_002, command: 'input', params: { bytes: new Uint8Array(2 << 20) } });
    send({ type: 'call', id: 900_003, command: 'x'.repeat(1 << 20), params: {} });
    send(Array.from({ length: 100_000 }, () => null));
    const deep = new TextEncoder().encode('['.repeat(20_000) + ']'.repeat(20_000));
    const text = new Uint8Array(4 + deep.length);
    new DataView(text.buffer).setUint32(0, deep.length, true);
    text.set(deep, 4);
    wire.sendRaw(text);
    for (let i = 0; i < 400; i++) send({ type: 'subscribe', id: 1_000_000 + i, view: 'status', params: {} });

    const { at } = await client.call('seek', { at: 77 });
    assert.equal(at, 77);
    assert.equal((await client.call('stateHash', {})).at, 77);
    assert.equal(closed, false);
    assert.ok(errors.length > 150, `${errors.length} of the messages were answered`);
    for (const error of errors) assert.match(error, /\S/);
  },
};

/** These two are the session's own, whatever carries them. */
export async function saysWhatCannotBe(wire: Wire): Promise<void> {
  const client = new SessionClient(wire.port);
  await rejects(client.call('open', { name: 'x.elf', bytes: new Uint8Array([1, 2, 3]) }), 'refused', /x\.elf/);
  await opened(client);
  await rejects(client.call('seek', { at: -1 }), 'invalid', /seek/);
  await rejects(client.call('launch' as never, {} as never), 'invalid', /does not understand/);
  await rejects(client.call('seekOutput', { offset: 1e9 }), 'refused', /no byte/);
  const { at } = await client.call('seekOutput', {});
  assert.equal((await client.call('seekOutput', {})).at < at, true, 'the one before');
  await client.call('seek', { at: 0 });
  await rejects(client.call('seekOutput', {}), 'refused', /nothing has been sent/);
  await client.call('seek', { at: (await status(client, () => true)).end });
  await rejects(client.get('walk', JSON.parse('{"va":"here"}') as Record<string, never>), 'refused', /hexadecimal/);
  await rejects(client.get('levels', {}, 1e12), 'refused', /not recorded yet/);
  await rejects(client.get('levels', {}, -1), 'refused', /does not understand/);
  await rejects(client.get('status', {}, 0), 'refused', /session, not an instant/);
  assert.equal((await status(client, () => true)).state, 'ended');
}

export async function changesARegister(wire: Wire): Promise<void> {
  const client = new SessionClient(wire.port);
  const { end, traps } = await opened(client);
  const register = async (wanted: string): Promise<RegisterGroup['registers'][number]> => {
    const { groups } = await client.get('registers', {});
    return groups.flatMap(({ registers }) => registers).find(({ name }) => name === wanted)!;
  };
  await rejects(client.call('setRegister', { register: 'x0', value: '1', replace: true }), 'refused', /switched the machine off/);
  await client.call('seek', { at: 5000 });
  const before = await client.call('stateHash', {});

  // What cannot be is said, and nothing is lost.
  const refusals: [CommandParams<'setRegister'>, RegExp][] = [
    [{ register: 'MIDR_EL1', value: '5', replace: true }, /read-only/],
    [{ register: 'x31', value: '5', replace: true }, /no register "x31"/],
    [{ register: 'x0', value: '0x1_0000_0000_0000_0000', replace: true }, /does not fit into x0/],
    [{ register: 'v0', value: `0x1${'0'.repeat(32)}`, replace: true }, /does not fit into v0/],
    [{ register: 'v32', value: '5', replace: true }, /no register "v32"/],
    [{ register: 'x0', value: 'nowhere', replace: true }, /neither a number nor a register or symbol of 04-stage2\.elf/],
    [{ register: 'HCR_EL2', field: 'VM', value: '2', replace: true }, /does not fit into HCR_EL2\.VM/],
    [{ register: 'HCR_EL2', field: 'XYZ', value: '1', replace: true }, /no field "XYZ"/],
    [{ register: 'CNTP_CTL_EL0', field: 'ISTATUS', value: '1', replace: true }, /read-only/],
    [{ register: 'x0', value: '5', at: 4999, replace: true }, /no longer at 4999/],
  ];
  for (const [params, message] of refusals) await rejects(client.call('setRegister', params), 'refused', message);
  await rejects(client.call('setRegister', { register: 'x0' } as never), 'invalid', /setRegister/);
  const { changed, text: warning } = await client.call('setRegister', { register: 'x0', value: '5' });
  assert.equal(changed, false);
  assert.match(warning, /replaces everything recorded after instant 5000/);
  assert.deepEqual(await client.call('stateHash', {}), before);
  assert.equal((await status(client, () => true)).end, end);
  assert.equal((await register('x27')).changeable, '0xffffffffffffffff');
  assert.equal((await register('MIDR_EL1')).changeable, undefined);

  assert.deepEqual(await client.call('setRegister', { register: 'X27', value: 'main+4', at: 5000, replace: true }), {
    at: 5000,
    register: 'x27',
    value: (await register('x27')).value,
    changed: true,
    text: `x27 is now ${(await register('x27')).value}.`,
  });
  assert.match((await register('x27')).text, /^main\+0x4$/);
  assert.equal((await register('x27')).byHand, true);
  // The low bits of VBAR_EL2 are RES0, and a field leaves the others as they are.
  assert.equal((await client.call('setRegister', { register: 'VBAR_EL1', value: '-1' })).value, '0xfffffffffffff800');
  assert.equal((await client.call('setRegister', { register: 'HCR_EL2', field: 'TWI', value: '0b1' })).value, '0x2000');
  const wide = '0x80000000000000000000000000000005';
  assert.equal((await client.call('setRegister', { register: 'V31', value: wide })).text, `v31 is now ${wide}.`);
  assert.equal((await register('v31')).value, wide);
  const after = await client.call('stateHash', {});
  assert.notEqual(after.hash, before.hash);
  const now = await client.get('now', {});
  assert.match(JSON.stringify(now.sentence), /Changed by hand: .*x27.*VBAR_EL1.*HCR_EL2/);
  assert.equal((await status(client, () => true)).end, 5000);

  // It runs on, to another end or the same, and comes back to the same state.
  await client.call('run', {});
  const ended = await status(client, ({ state }) => state === 'ended');
  assert.ok(ended.traps > 0 && ended.traps <= 2 * traps);
  assert.deepEqual((await client.get('lanes', { from: 0, to: null, width: 100 })).changes, [
    { n: 5000, text: 'x27, VBAR_EL1, HCR_EL2 and v31 changed by hand' },
  ]);
  const { text } = await client.call('lastWriter', { register: 'x27' });
  assert.match(text, /^x27 was changed by hand at instant 5000: /);
  const vector = await client.call('lastWriter', { register: 'v31' });
  assert.equal(vector.text, `v31 was changed by hand at instant 5000: 0x0 became ${wide}.`);
  await client.call('seek', { at: 5000 });
  assert.deepEqual(await client.call('stateHash', {}), after);
}
