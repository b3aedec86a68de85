/**
 * Real QEMU as the reference: runs an image to its end and returns what it sent on the UART and which exceptions it took.
 *
 *   const run = await runQemu({ image: 'firmware/prebuilt/hypervisor.elf', input: [{ after: 'guest> ', send: 'off\r' }] });
 *   run.text            everything the UART sent
 *   run.ended           'exit' (the guest switched the machine off), 'seen' (`until` was sent) or 'timeout'
 *
 *   const run = await traceQemu({ image });
 *   run.events          exceptions, exception returns and PSCI calls, in order
 *
 * Deterministic flags are on: one instruction is one nanosecond of the machine's clock, WFI jumps to the next timer, and a run without
 * input is the same every time. Input that waits for output (`after`) arrives at an instant that QEMU chooses, not at a fixed one.
 * A run that does not end in time is killed by its process id; nothing else is touched.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseInterruptLog, type QemuEvent } from './qemu-log.ts';

export type { QemuEvent, QemuException, QemuPsci, QemuReturn } from './qemu-log.ts';

/** Input that is sent once the UART has sent `after`, looked for behind the place where the previous step found its own. */
export interface InputStep {
  readonly after: string;
  readonly send: string;
}

export interface QemuOptions {
  /** ELF file or Linux Image, given to `-kernel`. Absent: `args` say what to run (`-bios`). */
  readonly image?: string;
  /** Text: sent at once. Steps: one after the other. Default: nothing, stdin is at its end. */
  readonly input?: string | readonly InputStep[];
  /** Ends the run once the UART has sent this. */
  readonly until?: string;
  /** Milliseconds that it goes on after `until`. Default: none. */
  readonly lingers?: number;
  /** CPUs run side by side, each as fast as it can: no run is the same as another. With `-icount` one has all the time until it waits. */
  readonly isFree?: boolean;
  /** Options of `-machine` beside `virt`. Default `virtualization=on`. */
  readonly machine?: string;
  /** Further options. */
  readonly args?: readonly string[];
  /** Milliseconds of real time. Default 20,000. */
  readonly timeout?: number;
}

export interface QemuRun {
  readonly uart: Buffer;
  /** `uart` as Latin-1. */
  readonly text: string;
  readonly ended: 'exit' | 'seen' | 'timeout';
  /** QEMU's exit code; null where it was killed. */
  readonly code: number | null;
  /** What QEMU itself had to say. */
  readonly stderr: string;
}

export const deterministic = ['-icount', 'shift=0,sleep=off', '-rtc', 'base=2020-01-01T00:00:00,clock=vm', '-seed', '1'];

export const QEMU = process.env['QEMU'] ?? 'qemu-system-aarch64';

/** Starts QEMU on the image and waits for the end. Rejects where QEMU cannot be started. */
export function runQemu(options: QemuOptions): Promise<QemuRun> {
  const args = [
    ...['-machine', `virt,${options.machine ?? 'virtualization=on'},dtb-randomness=off`, '-cpu', 'cortex-a53', '-nographic'],
    ...[
      '-serial',
      'mon:stdio',
      ...(options.image === undefined ? [] : ['-kernel', options.image]),
      ...(options.isFree ? [] : deterministic),
      ...(options.args ?? []),
    ],
  ];
  return new Promise((resolve, reject) => {
    const qemu = spawn(QEMU, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    let text = '';
    let stderr = '';
    let ended: QemuRun['ended'] = 'exit';
    const steps: InputStep[] = typeof options.input === 'object' ? [...options.input] : [];
    let searchFrom = 0;

    const stop = (why: 'seen' | 'timeout'): void => {
      ended = why;
      qemu.kill('SIGKILL');
    };
    let timer = setTimeout(() => stop('timeout'), options.timeout ?? 20_000);
    let isSeen = false;
    const see = (): void => {
      isSeen = true;
      clearTimeout(timer);
      timer = setTimeout(() => stop('seen'), options.lingers ?? 0);
    };

    qemu.stdin.on('error', () => undefined); // QEMU may end before it has read everything
    if (typeof options.input === 'string') qemu.stdin.write(options.input, 'latin1');
    else if (options.input === undefined) qemu.stdin.end();

    qemu.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      text += chunk.toString('latin1');
      for (let step = steps[0]; step; step = steps[0]) {
        const at = text.indexOf(step.after, searchFrom);
        if (at < 0) break;
        searchFrom = at + step.after.length;
        qemu.stdin.write(step.send, 'latin1');
        steps.shift();
      }
      if (options.until !== undefined && !isSeen && text.includes(options.until)) see();
    });
    qemu.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
    qemu.on('error', (error) => {
      clearTimeout(timer);
      reject(new Error(`${QEMU} cannot be started (on Debian: apt-get install qemu-system-arm ipxe-qemu): ${error.message}`));
    });
    qemu.on('close', (code) => {
      clearTimeout(timer);
      resolve({ uart: Buffer.concat(chunks), text, ended, code, stderr });
    });
  });
}

/** The same, with every exception, exception return and PSCI call from QEMU's log, in which illegal returns are errors of the guest. */
export async function traceQemu(options: QemuOptions): Promise<QemuRun & { readonly events: QemuEvent[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'qemu-int-'));
  try {
    const log = join(folder, 'int.log');
    const run = await runQemu({ ...options, args: [...(options.args ?? []), '-d', 'int,guest_errors', '-D', log] });
    const text = await readFile(log, 'latin1');
    // QEMU that was killed may have written half of its last event.
    const last = 1 + Math.max(...['Taking', 'Exception', 'Illegal'].map((word) => text.lastIndexOf(`\n${word} `)));
    const isWhole = run.ended === 'exit' || /^[EI].*\n|\n\.\.\.(to EL\d PC.*|handled as PSCI call)\n$/.test(text.slice(last));
    return { ...run, events: parseInterruptLog(isWhole ? text : text.slice(0, last)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
