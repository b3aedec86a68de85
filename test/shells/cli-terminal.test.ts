/** `elscope` on a terminal: keys reach the guest one by one, Ctrl-A x ends the run, long runs say how far they are. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { root } from './built.ts';
import { echoProgram } from './programs.ts';

const folder = mkdtempSync(join(tmpdir(), 'elscope-terminal-'));
afterAll(() => rmSync(folder, { recursive: true }));
const echo = join(folder, 'echo.elf');
writeFileSync(echo, echoProgram);

/** `elscope` with a pseudoterminal, which `script` of util-linux makes. */
class Terminal {
  output = '';
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcessWithoutNullStreams;

  constructor(...words: string[]) {
    const command = ['node', 'out/main/elscope.js', ...words].join(' ');
    this.child = spawn('script', ['-qec', command, '/dev/null'], { cwd: root });
    this.child.stdout.on('data', (data: Buffer) => (this.output += data.toString('latin1')));
    this.ended = new Promise((resolve) => this.child.on('exit', resolve));
  }
  type(keys: string): void {
    this.child.stdin.write(keys, 'latin1');
  }
  async shows(text: string | RegExp): Promise<void> {
    await expect.poll(() => this.output, { timeout: 10_000 }).toMatch(text);
  }
  close(): void {
    this.child.kill();
  }
}

describe.skipIf(process.platform !== 'linux')('on a terminal', () => {
  test('keys go to the guest, Ctrl-C too; Ctrl-A x ends the run', async () => {
    const terminal = new Terminal('run', echo);
    try {
      await terminal.shows('Ctrl-A x ends the run\r\n');
      terminal.type('k');
      // Nothing but the guest sends keys back, and it does without a line's end.
      await terminal.shows(/\nk$/);
      terminal.type('\x03');
      await terminal.shows(/\nk\x03$/);
      terminal.type('\x01\x01');
      await terminal.shows(/\nk\x03\x01$/);
      terminal.type('\x01x');
      expect(await terminal.ended).toBe(0);
    } finally {
      terminal.close();
    }
  });

  test('a long run says how far it is, and takes that away at its end', async () => {
    const terminal = new Terminal('state', echo, '--at', '3000000', '--json');
    try {
      expect(await terminal.ended).toBe(0);
      expect(terminal.output).toMatch(/elscope: instant [\d,]+ of 3,000,000 \(\d+ %\)/);
      const lastLine = terminal.output.slice(terminal.output.lastIndexOf('\x1b[K') + 3);
      expect((JSON.parse(lastLine) as { at: number }).at).toBe(3_000_000);
    } finally {
      terminal.close();
    }
  });
});
