/**
 * What ends a command from outside: SIGINT, SIGTERM, SIGHUP, or a reader of stdout that has gone. A command that has something to finish
 * makes an `Ending`: the first of them then only says so, and a second signal ends the process at once.
 */
import { constants } from 'node:os';
import { exitCode } from '../exit.ts';
import { systemMessage } from '../program-file.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

let current: Ending | undefined;

export class Ending {
  /** The exit code, once it was asked to end. */
  code: number | undefined;
  private tell!: () => void;
  /** Resolves when it is asked to end. */
  readonly asked = new Promise<void>((resolve) => (this.tell = resolve));
  private readonly onSignal = (signal: NodeJS.Signals): void => {
    this.ask(128 + constants.signals[signal]);
    this.close();
  };

  private constructor() {
    for (const signal of signals) process.on(signal, this.onSignal);
  }
  static begin(): Ending {
    current = new Ending();
    return current;
  }
  ask(code: number): void {
    this.code ??= code;
    this.tell();
  }
  /** From now on everything ends the process at once. */
  close(): void {
    for (const signal of signals) process.off(signal, this.onSignal);
  }
  /** Nothing is left to finish. */
  finished(): void {
    this.close();
    current = undefined;
  }
}

let hasFailed = false;

/** stdout takes nothing any more. A reader such as `head`, which has seen enough, ends us without an error. */
export function stdoutFailed(error: NodeJS.ErrnoException): void {
  if (hasFailed) return;
  hasFailed = true;
  const isReaderGone = error.code === 'EPIPE';
  if (!isReaderGone) console.error(`elscope: standard output cannot be written: ${systemMessage(error)}`);
  const code = isReaderGone ? exitCode.done : exitCode.badInput;
  if (current) current.ask(code);
  else process.exit(code);
}
