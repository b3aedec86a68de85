/** Another future of a run: the same program with the same input, from an instant on with something changed by hand. */
import { InputError } from '../base/errors.ts';
import { wideHex } from '../base/hex.ts';
import { nowView } from '../explain/now.ts';
import { plain } from '../explain/words.ts';
import type { RunNames } from '../explain/difference/words.ts';
import { registerValue } from '../machine/changeable.ts';
import type { InputEvent } from '../time/input-log.ts';
import { compareRuns, differenceDocument, differenceText, type Compared } from './difference-text.ts';
import type { DifferingRegister, MadeChange } from './experiment-views.ts';
import { secondRun, type Program } from './program.ts';
import { registerChange } from './register-change.ts';
import type { ReadSource } from './source-line.ts';
import { registers } from './views/registers.ts';

export interface WantedChange {
  readonly register: string;
  readonly field?: string;
  readonly value: string;
}
/** "HCR_EL2.TWI=1", "x0=main", "[0x40090000]=0". Throws InputError. */
export function parseChange(text: string): WantedChange {
  const [, what, value] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  const place = what?.trim() ?? '';
  if (place === '' || value === undefined || value.trim() === '')
    throw new InputError(`${JSON.stringify(text)} is no change`, {}, 'HCR_EL2.TWI=1, x0=0x10 or [0x40090000]=0x705');
  const dot = place.startsWith('[') ? -1 : place.indexOf('.');
  if (dot < 0) return { register: place, value: value.trim() };
  return { register: place.slice(0, dot), field: place.slice(dot + 1), value: value.trim() };
}

/** Changes the run of a program at the instant at which it is, one after the other. What was recorded after it is forgotten. */
export function makeChanges(program: Program, changes: readonly WantedChange[]): MadeChange[] {
  const { machine, timeline } = program;
  return changes.map((wanted) => {
    const { register, value } = registerChange(program, wanted);
    const before = wideHex(registerValue(machine, register));
    timeline.change(register, value);
    const what = wanted.field === undefined ? register : `${register}.${wanted.field}`;
    return { what, register, before, after: wideHex(registerValue(machine, register)) };
  });
}

/** Another future is the run of the program, with this input, changed at an instant. */
export interface Change {
  readonly at: number;
  readonly changes: readonly WantedChange[];
  /** Of the run as it was; absent: that of the open run. */
  readonly inputs?: readonly InputEvent[] | undefined;
}

/**
 * The run of a program in a second machine, at an instant and changed there; what was typed later comes again at its instants. Throws
 * InputError. Yields the instant reached on the way.
 */
export function* otherFuture(
  program: Program,
  { at, changes, inputs = program.timeline.inputs.all() }: Change,
): Generator<number, { readonly program: Program; readonly made: readonly MadeChange[] }> {
  const other = secondRun(
    program,
    inputs.filter(({ n }) => n <= at),
    at,
  );
  const { timeline } = other;
  yield* runOn(other, at);
  if (timeline.at < at) throw new InputError(`the run ends at instant ${timeline.at}, before ${at}`);
  const made = makeChanges(other, changes);
  timeline.repeat(inputs.filter(({ n, kind }) => n > at && kind === 'bytes'));
  return { program: other, made };
}

/** Two runs of one program that part at an instant, each in a machine of its own. */
export interface Futures {
  readonly at: number;
  readonly made: readonly MadeChange[];
  readonly was: Program;
  readonly other: Program;
}

/** Both, up to instant `goal` or as far as there is something to run. `untilLoop`: an exception loop goes on as it began. */
export function* bothFutures(program: Program, change: Change, goal: number, { untilLoop = false } = {}): Generator<number, Futures> {
  const { at, inputs = program.timeline.inputs.all() } = change;
  const { program: other, made } = yield* otherFuture(program, change);
  const was = secondRun(program, inputs, at);
  for (const run of [was, other]) yield* runOn(run, goal, untilLoop);
  return { at, made, was, other };
}

function* runOn({ timeline }: Program, goal: number, untilLoop = false): Generator<number> {
  while (timeline.at < goal) {
    const before = timeline.at;
    const stop = timeline.forward(Math.min(8 * timeline.slice, goal - before), { untilLoop });
    if (stop === 'end' || stop === 'idle' || stop === 'loop' || timeline.at === before) return;
    yield timeline.at;
  }
}

/** "HCR_EL2.TWI = 0". */
export const changeText = (changes: readonly WantedChange[]): string =>
  changes.map(({ register, field, value }) => `${field === undefined ? register : `${register}.${field}`} = ${value}`).join(', ');

/** At the instants at which the two stand. A timer's value is its counter's, in other words. */
export function differingRegisters({ was, other }: Futures): DifferingRegister[] {
  const [mine, theirs] = [was, other].map((program) => registers.of(program, {}).groups.flatMap((group) => group.registers));
  return mine.flatMap(({ name, value, changeable }, i) =>
    changeable === undefined || /_TVAL_/.test(name) || theirs[i].value === value ? [] : [{ name, was: value, other: theirs[i].value }],
  );
}

/** What the two are called in sentences. */
export const futureNames: RunNames = { older: 'the run as it was', newer: 'the other future' };

/** Two futures of `steps` steps each, compared. */
export interface ComparedFutures extends Futures {
  readonly steps: number;
  readonly compared: Compared;
}
export const compareFutures = (futures: Futures, steps: number): ComparedFutures => ({
  ...futures,
  steps,
  compared: compareRuns(futures.was, futures.other, futureNames),
});

const standing = (program: Program): { readonly at: number; readonly now: string } => ({
  at: program.timeline.at,
  now: plain(nowView(program).sentence),
});

export const futuresDocument = (futures: ComparedFutures): object => ({
  at: futures.at,
  steps: futures.steps,
  changes: futures.made,
  ...differenceDocument(futures.compared),
  was: standing(futures.was),
  other: standing(futures.other),
  registers: differingRegisters(futures),
});

export async function futuresText(futures: ComparedFutures, readSource?: ReadSource): Promise<string> {
  const { at, made, was, other, compared } = futures;
  const [one, two] = [standing(was), standing(other)];
  return [
    ...made.map(
      ({ what, register, before, after }) =>
        `At instant ${at}: ${what === register ? '' : `${what} changes `}${register} ${before} -> ${after}`,
    ),
    await differenceText(compared, [
      { program: was, readSource },
      { program: other, readSource },
    ]),
    `As it was, at instant ${one.at}: ${one.now}`,
    `The other future, at instant ${two.at}: ${two.now}`,
    ...differingRegisters(futures).map(({ name, ...value }) => `    ${name.padEnd(14)} ${value.was} -> ${value.other}`),
    '',
  ].join('\n');
}
