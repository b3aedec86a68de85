/** A program that is built anew is noticed, however the build writes it. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readProgramFile, watchProgramFile } from '../../src-main/program-file.ts';

let folder: string;
let path: string;
let seen: string[];
let stop: () => void;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'elscope-watch-'));
  path = join(folder, 'program.elf');
  writeFileSync(path, 'first');
  seen = [];
  const { bytes } = await readProgramFile(path);
  stop = watchProgramFile(path, bytes, (file) => seen.push(Buffer.from(file.bytes).toString()));
});
afterEach(() => {
  stop();
  rmSync(folder, { recursive: true, force: true });
});

async function seenBy(milliseconds: number, wanted: string[]): Promise<void> {
  for (const end = Date.now() + milliseconds; Date.now() < end && seen.length < wanted.length;) await pause(20);
  expect(seen).toEqual(wanted);
}

test('written over', async () => {
  writeFileSync(path, 'second');
  await seenBy(5000, ['second']);
});

test('replaced by another file', async () => {
  writeFileSync(join(folder, 'new'), 'second');
  renameSync(join(folder, 'new'), path);
  await seenBy(5000, ['second']);
});

test('removed and made again, twice', async () => {
  unlinkSync(path);
  await pause(400);
  writeFileSync(path, 'second');
  await seenBy(5000, ['second']);
  writeFileSync(path, 'third');
  await seenBy(5000, ['second', 'third']);
});

test('its folder removed and made again', async () => {
  rmSync(folder, { recursive: true });
  await pause(400);
  mkdirSync(folder);
  writeFileSync(path, 'second');
  await seenBy(5000, ['second']);
});

test('changed before the watching began', async () => {
  stop();
  writeFileSync(path, 'second');
  stop = watchProgramFile(path, Buffer.from('first'), (file) => seen.push(Buffer.from(file.bytes).toString()));
  await seenBy(5000, ['second']);
});

test('written in pieces: only the whole is shown', async () => {
  for (const text of ['', 'sec', 'second']) {
    writeFileSync(path, text);
    await pause(50);
  }
  await seenBy(5000, ['second']);
});

test('another file beside it is no change; the same contents, written again, are told', async () => {
  writeFileSync(join(folder, 'other.elf'), 'other');
  await pause(600);
  expect(seen).toEqual([]);
  writeFileSync(path, 'first');
  await seenBy(5000, ['first']);
});

test('nothing after stop', async () => {
  stop();
  writeFileSync(path, 'second');
  await pause(600);
  expect(seen).toEqual([]);
});
