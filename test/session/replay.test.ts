/** Opening a recording: its last instant is shown at once, and believed only until the run has been replayed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import {
  addRecordedSymbols,
  assembleProgram,
  elfOf,
  openProgram,
  RecordingWriter,
  runStart,
  writeRecording,
  type Program,
} from '../../emulator/index.ts';
import { SessionClient } from '../../emulator/session/client.ts';
import { resumed } from '../../emulator/session/program.ts';
import { Journal } from '../../emulator/session/journal.ts';
import { serveSession, type SessionOptions } from '../../emulator/session/serve.ts';
import { ByteWriter } from '../../emulator/base/bytes.ts';
import { ChunkWriter, concatenate, readChunks } from '../../emulator/time/chunks.ts';
import { contentHash, recordedSymbols, type RecordedSymbols } from '../../emulator/time/recorded-symbols.ts';
import { readRecording } from '../../emulator/time/recording-file.ts';
import { keyframeBytes, KeyframeJournal, readKeyframe, type KeyframeEntry } from '../../emulator/time/stored-keyframe.ts';
import { clonedMessages, statusOf } from './ports.ts';

const elf = new Uint8Array(readFileSync(join(import.meta.dirname, '../../firmware/prebuilt/06-two-guests.elf')));
/** Counts in x0 for so long that a fast computer, too, replays for a few hundred milliseconds, within which the tests ask. */
const counting = (() => {
  const { program } = assembleProgram('.global _start\n_start: add x0, x0, #1\n b _start\n');
  return new Uint8Array(elfOf(program!, 'counting.s'));
})();
const STEPS = 300_000_000;

let whole: Program;
let file: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  whole = openProgram('counting.elf', counting);
  while (whole.timeline.at < STEPS) whole.timeline.forward(STEPS - whole.timeline.at);
  file = await writeRecording(runStart(whole), whole.timeline);
});

let end: () => void;
afterEach(() => end());
function begin(options: Omit<SessionOptions, 'shell'> = {}): SessionClient {
  const connection = clonedMessages();
  const served = serveSession(connection.server, { shell: 'test', ...options });
  end = () => (served.close(), connection.close());
  return new SessionClient(connection.client);
}
const x0 = async (client: SessionClient): Promise<string> => {
  const { groups } = await client.get('registers', { only: 'General' });
  return groups[0].registers[0].value;
};

/** The same file with another keyframe. */
async function withKeyframe(change: (payload: Uint8Array) => Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const { chunks } = await readChunks(file, 'x');
  const parts: Uint8Array[] = [];
  const writer = new ChunkWriter((part) => parts.push(part));
  for (const { type, payload } of chunks) await writer.writeDeflated({ type, payload: type === 'KEYF' ? change(payload) : payload });
  return concatenate(parts);
}

test('the last instant is shown while the run is replayed, and what moves the machine waits for that', async () => {
  const client = begin();
  const told: number[] = [];
  const opened = client.call('open', { name: 'counting.elrec', bytes: file }, (fraction) => told.push(fraction ?? -1));
  const early = await statusOf(client, ({ at }) => at === STEPS);
  expect(early).toMatchObject({ state: 'seeking', end: STEPS });
  expect(BigInt(await x0(client))).toBe(BigInt(STEPS / 2));
  const back = client.call('stepBack', {});
  // Another instant is not there yet, and says so.
  await expect(client.get('registers', { only: 'General' }, 10)).rejects.toThrow(`what was before instant ${STEPS} is not known yet`);
  expect(await back).toEqual({ at: STEPS - 1 });
  await opened;
  expect(told.length).toBeGreaterThan(0);
  expect(told.every((fraction, i) => fraction >= (told[i - 1] ?? 0) && fraction <= 1)).toBe(true);
  expect(BigInt(await x0(client))).toBe(BigInt(STEPS / 2));
  expect(await client.call('stateHash', {})).not.toEqual({ at: STEPS, hash: whole.machine.stateHash() });
  await client.call('step', {});
  expect(await client.call('stateHash', {})).toEqual({ at: STEPS, hash: whole.machine.stateHash() });
});

test('given up on the way it stands where the replay was, and what waited for it is refused', async () => {
  const client = begin();
  const opened = client.call('open', { name: 'counting.elrec', bytes: file });
  await statusOf(client, ({ at }) => at === STEPS);
  const step = client.call('step', {});
  await client.call('pause', {});
  await expect(step).rejects.toThrow('the recording was not replayed to its end');
  await opened;
  const { at, state } = await statusOf(client, ({ state }) => state === 'paused');
  expect(state).toBe('paused');
  expect(at).toBeLessThan(STEPS);
});

