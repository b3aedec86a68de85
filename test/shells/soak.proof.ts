/**
 * Sessions of the app that run flat out for long stay within their budget, and answer at once to the end. PROVE_SOAK (seconds) says
 * how long: 1800 for half an hour.
 */
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { StatusView } from '../../emulator/session/views.ts';
import { endless } from './endless.ts';
import { startAndConnect } from './web-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-soak-'));
afterAll(() => rmSync(folder, { recursive: true }));

const loads = ['hypercalls', 'another table at each exit', 'output', 'pages written'] as const;
const SECONDS = Number(process.env['PROVE_SOAK'] ?? 20) / loads.length;
const BUDGET_MIB = 128;
/** What the shell may really take: the budget, what may be over it for a moment, the machine, Node and its threads. */
const MOST_MIB = 600;
const MOST_ANSWER_MS = 100;

test.each(loads)('%s', { timeout: (SECONDS + 120) * 1000 }, async (name) => {
  const file = join(folder, `${name}.elf`);
  writeFileSync(file, endless[name]);
  const state = mkdtempSync(join(folder, 'state-'));
  const words = ['--budget', `${BUDGET_MIB}M`, '--memory', '64M', file];
  const { shell, client } = await startAndConnect(words, { XDG_STATE_HOME: state });
  try {
    let status: StatusView | undefined;
    let held = 0;
    client.subscribe('status', {}, (now) => {
      status = now;
      held = Math.max(held, now.recording.bytes);
    });
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
    const answers: number[] = [];
    for (let i = 0; i < 20; i++) {
      const asked = performance.now();
      await client.call('locate', { text: 'x1', space: 'va' });
      answers.push(performance.now() - asked);
    }
    const peak = Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${shell.pid}/status`, 'utf8'))?.[1]) >> 10;
    const slowest = Math.round(Math.max(...answers));
    console.log(`${name}: ${status!.end} steps, ${held >> 20} MiB recorded and ${peak} MiB in all at most, slowest answer ${slowest} ms`);
    expect(status).toMatchObject({ state: 'running' });
    expect(held).toBeLessThanOrEqual(BUDGET_MIB << 20);
    expect(peak).toBeLessThan(MOST_MIB);
    expect(slowest).toBeLessThan(MOST_ANSWER_MS);
    expect(existsSync(join(state, 'elscope/runs'))).toBe(true);
  } finally {
    const ended = once(shell, 'exit');
    shell.kill();
    await ended;
  }
});
