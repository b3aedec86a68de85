/** Recordings as files: opened again they give the same run; what is cut off, damaged, foreign or hostile is told from what is whole. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { openProgram, readRecording, replay, writeRecording, type Program } from '../../emulator/index.ts';
import { crc32 } from '../../emulator/base/crc32.ts';
import { ChunkWriter, readChunks, type Chunk } from '../../emulator/time/chunks.ts';
import { writeRecordingSlowly } from '../../emulator/time/recording-file.ts';

const prebuilt = join(import.meta.dirname, '../../firmware/prebuilt');
const bytes = new Uint8Array(readFileSync(join(prebuilt, '04-stage2.elf')));
const open = (): Program => openProgram('04-stage2.elf', bytes);
const toTheEnd = (program: Program): Program => {
  while (program.timeline.forward(1_000_000) === 'budget');
  return program;
};
const read = (file: Uint8Array): ReturnType<typeof readRecording> => readRecording(file, 'a.elrec');

async function writeChunks(chunks: readonly Chunk[]): Promise<Uint8Array<ArrayBuffer>> {
  const writer = new ChunkWriter();
  for (const one of chunks) await writer.write(one);
  return writer.finish();
}
/** A chunk as it stands in the file. */
function chunk(type: string, body: Uint8Array, { deflated = false, length = body.length, crc = crc32(body) } = {}): Uint8Array {
  const head = Buffer.alloc(13);
  head.write(type, 'latin1');
  head[4] = deflated ? 1 : 0;
  head.writeUInt32LE(length, 5);
  head.writeUInt32LE(crc, 9);
  return Buffer.concat([head, body]);
}

describe('the chunks of a file', () => {
  test('cut off at any byte are those that are whole, and the rest is counted', async () => {
    const chunks = [
      { type: 'HEAD', payload: new TextEncoder().encode('{"a":1}') },
      { type: 'BIG ', payload: new Uint8Array(2000).fill(7) },
      { type: 'NONE', payload: new Uint8Array(0) },
      { type: 'LAST', payload: Uint8Array.from({ length: 100 }, (_, i) => i) },
    ];
    const file = await writeChunks(chunks);
    // Where each chunk ends in the file.
    const ends: number[] = [];
    for (let at = 10; at < file.length; at = ends.at(-1)!) ends.push(at + 13 + new DataView(file.buffer).getUint32(at + 5, true));
    expect(ends).toHaveLength(chunks.length);
    expect(ends.at(-1)).toBe(file.length);
    for (let length = 0; length <= file.length; length++) {
      const part = file.subarray(0, length);
      if (length < 10) {
        await expect(readChunks(part, 'a.elrec'), `${length} bytes`).rejects.toThrow(/not a recording|ends within its header/);
        continue;
      }
      const whole = ends.filter((end) => end <= length).length;
      const { chunks: found, lost } = await readChunks(part, 'a.elrec');
      expect(found, `${length} bytes`).toEqual(chunks.slice(0, whole));
      expect(lost).toBe(length - (ends[whole - 1] ?? 10));
    }
  });

  test('with one bit wrong are refused, or end before it', async () => {
    const file = await writeChunks([
      { type: 'ONE ', payload: new Uint8Array(300).fill(1) },
      { type: 'TWO ', payload: new Uint8Array([1, 2, 3]) },
    ]);
    const good = await readChunks(file, 'a.elrec');
    for (let bit = 0; bit < file.length * 8; bit++) {
      const spoiled = file.slice();
      spoiled[bit >> 3] ^= 1 << (bit & 7);
      const result = await readChunks(spoiled, 'a.elrec').catch((error: Error) => error);
      if (result instanceof Error) expect(result.name, result.message).toBe('InputError');
      // The name of a chunk, its flag and a length that leads beyond the end are not under the checksum of the payload.
      else expect(result).not.toEqual(good);
    }
  });

  test('that lie about their size, or inflate to more than may be, are refused', async () => {
    const header = (await writeChunks([])).slice();
    const bomb = deflateRawSync(new Uint8Array(8 << 20));
    expect(bomb.length).toBeLessThan(10_000);
    const file = Buffer.concat([header, chunk('BOMB', bomb, { deflated: true }), chunk('BOMB', bomb, { deflated: true })]);
    expect((await readChunks(file, 'a.elrec', 16 << 20)).chunks).toHaveLength(2);
    await expect(readChunks(file, 'a.elrec', (16 << 20) - 1)).rejects.toThrow(
      /"BOMB" is too large when inflated .*limit is 16777215 bytes/,
    );
    const liar = Buffer.concat([header, chunk('LIAR', new Uint8Array(4), { length: 0xffff_ffff })]);
    expect(await readChunks(liar, 'a.elrec')).toEqual({ version: 1, chunks: [], lost: 17 });
    const noise = Buffer.concat([header, chunk('NOIS', new Uint8Array(40).fill(0xa5), { deflated: true })]);
    await expect(readChunks(noise, 'a.elrec')).rejects.toThrow(/a\.elrec at offset 0xa: chunk "NOIS" does not inflate/);
    const wrong = Buffer.concat([header, chunk('CRC ', new Uint8Array(4), { crc: 1 })]);
    await expect(readChunks(wrong, 'a.elrec')).rejects.toThrow(/checksum of chunk "CRC " is wrong/);
  });
});