test('a state that the replay does not come to is told, and what is shown then is the replayed one', async () => {
  const other = openProgram('counting.elf', counting);
  other.timeline.forward(10);
  other.timeline.change('x0', 0xdeadn);
  while (other.timeline.at < STEPS) other.timeline.forward(STEPS - other.timeline.at);
  other.machine.inputsTaken = 0;
  const forged = await withKeyframe(() => keyframeBytes(other.timeline)!);
  const client = begin();
  const opened = client.call('open', { name: 'forged.elrec', bytes: forged });
  await statusOf(client, ({ at }) => at === STEPS);
  expect(BigInt(await x0(client))).not.toBe(BigInt(STEPS / 2));
  await opened;
  const { reason } = await statusOf(client, ({ state }) => state === 'paused');
  expect(reason).toBe(
    `the recording was replayed to the recorded state; the state that it holds for instant ${STEPS}, which was shown until now, is not the one that replaying gives`,
  );
  expect(BigInt(await x0(client))).toBe(BigInt(STEPS / 2));
});

test('a state that is damaged is not shown: the recording is replayed, and says why that took a while', async () => {
  const spoiled = await withKeyframe((payload) => payload.with(payload.length - 2000, payload.at(-2000)! ^ 1));
  const client = begin();
  await client.call('open', { name: 'spoiled.elrec', bytes: spoiled });
  const { at, reason } = await statusOf(client, ({ state }) => state === 'paused');
  expect(at).toBe(STEPS);
  expect(reason).toContain(`replayed to the recorded state; the state stored for instant ${STEPS} is damaged, or of another version`);
});

test('a machine is put into no state that it cannot have, wherever in the file that is said', () => {
  end = () => undefined;
  const program = openProgram('06-two-guests.elf', elf);
  program.timeline.forward(50_000);
  const payload = keyframeBytes(program.timeline)!;
  const good = readKeyframe(payload, 'x.elrec');
  expect(resumed(program, good).machine.stateHash()).toBe(program.machine.stateHash());
  const refused = (change: Partial<typeof good>, why: RegExp): void => expect(() => resumed(program, { ...good, ...change })).toThrow(why);
  refused({ n: good.n + 1 }, /is damaged, or of another version/);
  refused({ state: good.state.subarray(0, 500) }, /machine state at offset/);
  // Beside the RAM lie the registers and the code of the machine.
  const [first] = good.pages;
  for (const page of [-1, -0x4000, 2 ** 32 - 1, 0x8000 + 0x8000])
    refused({ pages: [...good.pages, { ...first, page }] }, /lies in no memory of this machine/);
  // The hash would find any of these: what the machine itself takes is looked at here.
  const { machine } = openProgram('06-two-guests.elf', elf);
  let taken = 0;
  for (let at = 0; at + 4 <= good.state.length; at += 4) {
    const state = good.state.slice();
    new DataView(state.buffer).setUint32(at, 0xffff_ffff, true);
    try {
      machine.resume(state, []);
      taken++;
      expect(machine.cpu.el).toBeLessThan(3);
    } catch (error) {
      expect((error as Error).name, `offset ${at}: ${(error as Error).stack}`).toBe('InputError');
    }
  }
  expect(taken).toBeGreaterThan(0);
  const unordered = new ByteWriter().count(1).text('x').bytes(new Uint8Array(1)).u32(2);
  for (let i = 0; i < 2; i++) unordered.u32(7).raw(new Uint8Array(4096));
  expect(() => readKeyframe(unordered.finish(), 'x.elrec')).toThrow(/page 7 of a keyframe is out of order/);
  expect(() => readKeyframe(payload.subarray(0, 5000), 'x.elrec')).toThrow(/more bytes should follow, but only/);
});

