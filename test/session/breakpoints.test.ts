/** Breakpoints and questions about the past, as a user interface asks for them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SessionClient } from '../../emulator/session/client.ts';
import { serveSession, type ServedSession } from '../../emulator/session/serve.ts';
import type { BreakpointRow, BreakpointSpec, StatusView } from '../../emulator/session/views.ts';
import { clonedMessages, statusOf, type Connection } from './ports.ts';

const name = '04-stage2.elf';
const bytes = new Uint8Array(readFileSync(join(import.meta.dirname, `../../firmware/prebuilt/${name}`)));

let connection: Connection;
let served: ServedSession;
let client: SessionClient;
beforeEach(async () => {
  connection = clonedMessages();
  served = serveSession(connection.server, { shell: 'test' });
  client = new SessionClient(connection.client);
  await client.call('open', { name, bytes });
  await status(({ state }) => state === 'ended');
  await client.call('reset', {});
});
afterEach(() => {
  void served.close();
  connection.close();
});

const status = (wanted: (status: StatusView) => boolean): Promise<StatusView> => statusOf(client, wanted);
const add = async (spec: BreakpointSpec): Promise<number> => (await client.call('addBreakpoint', { spec: spec as never })).id;
const rows = async (): Promise<readonly BreakpointRow[]> => (await client.get('breakpoints', {})).breakpoints;
async function run(): Promise<StatusView> {
  await client.call('run', {});
  return status(({ state, reason }) => state !== 'running' && (state !== 'paused' || reason !== undefined));
}

describe('a breakpoint', () => {
  test('says what it waits for, where it stands, and why it stopped the run', async () => {
    const symbol = await add({ kind: 'symbol', name: 'enter_el1_step2' });
    await add({ kind: 'register-write', register: 'hcr_el2' });
    await add({ kind: 'exception', types: ['HVC'] });
    const stops = [await run(), await run(), await run()];
    expect(stops.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^reached enter_el1_step2 \(el2_to_el1\.S:\d+\)$/),
      expect.stringMatching(/^HCR_EL2 was written: 0x0 became 0x80000001 by msr at el2_to_el1\.S:\d+$/),
      expect.stringMatching(/^HVC from EL1 to EL2, at guest\/hypercall\.c:\d+$/),
    ]);
    const list = await rows();
    expect(list[0]).toMatchObject({ id: symbol, enabled: true, hits: 1, text: 'Stops before the first instruction of enter_el1_step2.' });
    expect(list[0].place).toMatchObject({ symbol: 'enter_el1_step2', file: expect.stringContaining('el2_to_el1.S') as string });
    expect(list[1].spec).toEqual({ kind: 'register-write', register: 'HCR_EL2' });
    const code = await client.get('code', { before: 0, after: 0, address: list[0].place!.address });
    expect(code.lines[0].breakpoint).toEqual({ id: symbol, enabled: true });
  });

  test('can be switched off, on and removed, and set twice it is one', async () => {
    const id = await add({ kind: 'symbol', name: 'guest_main' });
    expect(await add({ kind: 'symbol', name: 'guest_main' })).toBe(id);
    await client.call('changeBreakpoint', { id, enabled: false });
    expect((await run()).state).toBe('ended');
    await client.call('seek', { at: 0 });
    await client.call('changeBreakpoint', { id, enabled: true });
    expect((await run()).reason).toMatch(/^reached guest_main/);
    await client.call('removeBreakpoint', { id });
    expect(await rows()).toEqual([]);
    await expect(client.call('removeBreakpoint', { id })).rejects.toThrow(/no breakpoint/);
    expect((await run()).state).toBe('ended');
  });

  test('outlives a reset and the same program loaded again, but not another program', async () => {
    await add({ kind: 'symbol', name: 'guest_main' });
    await client.call('reset', {});
    expect((await run()).reason).toMatch(/^reached guest_main/);
    await client.call('open', { name, bytes });
    expect((await status(({ reason }) => reason !== undefined)).reason).toMatch(/^reached guest_main/);
    expect((await rows())[0].hits).toBe(2);
    await client.call('open', { name: 'other.elf', bytes });
    expect(await rows()).toEqual([]);
  });

  test('on memory watches the physical memory behind an address, as it was translated when set', async () => {
    await client.call('run', {});
    await status(({ state }) => state === 'ended');
    const { walk } = await client.get('walk', { va: '0x80001000', regime: 'el1', el: 1, access: 'r' });
    if (!walk.result.ok) throw new Error(walk.result.text);
    await add({ kind: 'memory', space: 'va', address: '0x80001000', bytes: 4096, access: 'w', el: 1 });
    const [row] = await rows();
    expect(row.ranges).toEqual([{ pa: walk.result.pa, bytes: 4096, name: 'RAM' }]);
    expect(row.text).toMatch(/write to the 4.096 bytes at VA 0x80001000 of EL1/);
    await expect(add({ kind: 'memory', space: 'va', address: '0x7f0000000000', bytes: 8, access: 'r', el: 1 })).rejects.toThrow(
      /does not reach memory at EL1 now: Stage 1/,
    );
  });

  test('that cannot be is refused with a sentence', async () => {
    for (const [spec, message] of [
      [{ kind: 'symbol', name: 'nowhere' }, /has no symbol "nowhere"/],
      [{ kind: 'register-write', register: 'MIDR_EL1' }, /no register "MIDR_EL1" that can be written/],
      [{ kind: 'exception', types: ['Oops'] }, /types/],
      [{ kind: 'memory', space: 'pa', address: '0x40000000', bytes: 0, access: 'r' }, /bytes/],
      [{ kind: 'memory', space: 'pa', address: '0xfffffffffffffff8', bytes: 16, access: 'r' }, /past the last address/],
      [{ kind: 'memory', space: 'pa', address: '0x10000000000', bytes: 16, access: 'r' }, /Beyond the 40-bit physical/],
      [{ kind: 'address' }, /va/],
      [{ kind: 'sunset' }, /kind/],
    ] as const)
      await expect(client.call('addBreakpoint', { spec: spec as never }), JSON.stringify(spec)).rejects.toThrow(message);
    expect(await rows()).toEqual([]);
  });
});

describe('going to an instant', () => {
  test('that is not recorded yet stops at a breakpoint on the way, then goes on; known ground it passes', async () => {
    await add({ kind: 'symbol', name: 'guest_main' });
    const { at } = await run();
    const goal = at + 1000;
    await client.call('reset', {});
    expect(await client.call('seek', { at: goal })).toEqual({ at });
    expect((await status(() => true)).reason).toMatch(/^reached guest_main/);
    const [{ hits }] = await rows();
    expect(hits).toBe(2);
    expect(await client.call('seek', { at: goal })).toEqual({ at: goal });
    await client.call('seek', { at: 0 });
    expect(await client.call('seek', { at: goal })).toEqual({ at: goal });
    expect((await status(() => true)).reason).toBeUndefined();
    // A recording is repeated whole.
    await client.call('seek', { at: 0 });
    const { bytes: recording } = await client.call('recording', {});
    await client.call('open', { name, bytes: recording });
    expect((await status(({ state }) => state === 'paused')).end).toBe(goal);
    expect((await rows())[0].hits).toBe(hits);
  });
});

describe('running back', () => {
  test('goes to the stop before, with its reason, and to the beginning where there is none', async () => {
    await add({ kind: 'symbol', name: 'guest_main' });
    await add({ kind: 'level-change', to: 2 });
    const first = await run();
    const second = await run();
    expect(second.reason).toMatch(/^\w+ from EL1 to EL2, at /);
    const back = await client.call('runBack', {});
    expect(back.at).toBe(first.at);
    expect((await status(() => true)).reason).toBe(first.reason);
    expect(await client.call('runBack', {})).toEqual({ at: 0 });
    expect((await status(() => true)).reason).toMatch(/no breakpoint/);
  });

  test('is given up when something else is asked for, and the machine is where it was', async () => {
    await client.call('run', {});
    const { at } = await status(({ state }) => state === 'ended');
    const { hash } = await client.call('stateHash', {});
    await add({ kind: 'register-write', register: 'x9' });
    const search = client.call('writeHistory', { register: 'x28', count: 100 }).catch((error: Error) => error.message);
    expect(await client.call('stateHash', {})).toEqual({ at, hash });
    expect(await search).toMatch(/cancelled/);
    expect((await client.call('seek', { at: 100 })).at).toBe(100);
  });
});

describe('who wrote', () => {
  beforeEach(async () => {
    await client.call('run', {});
    await status(({ state }) => state === 'ended');
  });

  test('a register', async () => {
    const { write, text } = await client.call('lastWriter', { register: 'vttbr_el2' });
    expect(write).toMatchObject({ by: { kind: 'instruction', name: 'msr' }, symbol: expect.any(String) as string });
    expect(text).toMatch(/^VTTBR_EL2 was written: 0x\w+ became 0x\w+ by msr at el2\/stage2\.c:\d+\.$/);
    await client.call('seek', { at: write!.at });
    const value = async (): Promise<string> =>
      (await client.get('registers', {})).groups.flatMap((group) => group.registers).find((one) => one.name === 'VTTBR_EL2')!.value;
    expect(await value()).toBe(write!.before);
    await client.call('step', {});
    expect(await value()).toBe(write!.after);
    await client.call('seek', { at: 1e9 });
    expect((await client.call('lastWriter', { register: 'ESR_EL2' })).write).toMatchObject({ by: { kind: 'exception' } });
    await client.call('seek', { at: 0 });
    expect(await client.call('lastWriter', { register: 'VTTBR_EL2' })).toEqual({
      write: null,
      text: 'VTTBR_EL2 was never written: it still has its reset value.',
    });
  });

  test('memory, and what came with the image', async () => {
    const { groups } = await client.get('registers', {});
    const stack = BigInt(groups.flatMap((group) => group.registers).find((one) => one.name === 'sp')!.value);
    const address = `0x${(stack - 16n).toString(16)}`;
    const { writes } = await client.call('writeHistory', { memory: { space: 'va', address, bytes: 8, el: 2 }, count: 5 });
    expect(writes.length).toBe(5);
    for (let i = 1; i < writes.length; i++) expect(writes[i].at).toBeLessThan(writes[i - 1].at);
    const { write } = await client.call('lastWriter', { memory: { space: 'va', address, bytes: 8, el: 2 } });
    expect(write).toEqual(writes[0]);
    expect(write).toMatchObject({ by: { kind: 'instruction', name: expect.stringMatching(/^st/) as string } });
    const loaded = await client.call('lastWriter', { memory: { space: 'pa', address: '0x40080000', bytes: 4 } });
    expect(loaded.write).toBeNull();
    expect(loaded.text).toMatch(/loaded with the image/);
    const nothing = await client.call('lastWriter', { memory: { space: 'pa', address: '0x47000000', bytes: 4 } });
    expect(nothing.text).toMatch(/still holds its reset value/);
  });

  test('is refused where it is no question', async () => {
    await expect(client.call('lastWriter', {})).rejects.toThrow(/either memory or a register/);
    await expect(client.call('lastWriter', { register: 'PC' })).rejects.toThrow(/no register "PC"/);
    await expect(client.call('writeHistory', { register: 'sp', count: 0 })).rejects.toThrow(/count/);
  });
});
