/** The guest's console: its UART on stdout, stdin to its UART. */
import { write } from './output.ts';

/** stdout, and a look-out for the text that ends the run. */
export class Output {
  seen = false;
  private pending: number[] = [];
  private tail = '';
  constructor(
    private readonly quiet: boolean,
    private readonly until: RegExp | undefined,
  ) {}

  /** Takes a byte; true when it completes the text that was waited for. */
  push(byte: number): boolean {
    this.pending.push(byte);
    if (!this.until || this.seen) return false;
    this.tail = (this.tail + String.fromCharCode(byte)).slice(-4096);
    this.seen = this.until.test(this.tail);
    return this.seen;
  }
  /** At the pace of the reader. */
  async flush(): Promise<void> {
    const bytes = Uint8Array.from(this.pending);
    this.pending = [];
    if (!this.quiet && bytes.length > 0) await write(bytes);
  }
}

const CTRL_A = 1;

/**
 * stdin: what was typed since the last look. A terminal gives each key at once and unchanged, Ctrl-C too; Ctrl-A x ends the run, and Ctrl-A
 * twice is one Ctrl-A, as in QEMU.
 */
export class Keyboard {
  /** Ctrl-A x was typed. */
  quit = false;
  private typed: number[] = [];
  private over = false;
  private afterCtrlA = false;
  private wake: (() => void) | undefined;
  private readonly isTerminal = process.stdin.isTTY === true;

  constructor() {
    if (this.isTerminal) process.stdin.setRawMode(true);
    process.stdin.on('data', (chunk: Buffer) => {
      for (const byte of chunk) this.receive(byte);
      this.wake?.();
    });
    for (const event of ['end', 'error'])
      process.stdin.on(event, () => {
        this.over = true;
        this.wake?.();
      });
  }

  /** As if Ctrl-A x had been typed. */
  stop(): void {
    this.quit = true;
    this.wake?.();
  }

  private receive(byte: number): void {
    if (!this.isTerminal) this.typed.push(byte);
    else if (this.afterCtrlA) {
      this.afterCtrlA = false;
      if (byte === CTRL_A) this.typed.push(byte);
      else if (String.fromCharCode(byte).toLowerCase() === 'x') this.quit = true;
    } else if (byte === CTRL_A) this.afterCtrlA = true;
    else this.typed.push(byte);
  }

  /** What there is; with `wait`, waits until there is something or there never will be. */
  async take(wait: boolean): Promise<Uint8Array> {
    do {
      if (wait && this.typed.length === 0 && !this.over && !this.quit) await new Promise<void>((resolve) => (this.wake = resolve));
      else await new Promise<void>((resolve) => setImmediate(resolve));
      this.wake = undefined;
      // Ctrl-A alone wakes without giving anything.
    } while (wait && this.typed.length === 0 && !this.over && !this.quit);
    return Uint8Array.from(this.typed.splice(0));
  }
  close(): void {
    if (this.isTerminal) process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stdin.unref?.();
  }
}
