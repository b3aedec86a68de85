/** `elscope diagnose`: why a program hangs or faults, and what real hardware would not forgive. */
import {
  diagnosing,
  diagnosisText,
  isRecording,
  quickReach,
  runUntilSilent,
  wholeReach,
  type Diagnosis,
  type Program,
} from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { readProgramFile } from '../program-file.ts';
import { atMostOne, parseWords, UsageError, wholeNumber } from '../usage.ts';
import { instantFlags, openImage, openRun } from './open-run.ts';
import { write, writeJson } from './output.ts';
import { percentProgress, progress } from './progress.ts';

/** A program that goes on and on is looked at after this many steps. */
const DEFAULT_LIMIT = 100_000_000;

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, {
    ...machineFlags,
    ...instantFlags,
    'max-instructions': { type: 'string' },
    all: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  const path = atMostOne(positionals, 'image or recording');
  if (values.at !== undefined && values['max-instructions'] !== undefined) throw new UsageError('use either --at or --max-instructions');
  const limit =
    values['max-instructions'] === undefined
      ? DEFAULT_LIMIT
      : wholeNumber('--max-instructions', values['max-instructions'], 1, Number.MAX_SAFE_INTEGER);
  const file = path === undefined ? undefined : await readProgramFile(path);
  const isAtInstant = values.at !== undefined || (file !== undefined && isRecording(file.bytes));
  const program = isAtInstant ? await openRun(path, values) : silent(await openImage(file, values), limit);
  const diagnosis = examined(program, values.all ?? false);
  if (values.json) await writeJson(diagnosis);
  else await write(`${diagnosisText(diagnosis)}\n`);
  return diagnosis.findings.some(({ kind }) => kind === 'broken') ? exitCode.stuck : exitCode.done;
}

/** `all`: every instruction of the run is looked at. */
function examined(program: Program, all: boolean): Diagnosis {
  const told = percentProgress('elscope diagnose: looking at the run');
  const work = diagnosing(program, all ? wholeReach : quickReach);
  for (;;) {
    const { done, value } = work.next();
    if (done) {
      told.end();
      return value;
    }
    told.tell(value);
  }
}

/** Runs it until nothing more can come of it. */
function silent(program: Program, limit: number): Program {
  const told = progress('elscope diagnose', limit);
  for (const at of runUntilSilent(program, limit)) told.tell(at);
  told.end();
  return program;
}
