/** `elscope whatif`: changes something at an instant of a run, runs both futures alike, and tells in what they differ. */
import {
  bothFutures,
  compareFutures,
  differingRegisters,
  futuresDocument,
  futuresText,
  isRecording,
  parseChange,
  type Change,
  type Futures,
  type Program,
} from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { readProgramFile } from '../program-file.ts';
import { atMostOne, parseWords, UsageError, wholeNumber } from '../usage.ts';
import { sourceReader } from './diff.ts';
import { openRun } from './open-run.ts';
import { write, writeJson } from './output.ts';
import { progress, type Progress } from './progress.ts';

/** A program that goes on and on is run so many instructions past the instant. */
const DEFAULT_STEPS = 1_000_000;

export async function run(words: readonly string[]): Promise<number> {
  const { values, positionals } = parseWords(words, {
    ...machineFlags,
    at: { type: 'string' },
    set: { type: 'string', multiple: true },
    steps: { type: 'string' },
    json: { type: 'boolean' },
  });
  const path = atMostOne(positionals, 'image or recording');
  if (values.at === undefined) throw new UsageError('--at is missing: the instant at which something is changed');
  if (!values.set?.length) throw new UsageError('--set is missing: what is changed, HCR_EL2.TWI=1 for example');
  const at = wholeNumber('--at', values.at, 0, Number.MAX_SAFE_INTEGER);
  const steps = values.steps === undefined ? DEFAULT_STEPS : wholeNumber('--steps', values.steps, 1, Number.MAX_SAFE_INTEGER);
  const changes = values.set.map(parseChange);
  const { at: _at, ...machine } = values;
  const was = await openRun(path, machine, { most: at + steps });
  if (at > was.timeline.end) throw new UsageError(`--at ${at}: the run ends at ${was.timeline.end}`);
  const told = progress('elscope whatif', at + steps);
  const futures = compareFutures(runBoth(was, { at, changes }, at + steps, told), steps);
  told.end();
  await (values.json
    ? writeJson(futuresDocument(futures))
    : write(await futuresText(futures, sourceReader(was, await placeOfProgram(path)))));
  const isSame = futures.compared.difference.isSame && differingRegisters(futures).length === 0;
  return isSame ? exitCode.done : exitCode.different;
}

/** Where the program lies, for its sources. That of a recording may have lain anywhere. */
async function placeOfProgram(path: string | undefined): Promise<string | undefined> {
  const file = path === undefined ? undefined : await readProgramFile(path);
  return file && !isRecording(file.bytes) ? file.path : undefined;
}

function runBoth(was: Program, change: Change, end: number, told: Progress): Futures {
  const way = bothFutures(was, change, end);
  for (;;) {
    const { done, value } = way.next();
    if (done) return value;
    told.tell(value);
  }
}
