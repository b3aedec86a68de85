/** A guest that never ends takes no more memory than it may, whatever it does: the kernel would end the process that asks for more. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root } from './built.ts';
import { endless } from './endless.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-bounded-'));
const script = join(root, 'out/main/elscope.js');
beforeAll(() => {
  if (!existsSync(script)) throw new Error('nothing is built yet: npm run build');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Address space in KiB that a process may have: V8 reserves ten GiB of it for a WebAssembly memory. */
const ULIMIT_KIB = 12 << 20;
/** What it may really take: the budget, the machine, Node. */
const MOST_MIB = 500;

describe.each<[keyof typeof endless, steps: number]>([
  ['hypercalls', 60e6],
  ['another table at each exit', 20e6],
  ['output', 150e6],
  ['pages written', 40e6],
  ['exceptions within exceptions', 30e6],
])('%s without end', (name, steps) => {
  test('stay within the budget', { timeout: 600_000 }, async () => {
    const file = join(folder, `${name}.elf`);
    writeFileSync(file, endless[name]);
    const words = ['run', file, '--budget', '128M', '--memory', '64M', '--max-instructions', String(steps), '--quiet'];
    const child = spawn('bash', ['-c', `ulimit -v ${ULIMIT_KIB} && exec "$0" "$@"`, process.execPath, script, ...words], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    child.stdin.end();
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    let peak = 0;
    const look = setInterval(() => (peak = Math.max(peak, peakMiB(child.pid!))), 100);
    const [code] = (await once(child, 'close')) as [number | null];
    clearInterval(look);
    expect(said).toMatch(/limit of \d+ instructions was reached|repeat for ever/);
    expect([3, 4]).toContain(code);
    console.log(`${name}: ${peak} MiB at most`);
    expect(peak).toBeLessThan(MOST_MIB);
  });
});

/** The most memory that a process has had so far. */
function peakMiB(pid: number): number {
  const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) >> 10;
}
