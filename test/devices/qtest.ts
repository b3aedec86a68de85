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

export class QtestBoard {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  private ended: Error | undefined;
  /** Levels of the CPU's interrupt inputs, once `watchCpu` was called: IRQ, FIQ, vIRQ, vFIQ. */
  readonly lines = [false, false, false, false];

  constructor(more: readonly string[] = ['-serial', 'null'], machine = 'virtualization=on') {
    const board = ['-machine', `virt,${machine}`, '-cpu', 'cortex-a53', '-m', '128', '-nodefaults', '-display', 'none', '-S'];
    this.child = spawn('qemu-system-aarch64', [...board, '-qtest', 'stdio', '-qtest-log', 'none', ...more]);
    this.child.stderr.resume();
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const change = /^IRQ (raise|lower) (\d+)/.exec(line);
      if (change) this.lines[Number(change[2])] = change[1] === 'raise';
      else this.waiting.shift()?.resolve(line);
    });
    const end = (why: string): void => {
      this.ended = new Error(`QEMU ended: ${why}`);
      for (const { reject } of this.waiting.splice(0)) reject(this.ended);
    };
    this.child.on('exit', (code, signal) => end(`${code ?? signal}`));
    this.child.on('error', ({ message }) => end(message));
    this.child.stdin.on('error', () => undefined);
  }

  /** Sends one command of the protocol; answers without its "OK". */
  async command(text: string): Promise<string> {
    if (this.ended) throw this.ended;
    const answer = new Promise<string>((resolve, reject) => this.waiting.push({ resolve, reject }));
    this.child.stdin.write(`${text}\n`);
    const line = await answer;
    if (!line.startsWith('OK')) throw new Error(`${text}: ${line}`);
    return line.slice(3);
  }

  async read(pa: number, bytes: Bytes = 4): Promise<number> {
    return Number(await this.command(`read${suffix[bytes]} 0x${pa.toString(16)}`));
  }
  async write(pa: number, value: number, bytes: Bytes = 4): Promise<void> {
    await this.command(`write${suffix[bytes]} 0x${pa.toString(16)} 0x${(value >>> 0).toString(16)}`);
  }
  async input(path: string, number: number, high: boolean): Promise<void> {
    await this.command(`set_irq_in ${path} unnamed-gpio-in ${number} ${high ? 1 : 0}`);
  }
  /** Keeps `lines` up to date; the CPU no longer hears of its interrupts. */
  async watchCpu(): Promise<void> {
    await this.command('irq_intercept_in /machine/unattached/device[0]');
  }

  /** Carries out operations in order; the values of the reads. */
  async run(operations: readonly Operation[]): Promise<number[]> {
    const answers = await Promise.all(
      operations.map((operation) => {
        if (operation.kind === 'read') return this.read(operation.pa, operation.bytes);
        if (operation.kind === 'write') return this.write(operation.pa, operation.value, operation.bytes);
        return this.input(operation.path, operation.number, operation.high);
      }),
    );
    return answers.filter((answer) => answer !== undefined);
  }

  close(): void {
    this.child.kill('SIGKILL');
  }
}
