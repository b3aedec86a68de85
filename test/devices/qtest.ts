/**
 * QEMU's `virt` board without its CPU running, driven register by register over QEMU's qtest protocol: the reference for our devices.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';

export type Bytes = 1 | 2 | 4;
const suffix = { 1: 'b', 2: 'w', 4: 'l' } as const;

/** What an operation does to the board. */
export type Operation =
  | { readonly kind: 'read'; readonly pa: number; readonly bytes: Bytes }
  | { readonly kind: 'write'; readonly pa: number; readonly bytes: Bytes; readonly value: number }
  /** The level of an input of the device at a QOM path. */
  | { readonly kind: 'input'; readonly path: string; readonly number: number; readonly high: boolean };

const commandOf = (operation: Operation): string => {
  if (operation.kind === 'input') return `set_irq_in ${operation.path} unnamed-gpio-in ${operation.number} ${operation.high ? 1 : 0}`;
  const place = `${operation.kind}${suffix[operation.bytes]} 0x${operation.pa.toString(16)}`;
  return operation.kind === 'read' ? place : `${place} 0x${(operation.value >>> 0).toString(16)}`;
};

/** What QEMU answers to a command, and the levels of the CPU's interrupt inputs after it: IRQ, FIQ, vIRQ, vFIQ (see `watchCpu`). */
export interface Answer {
  /** Without its "OK". */
  readonly text: string;
  readonly lines: readonly boolean[];
}

export class QtestBoard {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];
  private ended: Error | undefined;
  private lines: readonly boolean[] = [false, false, false, false];

  constructor(more: readonly string[] = ['-serial', 'null'], machine = 'virtualization=on') {
    const board = ['-machine', `virt,${machine}`, '-cpu', 'cortex-a53', '-m', '128', '-nodefaults', '-display', 'none', '-S'];
    this.child = spawn('qemu-system-aarch64', [...board, '-qtest', 'stdio', '-qtest-log', 'none', ...more]);
    this.child.stderr.resume();
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const change = /^IRQ (raise|lower) (\d+)/.exec(line);
      if (change) this.lines = this.lines.with(Number(change[2]), change[1] === 'raise');
      else this.waiting.shift()?.resolve({ text: line, lines: this.lines });
    });
    const end = (why: string): void => {
      this.ended = new Error(`QEMU ended: ${why}`);
      for (const { reject } of this.waiting.splice(0)) reject(this.ended);
    };
    this.child.on('exit', (code, signal) => end(`${code ?? signal}`));
    this.child.on('error', ({ message }) => end(message));
    this.child.stdin.on('error', () => undefined);
  }

  /** Sends one command of the protocol. QEMU carries out those that are on their way in order. */
  private async ask(command: string): Promise<Answer> {
    if (this.ended) throw this.ended;
    const answer = new Promise<Answer>((resolve, reject) => this.waiting.push({ resolve, reject }));
    this.child.stdin.write(`${command}\n`);
    const { text, lines } = await answer;
    if (!text.startsWith('OK')) throw new Error(`${command}: ${text}`);
    return { text: text.slice(3), lines };
  }

  async command(text: string): Promise<string> {
    return (await this.ask(text)).text;
  }
  async read(pa: number, bytes: Bytes = 4): Promise<number> {
    return Number(await this.command(commandOf({ kind: 'read', pa, bytes })));
  }
  /** Makes QEMU tell of the CPU's interrupt inputs, of which the CPU no longer hears. */
  async watchCpu(): Promise<void> {
    await this.command('irq_intercept_in /machine/unattached/device[0]');
  }

  /** Carries out operations in order, all sent at once: waiting for each answer takes several times as long. */
  answers(operations: readonly Operation[]): Promise<Answer[]> {
    return Promise.all(operations.map((operation) => this.ask(commandOf(operation))));
  }
  /** The same; the values of the reads. */
  async run(operations: readonly Operation[]): Promise<number[]> {
    const answers = await this.answers(operations);
    return answers.flatMap(({ text }, i) => (operations[i].kind === 'read' ? [Number(text)] : []));
  }

  close(): void {
    this.child.kill('SIGKILL');
  }
}
