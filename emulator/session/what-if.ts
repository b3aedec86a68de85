/** Another future of a run: the same program with the same input, from an instant on with something changed by hand. */
import { InputError } from '../base/errors.ts';
import { wideHex } from '../base/hex.ts';
import { registerValue } from '../machine/changeable.ts';
import { comparedRun, type KeptRun } from './comparison.ts';
import type { Progress } from './movement.ts';
import { yieldToMessages } from './yield.ts';
import { openProgram, type Program } from './program.ts';
import { registerChange } from './register-change.ts';

export interface WantedChange {
  readonly register: string;
  readonly field?: string;
  readonly value: string;
}
/** What a change did. */
export interface MadeChange {
  /** "HCR_EL2.TWI", "x0", "[0x40090000]". */
  readonly what: string;
  readonly register: string;
  readonly before: string;
  readonly after: string;
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

/**
 * The run of a program again in a machine of its own, at an instant and changed there; the input that came later comes again at its instants.
 * Throws InputError. Yields the instant reached on the way.
 */
export function* otherFuture(
  { name, bytes, options, files, timeline: { inputs } }: Program,
  at: number,
  changes: readonly WantedChange[],
): Generator<number, { readonly program: Program; readonly made: readonly MadeChange[] }> {
  const program = openProgram(name, bytes, options, files);
  const { timeline } = program;
  timeline.repeat(inputs.all());
  while (timeline.at < at) {
    const before = timeline.at;
    timeline.forward(Math.min(8 * timeline.slice, at - before));
    if (timeline.at === before) throw new InputError(`the run ends at instant ${before}, before ${at}`);
    yield timeline.at;
  }
  const later = inputs.all().filter(({ n, kind }) => n > at && kind === 'bytes');
  const made = makeChanges(program, changes);
  timeline.repeat(later);
  return { program, made };
}

/** Milliseconds between looks at messages. */
const TURN_MS = 30;
/** How far past the change the other future is followed, of a short run and of one that goes on and on. */
const [LEAST_STEPS, MOST_STEPS] = [1_000_000, 200_000_000];

/** The other future as far as the run of the program came, or a little further, to be compared with it. Undefined where nobody wants it any more. */
export async function runFuture(
  was: Program,
  at: number,
  changes: readonly WantedChange[],
  progress: Progress,
  isWanted: () => boolean,
): Promise<{ readonly run: KeptRun; readonly text: string } | undefined> {
  const goal = at + Math.min(Math.max(was.timeline.end - at, LEAST_STEPS), MOST_STEPS);
  const work = followed(was, at, changes, goal);
  for (let told = performance.now(); ;) {
    const { done, value } = work.next();
    if (done) return value;
    if (performance.now() - told < TURN_MS) continue;
    told = performance.now();
    progress(value / goal, `Running the other future: at ${value} of ${goal}`);
    await yieldToMessages();
    if (!isWanted()) return undefined;
  }
}

function* followed(
  was: Program,
  at: number,
  changes: readonly WantedChange[],
  goal: number,
): Generator<number, { run: KeptRun; text: string }> {
  const { program, made } = yield* otherFuture(was, at, changes);
  const { timeline } = program;
  while (timeline.at < goal) {
    const before = timeline.at;
    const stop = timeline.forward(Math.min(8 * timeline.slice, goal - before), { untilLoop: true });
    if (stop === 'end' || stop === 'idle' || stop === 'loop' || timeline.at === before) break;
    yield timeline.at;
  }
  const text = made.map(({ what }, i) => `${what} = ${changes[i].value}`).join(', ');
  return { run: { ...comparedRun(program), name: `${program.name}, with ${text}` }, text };
}
