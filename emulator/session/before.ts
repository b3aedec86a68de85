/** What is kept of a build of a program when another one takes its place: its run, what was typed, and where it was. */
import { comparedRun, type KeptRun } from './comparison.ts';
import type { Program } from './program.ts';
import { spotOf, type Spot } from './spot.ts';

export interface Before {
  readonly program: Program;
  readonly run: KeptRun;
  readonly typed: readonly Typed[];
  /** The place that was shown; undefined where it was the latest instant of a run that went on, or was over. */
  readonly spot: Spot | undefined;
  readonly wasRunning: boolean;
}

/** Bytes that came to the console at an instant. */
export interface Typed {
  readonly n: number;
  readonly bytes: Uint8Array;
  /** The machine waited for them (WFI): so must another build, which gets there at another instant. */
  readonly isAwaited: boolean;
}

/** `wasRunning`: it went on until just now. */
export function beforeOf(program: Program, wasRunning: boolean): Before {
  const { timeline } = program;
  const isLatest = timeline.at === timeline.end;
  const run = comparedRun(program);
  const spot = isLatest && (wasRunning || run.isWhole) ? undefined : spotOf(program);
  return { program, run, typed: typedIn(program), spot, wasRunning };
}

/** More than these come from a file, not from a person who waits for what happens. */
const MOST_LOOKED_AT = 500;

/** What a person changed by hand in the old run has no place in the new one: only what was typed. */
function typedIn({ timeline, machine }: Program): Typed[] {
  const typed = timeline.inputs.all().filter((event) => event.kind === 'bytes');
  if (typed.length > MOST_LOOKED_AT) return typed.map(({ n, bytes }) => ({ n, bytes, isAwaited: false }));
  const isWaiting = (n: number) => (): boolean => timeline.excursion(n, () => machine.cpu.waiting, { key: 'waiting' });
  const waited = timeline.together(
    typed.map(({ n }) => isWaiting(n)),
    () => false,
  );
  return typed.map(({ n, bytes }, i) => ({ n, bytes, isAwaited: waited[i] }));
}
