/** Runs that are killed at any moment, and what their recordings still hold. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRecording, replay, type Recording } from '../../emulator/index.ts';
import { root } from './built.ts';
import { program } from './programs.ts';
import { startAndConnect } from './web-client.ts';

/** Counts 65,536 to zero, then sends a byte: some thousand times a second, as fast as it goes. */
export const busyProgram = program([0x52a12002, 0x52a00021, 0x71000421, 0x54ffffe1, 0xb9000043, 0x17fffffc]);

const aSecondBefore = (at: number): number => at - 1000;

export interface Killed {
  readonly recording: Recording;
  /** Bytes of output that a reader had a second before the kill. */
  readonly had: number;
}

/** Runs it with `--record`, and kills it after so many milliseconds of its output. */
export async function killedRun(elf: string, file: string, after: number): Promise<Killed> {
  const words = ['run', elf, '--record', file];
  const child = spawn(process.execPath, [join(root, 'out/main/elscope.js'), ...words], { stdio: ['pipe', 'pipe', 'inherit'] });
  const came: { at: number; bytes: number }[] = [];
  let bytes = 0;
  child.stdout.on('data', (piece: Buffer) => came.push({ at: performance.now(), bytes: (bytes += piece.length) }));
  await once(child.stdout, 'data');
  await new Promise((resolve) => setTimeout(resolve, after));
  const killed = performance.now();
  child.kill('SIGKILL');
  await once(child, 'close');
  const had = came.findLast(({ at }) => at <= aSecondBefore(killed))?.bytes ?? 0;
  return { recording: await readRecording(new Uint8Array(readFileSync(file)), file), had };
}

/** What a page had seen of its run a second before its shell was killed, and what the shell had kept. */
export interface KilledSession {
  readonly recording: Recording;
  readonly seen: { readonly end: number; readonly inputs: number };
}

/** Runs it in the web shell, typing a letter now and then, and kills the shell after so many milliseconds. `state`: an empty folder. */
export async function killedSession(elf: string, state: string, after: number): Promise<KilledSession> {
  const { shell, client } = await startAndConnect(['--port', '0', elf], { XDG_STATE_HOME: state });
  const seen: { readonly at: number; readonly end: number; readonly inputs: number }[] = [];
  let inputs = 0;
  let isRunning!: () => void;
  const running = new Promise<void>((resolve) => (isRunning = resolve));
  client.subscribe('status', {}, ({ end, state: how }) => {
    if (how === 'running') isRunning();
    seen.push({ at: performance.now(), end, inputs });
  });
  await running;
  const typing = setInterval(() => {
    const typed = client.call('input', { bytes: new Uint8Array([0x61]) });
    typed.then(() => inputs++).catch(() => undefined);
  }, 100);
  await new Promise((resolve) => setTimeout(resolve, after));
  const killed = performance.now();
  shell.kill('SIGKILL');
  clearInterval(typing);
  await once(shell, 'exit');
  const runs = join(state, 'elscope/runs');
  const [file] = readdirSync(runs).filter((name) => name.endsWith('.elrec'));
  const recording = await readRecording(new Uint8Array(readFileSync(join(runs, file))), file);
  return { recording, seen: seen.findLast(({ at }) => at <= aSecondBefore(killed)) ?? { end: 0, inputs: 0 } };
}

/** How many bytes the run of a recording has sent when it is repeated to where it is known to have come. */
export function outputOf(recording: Recording): number {
  const { timeline } = replay(recording);
  while (timeline.at < recording.reached) timeline.forward(recording.reached - timeline.at);
  return timeline.output.length;
}