test('a journal keeps the last of its keyframes, and none of a run that was changed before it', async () => {
  end = () => undefined;
  const program = openProgram('06-two-guests.elf', elf);
  const { timeline } = program;
  const parts: Uint8Array[] = [];
  const writer = new RecordingWriter((part) => parts.push(part));
  writer.begin(runStart(program));
  const kept: KeyframeEntry[] = [];
  const keyframes = new KeyframeJournal(timeline, (entry) => (kept.push(entry), writer.write(entry)));
  for (const n of [10_000, 20_000]) {
    timeline.forward(n - timeline.at);
    writer.write({ kind: 'reached', n });
    await keyframes.add();
  }
  expect(kept.map(({ n }) => n)).toEqual([10_000, 20_000]);
  const now = async (): Promise<number | undefined> => (await readRecording(concatenate(parts), 'x')).keyframe?.n;
  expect(await now()).toBe(20_000);
  expect((await readRecording(concatenate(parts), 'x', { withKeyframe: false })).keyframe).toBeUndefined();
  timeline.change('x1', 1n);
  writer.write({ kind: 'changed', kept: 0, event: timeline.inputs.all()[0] });
  expect(await now()).toBe(20_000);
  timeline.seek(15_000);
  const meanwhile = keyframes.add();
  timeline.change('x1', 2n);
  await meanwhile;
  expect(kept).toHaveLength(2);
  writer.write({ kind: 'changed', kept: 0, event: timeline.inputs.all()[0] });
  expect(await now()).toBeUndefined();
});

const map = new TextEncoder().encode('0000000040080000 T start\n0000000040081000 T other\n');
const rows = async (client: SessionClient): Promise<unknown> => (await client.get('symbolFiles', {})).files;

test('a recording, and a run that is restored, have the names that were added, each for its addresses', async () => {
  const journal = new Journal();
  const first = begin({ image: { name: 'two.elf', bytes: elf }, journal: (entry) => journal.write(structuredClone(entry)) });
  const closeFirst = end;
  await first.call('addSymbols', { name: 'gone.map', bytes: map });
  await first.call('addSymbols', { name: 'guest.map', bytes: map, offset: '-0x80000', vmid: 1 });
  await first.call('removeSymbols', { number: 0 });
  const expected = [
    expect.objectContaining({ name: 'guest.map', text: '2 names for EL1 and EL0 of VMID 1, moved by -0x80000' }),
  ] as unknown;
  expect(await rows(first)).toEqual(expected);
  const { bytes } = await first.call('recording', {});
  closeFirst();

  const second = begin();
  const closeSecond = end;
  await second.call('open', { name: 'two.elrec', bytes });
  expect(await rows(second)).toEqual(expected);
  // Opened again in the same session they are not there twice.
  await second.call('open', { name: 'two.elrec', bytes });
  expect(await rows(second)).toEqual(expected);
  closeSecond();

  const third = begin({ lost: journal.lost('It ended.')! });
  await statusOf(third, ({ image }) => image !== null);
  expect(await rows(third)).toEqual(expected);
});

test('a file with names that is too large for a recording is found again by its place in a run of this person, and nowhere else', async () => {
  end = () => undefined;
  const large = {
    name: 'vmlinux',
    offset: 0n,
    el: 1,
    vmid: undefined,
    hash: contentHash(map),
    bytes: undefined,
    path: '/x/vmlinux',
  } as const;
  const opened = async (one: RecordedSymbols, find?: (path: string) => Promise<Uint8Array>): Promise<[number, string | undefined]> => {
    const program = openProgram('two.elf', elf);
    const [missing] = await addRecordedSymbols(program, { symbols: [one] }, find);
    return [program.names.recorded.added.length, missing];
  };
  const content = (bytes: Uint8Array) => (path: string) =>
    path === '/x/vmlinux' ? Promise.resolve(bytes) : Promise.reject(new Error('no'));
  expect(await opened(large, content(map))).toEqual([1, undefined]);
  const missing = (why: string): [number, string] => [0, `The names of vmlinux are missing: ${why}. Add the file again`];
  expect(await opened(large)).toEqual(missing('the file is too large to be in a recording'));
  expect(await opened({ ...large, path: undefined }, content(map))).toEqual(missing('the file is too large to be in a recording'));
  expect(await opened(large, content(map.subarray(5)))).toEqual(missing('the file is not the one that was added'));
  expect(await opened(large, () => Promise.reject(new Error('it cannot be read')))).toEqual(missing('it cannot be read'));
  const [none, why] = await opened({ ...large, hash: contentHash(new Uint8Array(3)), bytes: new Uint8Array(3) });
  expect(none).toBe(0);
  expect(why).toMatch(/neither an ELF file nor a list of symbols/);
  expect(recordedSymbols({ ...large }, new Uint8Array(2 ** 25 + 1)).bytes).toBeUndefined();
  expect(recordedSymbols({ ...large }, map).bytes).toBe(map);
});
