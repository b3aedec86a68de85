/** What the commands that look at a run have in common: opening an image or a recording, and going to an instant of it. */
import {
  addRecordedSymbols,
  addSymbols,
  cutOff,
  InputError,
  isRecording,
  openProgram,
  readRecording,
  replay,
  type Program,
  type Recording,
} from '../../emulator/index.ts';
import { recordingBudget } from '../budget.ts';
import { boardFiles, machineArguments, type MachineFlagValues } from '../machine-options.ts';
import { filesBelow } from '../host-files.ts';
import { readProgramFile, type ProgramFile } from '../program-file.ts';
import { symbolSources } from '../symbol-files.ts';
import { progress, type Progress } from './progress.ts';
import { Typist, type ScriptedInput } from './run-input.ts';
import { UsageError, wholeNumber } from '../usage.ts';

/** A program that does not end by itself is looked at after this many steps at the latest. */
const DEFAULT_LIMIT = 200_000_000;
/** Steps between looks at the clock. */
const SLICE = 1_000_000;

/** For `parseWords`, beside the machine's flags. */
export const instantFlags = { at: { type: 'string' } } as const;

/** How far an image is run that does not end by itself, and what is typed at its console. */
export interface RunLimits {
  readonly most?: number;
  readonly input?: ScriptedInput;
}

/**
 * Opens an image or a recording and runs it to instant `--at`, or to its end: power off, waiting for input, an exception loop, or a limit.
 * Throws UsageError or InputError.
 */
export async function openRun(
  path: string | undefined,
  values: MachineFlagValues & { at?: string },
  { most = DEFAULT_LIMIT, input }: RunLimits = {},
): Promise<Program> {
  const at = values.at === undefined ? undefined : wholeNumber('--at', values.at, 0, Number.MAX_SAFE_INTEGER);
  const file = path === undefined ? undefined : await readProgramFile(path);
  if (file && isRecording(file.bytes)) return openRecordedRun(file, at, values);
  const program = await openImage(file, values);
  const typist = input && new Typist(program, input);
  const reached = runTo(program, at ?? most, progress('elscope', at), { untilLoop: at === undefined, typist });
  if (at !== undefined && reached < at) throw new UsageError(`--at ${at}: the run ends at ${reached}`);
  return program;
}

/** Opens an image, or the firmware of `--bios`, which finds the image in fw_cfg, in the machine that the options describe. */
export async function openImage(file: ProgramFile | undefined, values: MachineFlagValues): Promise<Program> {
  const machine = await machineArguments(values);
  const { options, bios } = machine;
  const given = bios ?? file;
  if (!given) throw new UsageError('image is missing');
  if (isRecording(given.bytes))
    throw new InputError('this is a recording', { file: given.name }, 'expected an AArch64 ELF or a Linux Image');
  const program = openProgram(given.name, given.bytes, bios ? { ...options, firmware: true } : options, boardFiles(machine, bios && file));
  program.timeline.budget = recordingBudget(values.budget);
  const folder = values['semihosting-files'];
  if (folder !== undefined) program.timeline.hostFiles = filesBelow(folder);
  addSymbols(program, await symbolSources(values.symbols));
  return program;
}

/** A recording to be repeated up to `reached`; what was cut off is reported. */
export async function openRecording(
  { name, bytes }: ProgramFile,
  { budget, symbols }: Pick<MachineFlagValues, 'budget' | 'symbols'>,
): Promise<{ program: Program; recording: Recording }> {
  const recording = await readRecording(bytes, name);
  if (!recording.end) console.error(`elscope: ${name}: ${cutOff(recording)}`);
  const program = replay(recording);
  program.timeline.budget = recordingBudget(budget);
  for (const sentence of await addRecordedSymbols(program, recording, undefined)) console.error(`elscope: ${name}: ${sentence}`);
  addSymbols(program, await symbolSources(symbols));
  return { program, recording };
}

/** Throws InputError where the state at the end is not the one that was recorded. */
export function checkEnd({ machine, timeline }: Program, { end }: Recording, file: string): void {
  if (!end || machine.stateHash() === end.hash) return;
  const problem = `replaying gave a different state at ${timeline.at} from the one recorded`;
  throw new InputError(problem, { file }, 'it was made by a different version of ELscope');
}

async function openRecordedRun(file: ProgramFile, at: number | undefined, values: MachineFlagValues): Promise<Program> {
  const { program, recording } = await openRecording(file, values);
  const end = recording.reached;
  if (at !== undefined && at > end) throw new UsageError(`--at ${at}: the recording ends at ${end}`);
  runTo(program, at ?? end, progress('elscope', at ?? end));
  if (at === undefined) checkEnd(program, recording, file.name);
  return program;
}

/** Runs until instant `at` or until nothing more happens, or nothing new: an exception loop goes on as it began. Returns the instant reached. */
function runTo(
  { timeline }: Program,
  at: number,
  told: Progress,
  { untilLoop = false, typist }: { readonly untilLoop?: boolean; readonly typist?: Typist | undefined } = {},
): number {
  while (timeline.at < at) {
    const before = timeline.at;
    const stop = timeline.forward(Math.min(SLICE, at - timeline.at), { untilLoop });
    told.tell(timeline.at);
    if (typist?.type()) continue;
    if (stop === 'end' || stop === 'idle' || stop === 'loop' || timeline.at === before) break;
  }
  told.end();
  return timeline.at;
}
