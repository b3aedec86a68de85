/** The same run, however it is cut, saved or travelled through, gives the same states. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openProgram, readRecording, replay, writeRecording, type Program } from '../../emulator/index.ts';

const image = join(import.meta.dirname, '../../firmware/prebuilt/04-stage2.elf');
const bytes = readFileSync(image);
const open = (): Program => openProgram('04-stage2.elf', bytes);

function run(program: Program, slice: number): Program {
  while (program.timeline.forward(slice) === 'budget');
  return program;
}

describe('a run', () => {
  let whole: Program;
  let hash: string;
  beforeAll(() => {
    whole = run(open(), 1e9);
    hash = whole.machine.stateHash();
  });

  test.each([7, 1000, 999_983])('in slices of %i steps ends in the same state', (slice) => {
    const sliced = run(open(), slice);
    expect(sliced.timeline.at).toBe(whole.timeline.at);
    expect(sliced.machine.stateHash()).toBe(hash);
    expect(sliced.timeline.traps.length).toBe(whole.timeline.traps.length);
  });

  test('step by step over a trap gives the states of the run in one go', () => {
    const stepped = open();
    const trap = whole.timeline.traps.step(1);
    stepped.timeline.forward(trap - 50);
    for (let i = 0; i < 100; i++) stepped.timeline.forward(1);
    const direct = open();
    direct.timeline.forward(trap + 50);
    expect(stepped.machine.stateHash()).toBe(direct.machine.stateHash());
  });

  test('reached again after travelling back has the same states on the way', () => {
    const program = run(open(), 1e9);
    const { timeline, machine } = program;
    const instants = [1, 5000, 110_000, 150_000, timeline.end - 1, timeline.end];
    const first = instants.map((at) => {
      timeline.seek(at);
      return machine.stateHash();
    });
    const again = [...instants].reverse().map((at) => {
      timeline.seek(at);
      return machine.stateHash();
    });
    expect(again.reverse()).toEqual(first);
    expect(first.at(-1)).toBe(hash);
    const fresh = instants.map((at) => {
      const other = open();
      other.timeline.forward(at);
      return other.machine.stateHash();
    });
    expect(fresh).toEqual(first);
  });

  test('is not changed by looking at another instant', () => {
    const program = open();
    program.timeline.forward(120_000);
    const before = program.machine.stateHash();
    const there = program.timeline.excursion(60_000, () => program.timeline.at);
    expect(there).toBe(60_000);
    expect(program.timeline.at).toBe(120_000);
    expect(program.machine.stateHash()).toBe(before);
  });

  test('differs in its hash from one step to the next', () => {
    const program = open();
    const hashes = new Set<string>();
    for (let i = 0; i < 200; i++) {
      hashes.add(program.machine.stateHash());
      program.timeline.forward(1);
    }
    expect(hashes.size).toBe(200);
  });
});

describe('a recording', () => {
  test('gives the same end when it is opened again', async () => {
    const program = run(open(), 1e9);
    const file = await writeRecording('04-stage2.elf', bytes, {}, program.timeline);
    const recording = await readRecording(file, 'test.elrec');
    expect(recording.end).toEqual({ n: program.timeline.at, hash: program.machine.stateHash() });
    const again = replay(recording);
    run(again, 12_345);
    expect(again.machine.stateHash()).toBe(recording.end!.hash);
  });

  test('cut off anywhere opens up to its last whole chunk, or says that nothing is left', async () => {
    const program = open();
    program.timeline.forward(2000);
    const file = await writeRecording('04-stage2.elf', bytes, {}, program.timeline);
    let opened = 0;
    for (let length = 0; length < file.length; length += Math.max(1, Math.floor(file.length / 60))) {
      const result = await readRecording(file.subarray(0, length), 'cut.elrec').catch((error: Error) => error);
      if (result instanceof Error) expect(result.name).toBe('InputError');
      else {
        opened++;
        expect(Buffer.compare(result.image, bytes)).toBe(0);
      }
    }
    expect(opened).toBeGreaterThan(0);
  });

  test('damaged, foreign or newer is refused with a sentence', async () => {
    const program = open();
    const file = await writeRecording('04-stage2.elf', bytes, {}, program.timeline);
    const damaged = file.slice();
    damaged[damaged.length >> 1] ^= 1;
    await expect(readRecording(damaged, 'a.elrec')).rejects.toThrow(/checksum of chunk "IMAG"/);
    const newer = file.slice();
    newer[8] = 99;
    await expect(readRecording(newer, 'a.elrec')).rejects.toThrow(/version 99/);
    await expect(readRecording(bytes, 'a.elrec')).rejects.toThrow(/not a recording/);
  });
});
