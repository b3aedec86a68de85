/** Starts a person's own QEMU with sockets that ELscope attaches to, in a folder that nobody else can look into. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../emulator/index.ts';
import { UsageError } from '../usage.ts';
import type { QemuAddresses } from './lines.ts';
import { privateFolder } from './private-folder.ts';

const START_MS = 20_000;
const POLL_MS = 10;

export interface StartedQemu extends QemuAddresses {
  readonly qmp: string;
  /** Its log is nobody's yet. */
  readonly traps: boolean;
  /** The file of `-kernel`, as it was given. */
  readonly kernel: string | undefined;
  readonly icountShift: number | undefined;
  /** It has ended. */
  readonly ended: Promise<void>;
  /** Ends it, by its process id. */
  end(): void;
}

/** Options that ELscope gives, or that hide the process that it is to end. */
const taken = ['gdb', 's', 'qmp', 'daemonize'];

/**
 * Resolves when it can be attached to; it stands before its first instruction. `console`: its serial line comes to a socket, unless its own
 * words say where it goes; otherwise it has the terminal, and what it writes goes to stderr. Throws UsageError and InputError.
 */
export async function startQemu(
  words: readonly string[],
  {
    console: ours = false,
    program = process.env['QEMU'] ?? 'qemu-system-aarch64',
  }: { readonly console?: boolean; readonly program?: string } = {},
): Promise<StartedQemu> {
  const has = (...names: string[]): string | undefined =>
    words.find((word) => names.some((name) => word === `-${name}` || word === `--${name}`));
  const twice = has(...taken);
  if (twice !== undefined)
    throw new UsageError(
      twice.endsWith('daemonize') ? `${twice} does not go with ELscope, which ends QEMU` : `${twice} is added by ELscope: leave it out`,
    );
  const folder = privateFolder();
  const name = randomUUID().slice(0, 8);
  const socket = (what: string): string => join(folder, `${what}-${name}`);
  const [gdb, qmp] = [socket('gdb'), socket('qmp')];
  const serial = ours && has('serial') === undefined ? socket('serial') : undefined;
  const own = ['-S', '-gdb', listening(gdb), '-qmp', listening(qmp)];
  if (serial !== undefined) own.push('-serial', listening(serial));
  // Of `-nographic`, whose monitor would have the terminal.
  if (serial !== undefined && has('monitor') === undefined) own.push('-monitor', 'none');
  const child = spawn(program, [...words, ...own], { stdio: ['inherit', ours ? 'inherit' : 2, 'inherit'] });
  let problem: string | undefined;
  let isOver = false;
  const ended = new Promise<void>((resolve) => {
    const over = (why: string): void => {
      problem ??= why;
      isOver = true;
      resolve();
    };
    child.once('error', (error) => over(error.message));
    child.once('exit', (code, signal) => over(signal ? `it was ended by ${signal}` : `it ended with ${code}`));
  });
  const end = (): void => void (isOver || child.kill());
  process.once('exit', end);
  const deadline = Date.now() + START_MS;
  while (![gdb, qmp, ...(serial === undefined ? [] : [serial])].every((path) => existsSync(path))) {
    if (isOver) throw new InputError(`${program} did not start: ${problem}`, {}, 'its own message stands above');
    if (Date.now() > deadline) {
      end();
      throw new InputError(`${program} did not open its sockets in ${START_MS / 1000} seconds`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return {
    gdb,
    qmp,
    serial,
    traps: has('d', 'D') === undefined,
    kernel: after(words, '-kernel'),
    icountShift: shiftOf(after(words, '-icount')),
    ended,
    end,
  };
}

const listening = (path: string): string => `unix:${path},server=on,wait=off`;

/** The word after another one. */
function after(words: readonly string[], name: string): string | undefined {
  const at = words.findIndex((word) => word === name || word === `-${name}`);
  return at < 0 ? undefined : words[at + 1];
}
/** Of "shift=3,sleep=off", or "3". */
function shiftOf(icount: string | undefined): number | undefined {
  const digits = /(?:^|,)(?:shift=)?(\d{1,2})(?:,|$)/.exec(icount ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}
