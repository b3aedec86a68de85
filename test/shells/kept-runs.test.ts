/** Runs that are kept while they go on: what is offered after the session is over, what stays, and how a page comes back to its run. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { readRecording } from '../../emulator/index.ts';
import { KeptRuns, type KeptSession } from '../../src-main/kept-runs.ts';
import { Resume } from '../../src-main/web/resume.ts';
import { busyProgram, killedSession } from './killed.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-kept-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a run that is kept', () => {
  let runs: string;
  let kept: KeptRuns;
  beforeEach(() => {
    runs = join(mkdtempSync(join(folder, 'state-')), 'runs');
    kept = new KeptRuns(runs);
  });
  const event = { kind: 'bytes', n: 5, bytes: new Uint8Array([65]) } as const;
  const opened = { kind: 'opened', name: 'a.elf', bytes: busyProgram, options: {}, files: [], inputs: [], path: '/home/me/a.elf' } as const;
  /** A session with an input, as far as instant `n`. */
  function went(to: number): KeptSession {
    const session = kept.begin();
    session.write(opened);
    session.write({ kind: 'input', event });
    session.write({ kind: 'reached', n: to });
    return session;
  }
  const files = (): string[] => readdirSync(runs).sort();

  test('is offered once its session is over, and not before', async () => {
    const session = went(1000);
    expect(await kept.last()).toBeUndefined();
    session.close();
    const run = (await kept.last())!;
    expect(run).toMatchObject({ id: session.run, name: 'a.elf', steps: 1000, inputs: 1 });
    const recording = await readRecording(await kept.bytes(run.id), 'a');
    expect(recording).toMatchObject({ inputs: [event], reached: 1000, path: '/home/me/a.elf' });
    kept.discard(run.id);
    expect(await kept.last()).toBeUndefined();
    expect(files()).toEqual([]);
    await expect(kept.bytes(run.id)).rejects.toThrow(/not kept any more/);
    await expect(kept.bytes('../../etc/passwd')).rejects.toThrow(/not kept any more/);
  });

  test('can be read by its person only', () => {
    went(1).close();
    expect(statSync(runs).mode & 0o777).toBe(0o700);
    expect(statSync(join(runs, files()[0])).mode & 0o777).toBe(0o600);
  });

  test('is not offered where it comes again in a moment', async () => {
    const short = kept.begin();
    short.write(opened);
    short.write({ kind: 'reached', n: 1000 });
    short.close();
    expect(await kept.last()).toBeUndefined();
    // Its page may come back.
    expect(await kept.bytes(short.run!)).toBeInstanceOf(Uint8Array);
    const long = kept.begin();
    long.write(opened);
    long.write({ kind: 'reached', n: 50_000_000 });
    long.close();
    expect(await kept.last()).toMatchObject({ steps: 50_000_000, inputs: 0 });
  });

  test('goes when there are eight later ones', async () => {
    for (let i = 1; i <= 10; i++) {
      const session = went(i);
      session.close();
      utimesSync(join(runs, `${session.run}.elrec`), i, i);
    }
    expect(files()).toHaveLength(8);
    expect(await kept.last()).toMatchObject({ steps: 10 });
  });

  test('and opened again is kept once: by its old recording until it is repeated, then by the new one', async () => {
    const old = went(1000);
    old.close();
    const id = old.run!;
    /** A session that showed something else before. */
    const opensAgain = (): KeptSession => {
      const session = went(50_000_000);
      session.write({ ...opened, inputs: [event], again: id });
      session.write({ kind: 'reached', n: 10 });
      return session;
    };
    // Its tab is closed, or its process is killed, before the run is repeated.
    const closed = opensAgain();
    expect(files()).toEqual([`${id}.elrec`]);
    closed.close();
    expect(files()).toEqual([`${id}.elrec`]);

    // What is typed on the way makes it another run.
    const other = opensAgain();
    other.write({ kind: 'changed', kept: 0, event });
    expect(files()).toEqual([`${id}.elrec`, `${other.run}.elrec`].sort());
    other.close();
    kept.discard(other.run!);
    expect(await kept.last()).toMatchObject({ id, steps: 1000 });

    const whole = opensAgain();
    whole.write({ kind: 'reached', n: 1000 });
    kept.discard(id);
    expect(files()).toEqual([`${whole.run}.elrec`]);
    whole.close();
    expect(await kept.last()).toMatchObject({ id: whole.run, steps: 1000, inputs: 1 });
  });

  test('of another process is offered when that is gone or silent', async () => {
    const session = went(7);
    const own = `${session.run}.elrec`;
    const other = new KeptRuns(runs);
    // The process is the same here: it is as if it had been killed.
    expect(await other.last()).toMatchObject({ steps: 7 });
    vi.spyOn(process, 'pid', 'get').mockReturnValue(process.pid + 1);
    expect(await new KeptRuns(runs).last()).toBeUndefined();
    utimesSync(join(runs, own), 1, 1);
    expect(await new KeptRuns(runs).last()).toMatchObject({ steps: 7 });
    vi.restoreAllMocks();
  });

  test('that cannot be written does not end the session, which is told once', () => {
    writeFileSync(join(folder, 'file'), '');
    const said: string[] = [];
    const session = new KeptRuns(join(folder, 'file/runs')).begin((sentence) => said.push(sentence));
    for (const entry of [opened, { kind: 'input', event }] as const) session.write(entry);
    session.close();
    expect(said).toEqual([expect.stringMatching(/^The run is not kept from here on: .*not a directory/)]);
    const nothing = new KeptRuns(undefined).begin();
    nothing.write(opened);
    expect(nothing.run).toBeUndefined();
    nothing.close();
  });
});

