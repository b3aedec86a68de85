/** A submission is run once, up to the limit; then each check looks at its instants. */
import { diagnose } from '../explain/doctor/diagnose.ts';
import type { Finding } from '../explain/doctor/finding.ts';
import type { Reach } from '../explain/doctor/history.ts';
import { runUntilSilent } from '../explain/doctor/run.ts';
import type { Program } from '../session/program.ts';
import type { TimelineStop } from '../time/timeline.ts';
import type { Outcome } from './feedback.ts';
import { memoryOutcomes } from './memory.ts';
import { outputOutcomes } from './output.ts';
import { registerOutcome } from './registers.ts';
import type { Check, Task } from './task.ts';
import { neverOutcomes, traceOutcomes } from './traps.ts';
import { walkOutcomes } from './walks.ts';
import { instantOf, parseWhen } from './when.ts';

/** How a graded run ended, and what came of it; the exit codes of `elscope grade` follow from it. */
export type Verdict = 'passed' | 'failed' | 'stuck' | 'limit' | 'bad file';

export interface CheckReport {
  readonly id: string;
  readonly title: string;
  readonly hidden: boolean;
  readonly passed: boolean;
  readonly points: number;
  readonly of: number;
  /** Each expectation that does not hold. */
  readonly failures: readonly Outcome[];
  readonly hint?: string;
}

export interface Report {
  readonly file: string;
  readonly verdict: Verdict;
  readonly points: number;
  readonly of: number;
  readonly checks: readonly CheckReport[];
  /** Steps that the run took, and a hash of the machine's state at its end. */
  readonly steps: number;
  readonly hash: string;
  /** How the run stood at its end, in a sentence. */
  readonly ended: string;
  /** Why it is stuck, most likely. */
  readonly finding?: Finding;
  /** Why it could not be run at all. */
  readonly error?: string;
}

/** Bytes that the recording of a submission may take: several are graded at the same time. */
const BUDGET = 64 << 20;
/** What of a run is recorded whole in it. */
const MOST_EVENTS = 200_000;
const MOST_OUTPUT = 1 << 20;
/** How far the Doctor follows its history: an exercise makes its mistake early. */
const reach: Reach = { steps: 500_000, reports: 50_000 };

/** A submission that is no program, or could not be read. */
export const badFile = (file: string, task: Task, error: string): Report => ({
  file,
  verdict: 'bad file',
  points: 0,
  of: total(task),
  checks: [],
  steps: 0,
  hash: '',
  ended: '',
  error,
});

/** The program must not have been run yet. */
export function grade(program: Program, task: Task): Report {
  const { timeline, machine } = program;
  timeline.budget = BUDGET;
  if (task.input !== '') timeline.input(new TextEncoder().encode(task.input));
  const stop = run(program, task.steps);
  const hash = machine.stateHash();
  const { end } = timeline;
  const checks = task.checks.map((check) => checked(program, check));
  const points = sum(checks.map((check) => check.points));
  const of = total(task);
  const report = { file: program.name, points, of, checks, steps: end, hash };
  const isOff = stop === 'end' && (machine.stop?.kind === 'off' || machine.stop?.kind === 'exit');
  const { findings, standing } = diagnose(program, reach);
  const ended = standing;
  if (checks.every(({ passed }) => passed)) return { ...report, verdict: 'passed', ended };
  const [finding] = findings.filter(({ kind }) => kind === 'broken');
  const limit = stop === 'full' ? fullness(program)!.text : stop === 'budget' && end >= task.steps ? `${task.steps} steps` : undefined;
  if (limit !== undefined) {
    return { ...report, verdict: 'limit', ended: `The limit of ${limit} was reached. ${ended}`, ...(finding && { finding }) };
  }
  if (!isOff && finding) return { ...report, verdict: 'stuck', ended, finding };
  return { ...report, verdict: 'failed', ended };
}

/** Runs it up to a limit: at which instant that ends does not depend on how fast this computer is. */
function run(program: Program, steps: number): TimelineStop | 'silent' | 'full' {
  const work = runUntilSilent(program, steps);
  for (;;) {
    const { done, value } = work.next();
    const full = fullness(program);
    if (full) {
      program.timeline.seek(full.at);
      program.timeline.forgetFuture();
      return 'full';
    }
    if (done) return value;
  }
}
/** The instant at which more was recorded than can be kept whole: no check must find a beginning that is forgotten. */
function fullness({ timeline: { traps, output } }: Program): { readonly at: number; readonly text: string } | undefined {
  const ends = [
    ...(traps.length >= MOST_EVENTS ? [{ at: traps.step(MOST_EVENTS - 1) + 1, text: `${MOST_EVENTS} exceptions and returns` }] : []),
    ...(output.length >= MOST_OUTPUT ? [{ at: output.stepOf(MOST_OUTPUT - 1)! + 1, text: `${MOST_OUTPUT} bytes of output` }] : []),
  ];
  return ends.sort((a, b) => a.at - b.at).at(0);
}

const total = ({ checks }: Task): number => sum(checks.map(({ points }) => points));
/** Points are counted in hundredths, so that their sum is exact. */
const sum = (points: readonly number[]): number => points.reduce((all, one) => all + Math.round(one * 100), 0) / 100;

function checked(program: Program, check: Check): CheckReport {
  const outcomes = outcomesOf(program, check);
  const failures = outcomes.filter(({ passed }) => !passed);
  const passed = failures.length === 0;
  const share = check.partial ? (outcomes.length - failures.length) / outcomes.length : 0;
  return {
    id: check.id,
    title: check.title ?? '',
    hidden: check.hidden ?? false,
    passed,
    points: passed ? check.points : Math.floor(check.points * share * 100) / 100,
    of: check.points,
    failures,
    ...(!passed && check.hint !== undefined && { hint: check.hint }),
  };
}

function outcomesOf(program: Program, check: Check): Outcome[] {
  const instant = instantOf(program, parseWhen(check.when ?? 'end'));
  const count =
    Object.keys(check.expect ?? {}).length + (check.trace?.length ?? 0) + (check.never?.length ?? 0) + (check.uart === undefined ? 0 : 1);
  if ('why' in instant)
    return Array.from({ length: count }, (_, i) => ({ what: check.when!, passed: false, text: i === 0 ? instant.why : '' }));
  const look = (): Outcome[] => {
    const { walk, memory, expect = {}, trace = [], never = [], uart } = check;
    return [
      ...(walk
        ? walkOutcomes(program, walk, expect)
        : memory
          ? memoryOutcomes(program, memory, expect)
          : Object.entries(expect).map(([key, value]) => registerOutcome(program, key, value))),
      ...traceOutcomes(program, trace),
      ...neverOutcomes(program, never),
      ...(uart === undefined ? [] : outputOutcomes(program, uart)),
    ];
  };
  const { timeline } = program;
  timeline.seek(instant.at);
  try {
    return look();
  } finally {
    timeline.seek(timeline.end);
  }
}