describe('a recording', () => {
  let whole: Program;
  let file: Uint8Array<ArrayBuffer>;
  beforeAll(async () => {
    whole = toTheEnd(open());
    file = await writeRecording('04-stage2.elf', bytes, {}, whole.timeline);
  });

  test('gives the same end when it is opened again, and the instant it was saved at', async () => {
    const recording = await readRecording(file, 'test.elrec');
    expect(recording.end).toEqual({ n: whole.timeline.at, hash: whole.machine.stateHash() });
    expect(recording).toMatchObject({ at: whole.timeline.at, reached: whole.timeline.at, lost: 0 });
    const again = toTheEnd(replay(recording));
    expect(again.machine.stateHash()).toBe(recording.end!.hash);
    const elsewhere = await writeRecording('04-stage2.elf', bytes, {}, whole.timeline, [], 1234);
    expect((await read(elsewhere)).at).toBe(1234);
  });

  test('cut off anywhere opens up to its last whole chunk, or says that nothing is left', async () => {
    let opened = 0;
    for (let length = 0; length < file.length; length += 97) {
      const result = await read(file.subarray(0, length)).catch((error: Error) => error);
      if (result instanceof Error) {
        expect(result.name, result.message).toBe('InputError');
        continue;
      }
      opened++;
      expect(result.end).toBeUndefined();
      expect(Buffer.compare(result.image, bytes)).toBe(0);
    }
    expect(opened).toBeGreaterThan(10);
    // Without the last chunk the last trap says how far it came: the call that switched the machine off.
    const { reached, lost } = await read(file.subarray(0, file.length - 1));
    expect(reached).toBe(whole.timeline.at);
    expect(lost).toBeGreaterThan(0);
  });

  test('is written piece by piece as it was when that began, and given up where it is not wanted any more', async () => {
    const { timeline } = whole;
    const shares: number[] = [];
    const written = writeRecordingSlowly('04-stage2.elf', bytes, {}, timeline, [], 5, (done) => {
      shares.push(done);
      // Meanwhile the past is changed, and with it everything after it.
      if (shares.length === 2) timeline.seek(1000);
      if (shares.length === 3) timeline.change('x0', 0n);
      return Promise.resolve(true);
    });
    expect(await readRecording((await written)!, 'b.elrec')).toEqual({ ...(await read(file)), at: 5 });
    expect([...shares].sort((a, b) => a - b)).toEqual(shares);
    expect([shares[0], shares.at(-1)]).toEqual([0, 1]);

    whole = toTheEnd(open());
    let asked = 0;
    const given = writeRecordingSlowly('04-stage2.elf', bytes, {}, whole.timeline, [], 5, () => Promise.resolve(++asked < 3));
    expect(await given).toBeUndefined();
    expect(asked).toBe(3);
  });

  test('that has its end is opened without what happened; one that has not, by the last of it', async () => {
    // Ten million bytes of lines would be in the way of opening it otherwise.
    const lines = Buffer.from(`{"n":7,"kind":"psci","from":2}\n`.repeat(300_000) + '{"n":8,"kind":"psci","from":2}');
    const make = async (end: Chunk[]): Promise<Uint8Array> =>
      writeChunks([
        { type: 'HEAD', payload: Buffer.from('{"name":"x","options":{},"files":0}') },
        { type: 'IMAG', payload: bytes },
        { type: 'TRAP', payload: lines },
        ...end,
      ]);
    const done = await make([{ type: 'DONE', payload: Buffer.from('{"n":20,"hash":"abc"}') }]);
    const tails = (): Record<string, number> => ({ TRAP: 40 });
    const { chunks } = await readChunks(done, 'a.elrec', lines.length, tails);
    const kept = Buffer.from(chunks.find(({ type }) => type === 'TRAP')!.payload);
    expect(kept.length).toBeLessThan(100_000);
    expect(kept.subarray(-40)).toEqual(lines.subarray(-40));
    expect((await read(done)).reached).toBe(20);
    expect((await read(await make([]))).reached).toBe(9);
  });

  test('of another kind or version is refused with a sentence', async () => {
    const newer = file.slice();
    newer[8] = 99;
    await expect(read(newer)).rejects.toThrow(/version 99.*newer ELscope/);
    await expect(read(bytes)).rejects.toThrow(/not a recording .*\.elrec/);
    await expect(read(await writeChunks([]))).rejects.toThrow(/cut off before its program/);
    const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
    const made = async (head: unknown, more: { type: string; payload: Uint8Array }[] = []): Promise<Uint8Array> =>
      writeChunks([{ type: 'HEAD', payload: json(head) }, { type: 'IMAG', payload: bytes }, ...more]);
    await expect(read(await made([1]))).rejects.toThrow(/no name or options/);
    await expect(read(await made({ name: 'x', options: {}, files: 2 }))).rejects.toThrow(/0 of its 2 files/);
    const falling = Buffer.alloc(24);
    falling.writeDoubleLE(9, 0);
    falling.writeDoubleLE(3, 12);
    await expect(read(await made({ name: 'x', options: {} }, [{ type: 'INPT', payload: falling }]))).rejects.toThrow(/do not fall/);
    const odd = await read(await made({ name: 'x', options: { memoryBytes: -1 } }));
    expect(() => replay(odd)).toThrow(/has invalid machine options/);
  });

  test('is only written of a machine that can be opened again', () => {
    expect(() => openProgram('04-stage2.elf', bytes, { append: 'x'.repeat(4096) })).not.toThrow();
    expect(() => openProgram('04-stage2.elf', bytes, { append: 'x'.repeat(4097) })).toThrow(
      'this machine cannot have a kernel command line of more than 4096 characters',
    );
    expect(() => openProgram('04-stage2.elf', bytes, { memoryBytes: 17409 << 10 })).toThrow(
      'this machine cannot have RAM that is not a multiple of 4 KiB',
    );
  });
});

test('input is repeated at its instants, and the run with it', async () => {
  const image = new Uint8Array(readFileSync(join(prebuilt, 'hypervisor.elf')));
  const program = openProgram('hypervisor.elf', image);
  const { timeline, machine } = program;
  const toWaiting = ({ timeline: line }: Program): void => {
    while (line.forward(1_000_000) === 'budget');
  };
  toWaiting(program);
  for (const line of ['help\r', 'nonsense\r']) {
    // In pieces, as they are typed.
    for (const letter of line) {
      timeline.input(new TextEncoder().encode(letter));
      timeline.forward(1000);
    }
    toWaiting(program);
  }
  const text = (p: Program): string => new TextDecoder().decode(p.timeline.output.slice(0, p.timeline.output.length));
  expect(text(program)).toContain('no command "nonsense"');
  const recording = await read(await writeRecording('hypervisor.elf', image, {}, timeline));
  expect(recording.inputs).toHaveLength(14);
  for (const slice of [1_000_000, 999]) {
    const again = replay(recording);
    while (again.timeline.at < recording.reached) again.timeline.forward(Math.min(slice, recording.reached - again.timeline.at));
    expect(again.machine.stateHash()).toBe(machine.stateHash());
    expect(text(again)).toBe(text(program));
  }
});