describe('a page comes back to a shell that was started again', () => {
  const state = join(folder, 'resume');
  const prove = (key: string, who: string, port: number, question: string): string =>
    createHmac('sha256', key).update(`${who} ${port} ${question} mine`).digest('hex');

  test('with the key of the one before, which proves itself too', () => {
    const { key } = new Resume(state, 8000);
    expect(statSync(join(state, 'port-8000.key')).mode & 0o777).toBe(0o600);
    const next = new Resume(state, 8000);
    const question = next.ask();
    const proof = prove(key, 'page', 8000, question);
    expect(next.answer(question, 'mine', proof)).toBe(prove(key, 'shell', 8000, question));
    // Once.
    expect(next.answer(question, 'mine', proof)).toBeUndefined();
  });
  test('and with nothing else', () => {
    const shell = new Resume(state, 8000);
    const other = new Resume(state, 8001);
    expect(other.key).not.toBe(shell.key);
    const wrong = (proof: (question: string) => string): string | undefined => {
      const question = shell.ask();
      return shell.answer(question, 'mine', proof(question));
    };
    expect(wrong((question) => prove(other.key, 'page', 8000, question))).toBeUndefined();
    expect(wrong((question) => prove(shell.key, 'page', 8001, question))).toBeUndefined();
    expect(wrong((question) => prove(shell.key, 'shell', 8000, question))).toBeUndefined();
    expect(wrong(() => '')).toBeUndefined();
    expect(shell.answer('no question', 'mine', prove(shell.key, 'page', 8000, 'no question'))).toBeUndefined();
    utimesSync(join(state, 'port-8000.key'), 1, 1);
    expect(new Resume(state, 8000).key).not.toBe(shell.key);
    expect(new Resume(undefined, 8000).key).not.toBe(new Resume(undefined, 8000).key);
  });
});

test('a shell that is killed has kept all but the last second', { timeout: 60_000 }, async () => {
  writeFileSync(join(folder, 'busy.elf'), busyProgram);
  const { recording, seen } = await killedSession(join(folder, 'busy.elf'), mkdtempSync(join(folder, 'state-')), 1700);
  expect(recording.reached).toBeGreaterThanOrEqual(seen.end);
  expect(recording.inputs.length).toBeGreaterThanOrEqual(seen.inputs);
  expect(recording.reached).toBeGreaterThan(0);
});
