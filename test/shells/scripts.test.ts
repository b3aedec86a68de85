/** The scripts that run everything else: what they start ends with them, and only one at a time builds. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { root } from './built.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-scripts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const script = (name: string): string => JSON.stringify(join(root, 'scripts', name));

/** Module code in its own Node. */
function start(code: string) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'pipe'], cwd: root });
  const result = { output: '', errors: '' };
  child.stdout.on('data', (chunk) => (result.output += String(chunk)));
  child.stderr.on('data', (chunk) => (result.errors += String(chunk)));
  const ended = once(child, 'close').then(([exitCode]) => ({ ...result, exitCode: exitCode as number | null }));
  return { child, ended };
}

/** Code of a program that does not listen to SIGTERM and would go on for a minute; it writes down its process id. */
const stubborn = (note: string): string =>
  `process.on('SIGTERM', () => {}); require('fs').writeFileSync(${JSON.stringify(note)}, process.pid + '\\n'); setTimeout(() => {}, 60000)`;

/** The process id that a stubborn program has written down. */
async function noted(note: string): Promise<number> {
  for (let tries = 0; tries < 250; tries++) {
    if (existsSync(note) && readFileSync(note, 'utf8').endsWith('\n')) return Number(readFileSync(note, 'utf8'));
    await pause(20);
  }
  throw new Error('it did not start');
}
/** A zombie that nobody has reaped yet does not live. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

// At once: most of their time is waiting for what does not listen.
describe.concurrent('children', () => {
  const children = `import { capture, run } from ${script('children.mjs')};`;

  test('one that takes too long is ended, with what it has started', async () => {
    const note = join(folder, 'grandchild');
    const parent = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(stubborn(note))}]); setTimeout(() => {}, 60000)`;
    const { ended } = start(`${children}
      const { code, output } = await capture(process.execPath, ['-e', ${JSON.stringify(parent)}], { seconds: 2 });
      console.log(code !== 0, output.trim());`);
    const pid = await noted(note);
    expect((await ended).output).toBe('true ended after 2 s\n');
    expect(isAlive(pid)).toBe(false);
  });

  test('a signal to us reaches it, and one that does not listen does not keep us', async () => {
    const note = join(folder, 'child');
    const { child, ended } = start(`${children} await run(process.execPath, ['-e', ${JSON.stringify(stubborn(note))}]);`);
    const pid = await noted(note);
    child.kill('SIGTERM');
    expect((await ended).exitCode).toBe(128 + 15);
    await pause(100);
    expect(isAlive(pid)).toBe(false);
  });

  test('its exit code is passed on', async () => {
    const { ended } = start(`${children} process.exitCode = await run(process.execPath, ['-e', 'process.exit(4)']);`);
    expect((await ended).exitCode).toBe(4);
  });

  test('a program that does not exist is an error that names it', async () => {
    const { ended } = start(`${children} await run('no-such-program', []).catch((error) => console.log(error.message));`);
    expect((await ended).output).toMatch(/^no-such-program could not be started/);
  });
});

describe('lock', () => {
  const lock = join(folder, 'lock');
  const log = join(folder, 'log');
  const worker = (name: string): string => `import { appendFileSync } from 'node:fs'; import { whileLocked } from ${script('lock.mjs')};
    await whileLocked(${JSON.stringify(lock)}, async () => {
      appendFileSync(${JSON.stringify(log)}, '${name} ');
      await new Promise((resolve) => setTimeout(resolve, 200));
      appendFileSync(${JSON.stringify(log)}, '${name} ');
    });`;

  test('one at a time, even after one that was killed', async () => {
    // As a process that no longer exists has left it.
    writeFileSync(lock, String(await ended(start(''))));
    await Promise.all(['a', 'b', 'c'].map((name) => start(worker(name)).ended));
    const order = readFileSync(log, 'utf8').trim().split(' ');
    expect(order).toHaveLength(6);
    for (const at of [0, 2, 4]) expect(order[at]).toBe(order[at + 1]);
    expect(existsSync(lock)).toBe(false);
  });

  async function ended({ child, ended: over }: ReturnType<typeof start>): Promise<number> {
    await over;
    return child.pid!;
  }
});

test('an unknown command is refused with the list of those there are', async () => {
  const child = spawn(process.execPath, [join(root, 'scripts/run.mjs'), 'fly'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  const [code] = (await once(child, 'close')) as [number];
  expect({ code, errors }).toEqual({
    code: 2,
    errors:
      'Unknown command "fly": expected one of start, dev, build, bench, bench:app, bench:views, bench:tables, prove, test, elscope.\n',
  });
});
