/** The same run, however it is cut, saved or travelled through, gives the same states. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openProgram, readRecording, replay, runStart, writeRecording, type Program } from '../../emulator/index.ts';

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
    const there = program.timeline.excursion(60_000, () => program.timeline.at, { key: 'instant' });
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

const prebuilt = join(import.meta.dirname, '../../firmware/prebuilt');
const scenarios = readdirSync(prebuilt).filter((name) => /^\d.*\.elf$/.test(name));

test.each(scenarios)('%s is the same run in slices of 7 and 1000 steps, saved, opened again and travelled through', async (name) => {
  const image = new Uint8Array(readFileSync(join(prebuilt, name)));
  const whole = run(openProgram(name, image), 1_000_000);
  const { timeline, machine } = whole;
  const end = { at: timeline.at, hash: machine.stateHash() };
  const middle = timeline.traps.step(timeline.traps.length >> 1);
  timeline.seek(middle);
  const there = machine.stateHash();
  timeline.seek(end.at);
  expect(machine.stateHash()).toBe(end.hash);

  const sliced = openProgram(name, image);
  while (sliced.timeline.at < 3000) sliced.timeline.forward(7);
  run(sliced, 1000);
  expect({ at: sliced.timeline.at, hash: sliced.machine.stateHash() }).toEqual(end);

  const again = run(replay(await readRecording(await writeRecording(runStart(whole), timeline), 'again.elrec')), 1_000_000);
  expect({ at: again.timeline.at, hash: again.machine.stateHash() }).toEqual(end);
  again.timeline.seek(middle);
  expect(again.machine.stateHash()).toBe(there);
});
