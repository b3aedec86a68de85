/** Runs that are killed at any moment, and what their recordings still hold. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRecording, replay, type Recording } from '../../emulator/index.ts';
import { root } from './built.ts';
import { program } from './programs.ts';

/** Counts 65,536 to zero, then sends a byte: some thousand times a second, as fast as it goes. */
export const busyProgram = program([0x52a12002, 0x52a00021, 0x71000421, 0x54ffffe1, 0xb9000043, 0x17fffffc]);

export const aSecondBefore = (at: number): number => at - 1000;

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

/** How many bytes the run of a recording has sent when it is repeated to where it is known to have come. */
export function outputOf(recording: Recording): number {
  const { timeline } = replay(recording);
  while (timeline.at < recording.reached) timeline.forward(recording.reached - timeline.at);
  return timeline.output.length;
}
