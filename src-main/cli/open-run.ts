/** What the commands that look at a run have in common: opening an image or a recording, and going to an instant of it. */
import { InputError, isRecording, openProgram, readRecording, replay, type Program } from '../../emulator/index.ts';
import { readProgramFile } from '../program-file.ts';
import { machineArguments, type MachineFlagValues } from '../machine-options.ts';
import { UsageError, wholeNumber } from '../usage.ts';

/** A program without an end of its own is looked at after this many steps at the latest. */
const DEFAULT_LIMIT = 200_000_000;

/** For `parseWords`, beside the machine's flags. */
export const instantFlags = { at: { type: 'string' } } as const;

/**
 * Opens an image or a recording and runs it to instant `--at`, or to its end: power off, waiting for input, or a limit.
 * Throws UsageError or InputError.
 */
export async function openRun(path: string, values: MachineFlagValues & { at?: string }): Promise<Program> {
  const at = values.at === undefined ? undefined : wholeNumber('--at', values.at, 0, Number.MAX_SAFE_INTEGER);
  const file = await readProgramFile(path);
  if (isRecording(file.bytes)) return openRecordedRun(file.name, file.bytes, at);
  const { options } = await machineArguments(values);
  const program = openProgram(file.name, file.bytes, options);
  const reached = runTo(program, at ?? DEFAULT_LIMIT);
  if (at !== undefined && reached < at) throw new UsageError(`--at ${at}: the run ends at ${reached}`);
  return program;
}

async function openRecordedRun(name: string, bytes: Uint8Array, at: number | undefined): Promise<Program> {
  const recording = await readRecording(bytes, name);
  if (recording.lost > 0) console.error(`elscope: ${name}: the last ${recording.lost} bytes are no whole chunk; using what is before them`);
  const program = replay(recording);
  const end = recording.end?.n ?? DEFAULT_LIMIT;
  if (at !== undefined && recording.end && at > end) throw new UsageError(`--at ${at}: the recording ends at ${end}`);
  const reached = runTo(program, at ?? end);
  if (at === undefined && recording.end && program.machine.stateHash() !== recording.end.hash) {
    throw new InputError(
      `replaying gave another state at ${reached} than was recorded`,
      { file: name },
      'it was made by a different version of ELscope',
    );
  }
  return program;
}

/** Runs until instant `at` or until nothing more happens; returns the instant reached. */
export function runTo({ timeline }: Program, at: number): number {
  while (timeline.at < at) {
    const before = timeline.at;
    const stop = timeline.forward(Math.min(10_000_000, at - timeline.at));
    if (stop === 'end' || stop === 'idle' || timeline.at === before) break;
  }
  return timeline.at;
}
