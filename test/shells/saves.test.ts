/** What is saved is whole, or what was there before stays; what cannot be written is told before the run, or ends it with a sentence. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readRecording } from '../../emulator/index.ts';
import { replaceFile, SavedFile } from '../../src-main/saved-file.ts';
import { elscopeHere, prebuilt, root } from './built.ts';
import { busyProgram, killedRun, outputOf } from './killed.ts';
import { echoProgram } from './programs.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-saves-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const script = join(root, 'out/main/elscope.js');
writeFileSync(at('echo.elf'), echoProgram);
writeFileSync(at('busy.elf'), busyProgram);

describe('a file that is saved', () => {
  test('takes the place of the old one when it is whole, with its mode, where a link leads', () => {
    writeFileSync(at('old'), 'old', { mode: 0o640 });
    symlinkSync('old', at('link'));
    const file = SavedFile.create(at('link'));
    file.write('new ');
    expect(readFileSync(at('old'), 'utf8')).toBe('old');
    file.replace();
    expect(readFileSync(at('link'), 'utf8')).toBe('new ');
    file.write('and more');
    file.finish();
    expect(readFileSync(at('old'), 'utf8')).toBe('new and more');
    expect(statSync(at('old')).mode & 0o777).toBe(0o640);
    replaceFile(at('old'), 'newest');
    expect(readFileSync(at('link'), 'utf8')).toBe('newest');
  });
  test('leaves the old one where it is given up', () => {
    writeFileSync(at('kept'), 'old');
    const file = SavedFile.create(at('kept'));
    file.write('half');
    file.discard();
    expect(readFileSync(at('kept'), 'utf8')).toBe('old');
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});

describe.each(['--record', '--traps', '--stats'])('%s', (option) => {
  test.each<[string, () => string, RegExp]>([
    ['a folder', () => folder, /cannot be written: this is a folder \(name a file in it\)/],
    ['in a folder that is not there', () => at('no/a'), /no such file or directory \(there is no folder .*no: create it first\)/],
    ['in a place where nobody may write', () => '/proc/a', /\/proc\/a: cannot be written: .* \(choose a place where you may write\)/],
    ['on a full disk', () => '/dev/full', /no space left on device \(make room on the disk, or choose another\)/],
    ['the program itself', () => prebuilt('02-hypercalls'), /is named twice: choose another file to write/],
  ])('that names %s is refused with a sentence', async (_what, path, said) => {
    const { code, stderr } = await elscopeHere('run', prebuilt('02-hypercalls'), '--quiet', '--input', '', option, path());
    expect(stderr).toMatch(/^elscope run: .*\n$/);
    expect(stderr).toMatch(said);
    expect(code).toBe(2);
  });
});

/** The built `elscope`, with what can be done to it from outside. */
function start(words: readonly string[]): { child: ReturnType<typeof spawn>; ended: Promise<number | null>; said: () => string } {
  const child = spawn(process.execPath, [script, ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (text) => (said += String(text)));
  return { child, ended: once(child, 'close').then(([code]) => code as number | null), said: () => said };
}

test('a run that a signal ends finishes what it saves', { timeout: 60_000 }, async () => {
  const signals = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map(async (signal) => {
    const { child, ended, said } = start(['run', at('busy.elf'), '--record', at(signal), '--stats', at(`${signal}.json`)]);
    await once(child.stdout!, 'data');
    child.kill(signal);
    // Nobody reads what it says any more.
    child.stdout!.pause();
    expect(said()).toBe('');
    return [await ended, (await readRecording(new Uint8Array(readFileSync(at(signal))), signal)).end !== undefined];
  });
  expect(await Promise.all(signals)).toEqual([
    [130, true],
    [143, true],
    [129, true],
  ]);
});

test('a reader of the output that has seen enough ends the run, which finishes what it saves', () => {
  const line = `"${process.execPath}" "${script}" run "${at('busy.elf')}" --record "${at('head')}" | head -c 100 >/dev/null; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', line], { encoding: 'utf8', timeout: 20_000 });
  expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
  const full = spawnSync('bash', ['-c', `"${process.execPath}" "${script}" run "${at('busy.elf')}" >/dev/full`], { encoding: 'utf8' });
  expect(full.stderr).toBe('elscope: standard output cannot be written: no space left on device\n');
  expect(full.status).toBe(2);
});

test('a disk that fills up leaves the recording as far as it came', () => {
  mkdirSync(at('full'), { recursive: true });
  // Files may have 4 KiB: inputs of a kilobyte each are soon too many.
  const line = `ulimit -f 4; for i in 1 2 3 4 5 6 7 8; do head -c 1000 /dev/zero; sleep 0.1; done | "${process.execPath}" "${script}" run "${at('echo.elf')}" --quiet --record "${at('full/a')}"`;
  const { stderr, status } = spawnSync('bash', ['-c', line], { encoding: 'utf8', timeout: 20_000 });
  expect(stderr).toMatch(
    /^elscope run: .*full\/a: cannot be written: file too large \(choose a disk .*\); it holds the run up to there\n$/,
  );
  expect(status).toBe(2);
  expect(readdirSync(at('full'))).toEqual(['a']);
});

test('a run that is killed at any moment leaves a recording that lacks at most the last second', { timeout: 60_000 }, async () => {
  const runs = [700, 1300, 1900].map((after) => killedRun(at('busy.elf'), at(`killed-${after}`), after));
  for (const { recording, had } of await Promise.all(runs)) {
    expect(recording.end).toBeUndefined();
    expect(outputOf(recording)).toBeGreaterThanOrEqual(had);
  }
});
