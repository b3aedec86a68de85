/** Recordings as files: opened again they give the same run; what is cut off, damaged, foreign or hostile is told from what is whole. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { openProgram, readRecording, replay, runStart, writeRecording, type Program } from '../../emulator/index.ts';
import { crc32 } from '../../emulator/base/crc32.ts';
import { ChunkWriter, concatenate, readChunks, type Chunk } from '../../emulator/time/chunks.ts';
import { InputLog, mostInputs } from '../../emulator/time/input-log.ts';
import { endingOf, RecordingWriter } from '../../emulator/time/recording-file.ts';

const prebuilt = join(import.meta.dirname, '../../firmware/prebuilt');
const bytes = new Uint8Array(readFileSync(join(prebuilt, '04-stage2.elf')));
const open = (): Program => openProgram('04-stage2.elf', bytes);
const toTheEnd = (program: Program): Program => {
  while (program.timeline.forward(1_000_000) === 'budget');
  return program;
};
const read = (file: Uint8Array): ReturnType<typeof readRecording> => readRecording(file, 'a.elrec');

/** A file of an older version is one of today with another number: what it may hold is a part of what may be in one today. */
async function writeChunks(chunks: readonly Chunk[], version = 3): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  const writer = new ChunkWriter((part) => parts.push(part));
  for (const one of chunks) await writer.writeDeflated(one);
  const file = concatenate(parts);
  file[8] = version;
  return file;
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
    expect((await readChunks(file, 'a.elrec', { most: 16 << 20 })).chunks).toHaveLength(2);
    await expect(readChunks(file, 'a.elrec', { most: (16 << 20) - 1 })).rejects.toThrow(
      /"BOMB" is too large when inflated .*limit is 16777215 bytes/,
    );
    const liar = Buffer.concat([header, chunk('LIAR', new Uint8Array(4), { length: 0xffff_ffff })]);
    expect(await readChunks(liar, 'a.elrec')).toEqual({ version: 3, chunks: [], lost: 17 });
    // Zeros at the end were never written.
    expect(await readChunks(Buffer.concat([header, new Uint8Array(100)]), 'a.elrec')).toEqual({ version: 3, chunks: [], lost: 100 });
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
    file = await writeRecording(runStart(whole), whole.timeline);
  });

  test('gives the same end when it is opened again, and the instant it was saved at', async () => {
    const recording = await readRecording(file, 'test.elrec');
    expect(recording.end).toEqual({ n: whole.timeline.at, hash: whole.machine.stateHash() });
    expect(recording).toMatchObject({ at: whole.timeline.at, reached: whole.timeline.at, lost: 0 });
    const again = toTheEnd(replay(recording));
    expect(again.machine.stateHash()).toBe(recording.end!.hash);
    const elsewhere = await writeRecording(runStart(whole), whole.timeline, 1234);
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
    expect(opened).toBeGreaterThan(0);
  });

  test('is written as the run was when that began', async () => {
    const { timeline } = whole;
    const written = writeRecording(runStart(whole), timeline, 5);
    // Meanwhile the past is changed, and with it everything after it.
    timeline.seek(1000);
    timeline.change('x0', 0n);
    timeline.forward(1000);
    expect(await readRecording(await written, 'b.elrec')).toEqual({ ...(await read(file)), at: 5 });
    whole = toTheEnd(open());
  });

  test('is at any moment of the run a recording of it so far', async () => {
    const program = open();
    const { timeline } = program;
    const parts: Uint8Array[] = [];
    const writer = new RecordingWriter((part) => parts.push(part));
    const now = (): ReturnType<typeof read> => read(concatenate(parts));
    const typed = (n: number): void => {
      timeline.seek(n);
      timeline.input(new Uint8Array([n & 0xff]));
      writer.write({ kind: 'input', event: timeline.inputs.all().at(-1)! });
    };
    const { name, options, files } = program;
    writer.begin({ name, bytes, options, files, inputs: [] });
    expect(await now()).toMatchObject({ inputs: [], reached: 0, end: undefined, lost: 0 });
    typed(0);
    timeline.forward(10_000);
    writer.write({ kind: 'reached', n: timeline.end });
    expect(await now()).toMatchObject({ reached: 10_000 });
    timeline.forward(10_000);
    typed(20_000);
    expect(await now()).toMatchObject({ inputs: timeline.inputs.all(), reached: 20_000 });
    // A change in the past: what came later is forgotten.
    timeline.seek(5000);
    timeline.change('x28', 0x1234n);
    const inputs = timeline.inputs.all();
    writer.write({ kind: 'changed', kept: inputs.length - 1, event: inputs.at(-1)! });
    expect(await now()).toMatchObject({ inputs, reached: 5000 });
    timeline.forward(3000);
    writer.write({ kind: 'reached', n: timeline.end });
    const half = await now();
    expect(half).toMatchObject({ inputs, reached: 8000 });
    const again = replay(half);
    again.timeline.forward(8000);
    expect(again.machine.stateHash()).toBe(program.machine.stateHash());
    writer.end(endingOf(timeline, 7000));
    expect(await now()).toEqual({ ...half, at: 7000, end: { n: 8000, hash: program.machine.stateHash() } });
    expect(concatenate(parts).length).toBeLessThan(bytes.length + 1000);
  });

  test('of an older version that has its end is opened without what happened; one that has not, by the last of it', async () => {
    // Ten million bytes of lines would be in the way of opening it otherwise.
    const lines = Buffer.from(`{"n":7,"kind":"psci","from":2}\n`.repeat(300_000) + '{"n":8,"kind":"psci","from":2}');
    const make = async (end: Chunk[]): Promise<Uint8Array> =>
      writeChunks(
        [
          { type: 'HEAD', payload: Buffer.from('{"name":"x","options":{},"files":0,"at":3}') },
          { type: 'IMAG', payload: bytes },
          { type: 'TRAP', payload: lines },
          ...end,
        ],
        1,
      );
    const done = await make([{ type: 'DONE', payload: Buffer.from('{"n":20,"hash":"abc"}') }]);
    const tails = (): Record<string, number> => ({ TRAP: 40 });
    const { chunks } = await readChunks(done, 'a.elrec', { most: bytes.length + 1000, tails });
    const kept = Buffer.from(chunks.find(({ type }) => type === 'TRAP')!.payload);
    expect(kept.length).toBeLessThan(100_000);
    expect(kept.subarray(-40)).toEqual(lines.subarray(-40));
    expect(await read(done)).toMatchObject({ reached: 20, at: 3 });
    expect((await read(await make([]))).reached).toBe(9);
  });

  test('takes as many inputs as a run may have, and no more', async () => {
    const chunks: Chunk[] = [
      { type: 'HEAD', payload: Buffer.from('{"name":"x","options":{},"files":0}') },
      { type: 'IMAG', payload: bytes },
      { type: 'INPT', payload: new Uint8Array((mostInputs + 1) * 12) },
    ];
    await expect(read(await writeChunks(chunks, 1))).rejects.toThrow(`more than ${mostInputs} inputs`);
    const event = { kind: 'bytes', n: 0, bytes: new Uint8Array(1) } as const;
    const log = new InputLog(new Array<typeof event>(mostInputs - 1).fill(event));
    log.push(event);
    expect(() => log.push(event)).toThrow(`${mostInputs} inputs, the most that can be recorded`);
  });

  test('of another kind or version is refused with a sentence', async () => {
    const newer = file.slice();
    newer[8] = 99;
    await expect(read(newer)).rejects.toThrow(/version 99.*newer ELscope/);
    await expect(read(bytes)).rejects.toThrow(/not a recording .*\.elrec/);
    await expect(read(await writeChunks([]))).rejects.toThrow(/cut off before its program/);
    const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
    const made = async (head: unknown, more: { type: string; payload: Uint8Array }[] = [], version = 3): Promise<Uint8Array> =>
      writeChunks([{ type: 'HEAD', payload: json(head) }, { type: 'IMAG', payload: bytes }, ...more], version);
    await expect(read(await made([1]))).rejects.toThrow(/no name or options/);
    await expect(read(await made({ name: 'x', options: {}, files: 2 }))).rejects.toThrow(/0 of its 2 files/);
    const falling = Buffer.alloc(24);
    falling.writeDoubleLE(9, 0);
    falling.writeDoubleLE(3, 12);
    await expect(read(await made({ name: 'x', options: {} }, [{ type: 'INPT', payload: falling }], 1))).rejects.toThrow(/do not fall/);
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
  const recording = await read(await writeRecording(runStart(program), timeline));
  expect(recording.inputs).toHaveLength(14);
  for (const slice of [1_000_000, 999]) {
    const again = replay(recording);
    while (again.timeline.at < recording.reached) again.timeline.forward(Math.min(slice, recording.reached - again.timeline.at));
    expect(again.machine.stateHash()).toBe(machine.stateHash());
    expect(text(again)).toBe(text(program));
  }
});
