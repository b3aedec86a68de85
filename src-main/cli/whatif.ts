/** `elscope whatif`: changes something at an instant of a run, runs both futures alike, and tells in what they differ. */
import { nowView, otherFuture, parseChange, plain, views, type MadeChange, type Program, type WantedChange } from '../../emulator/index.ts';
import { exitCode } from '../exit.ts';
import { machineFlags } from '../machine-options.ts';
import { atMostOne, parseWords, UsageError, wholeNumber } from '../usage.ts';
import { compareRuns, differenceDocument, differenceText } from './diff.ts';
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
  const { program: other, made } = fork(was, at, changes, told);
  for (const program of [was, other]) runTo(program, at + steps, told);
  told.end();
  const names = { older: 'the run as it was', newer: 'the other future' };
  const compared = compareRuns(was, other, names);
  const ends = [was, other].map(standing) as [Standing, Standing];
  const registers = differing(was, other);
  if (values.json)
    await writeJson({
      at,
      steps,
      changes: made,
      ...differenceDocument(compared),
      was: ends[0],
      other: ends[1],
      registers,
    });
  else {
    const files = [was, other].map((program) => ({ name: program.name, program: { ...program, path: undefined } }));
    await write(
      [
        ...made.map(
          ({ what, register, before, after }) =>
            `At instant ${at}: ${what === register ? '' : `${what} changes `}${register} ${before} -> ${after}`,
        ),
        await differenceText(compared, [files[0], files[1]]),
        `As it was, at instant ${ends[0].at}: ${ends[0].now}`,
        `The other future, at instant ${ends[1].at}: ${ends[1].now}`,
        ...registers.map(({ name, was: one, other: two }) => `    ${name.padEnd(14)} ${one} -> ${two}`),
        '',
      ].join('\n'),
    );
  }
  return compared.difference.isSame && registers.length === 0 ? exitCode.done : exitCode.different;
}

function fork(
  was: Program,
  at: number,
  changes: readonly WantedChange[],
  told: Progress,
): { program: Program; made: readonly MadeChange[] } {
  const way = otherFuture(was, at, changes);
  for (;;) {
    const { done, value } = way.next();
    if (done) return value;
    told.tell(value);
  }
}

/** As far as there is something to run. */
function runTo({ timeline }: Program, end: number, told: Progress): void {
  while (timeline.at < end) {
    const before = timeline.at;
    const stop = timeline.forward(Math.min(8 * timeline.slice, end - before));
    told.tell(timeline.at);
    if (stop === 'end' || stop === 'idle' || timeline.at === before) return;
  }
}

/** Registers that can be written and hold other values in the two futures. */
function differing(was: Program, other: Program): { readonly name: string; readonly was: string; readonly other: string }[] {
  const [mine, theirs] = [was, other].map((program) => views.registers.of(program, {}).groups.flatMap(({ registers }) => registers));
  return mine.flatMap(({ name, value, changeable }, i) =>
    changeable === undefined || /_TVAL_/.test(name) || theirs[i].value === value ? [] : [{ name, was: value, other: theirs[i].value }],
  );
}

interface Standing {
  readonly at: number;
  readonly now: string;
}
const standing = (program: Program): Standing => ({ at: program.timeline.at, now: plain(nowView(program).sentence) });
