/** Another run beside the open one: aligned with it, again and again while the open run goes on. */
import { InputError } from '../base/errors.ts';
import { CodeMap, type Build } from '../debug/code-map.ts';
import { firstDifferenceOf } from '../explain/difference/first.ts';
import { comparedRows } from '../explain/difference/rows.ts';
import { RunComparison, sizeOf, type RunDifference } from '../explain/difference/run-difference.ts';
import { isSameProgram, type ComparedRun } from '../explain/difference/sequence.ts';
import { differenceSentence, type RunNames } from '../explain/difference/words.ts';
import type { RowSource } from '../explain/trap-story.ts';
import { isRecording } from '../time/chunks.ts';
import { readRecording } from '../time/recording-file.ts';
import { openProgram, replay, type Program } from './program.ts';
import type { ComparisonView, TypeCount } from './views.ts';
import { yieldToMessages } from './yield.ts';

/** A program that does not end by itself is run no further than this. */
const MOST_STEPS = 200_000_000;
/** Steps between looks at messages. */
const SLICE = 1_000_000;

/** What is compared of a program's run, and kept of it: not its machine, which is large. */
export interface KeptRun extends ComparedRun, Build {}

export const comparedRun = ({ name, bytes, symbols, sections, names, timeline, machine }: Program): KeptRun => ({
  name,
  bytes,
  symbols,
  sections,
  names: names.recorded,
  traps: timeline.traps,
  output: timeline.output,
  end: timeline.end,
  // Nothing follows without input either.
  isWhole: timeline.isOver || (timeline.at === timeline.end && machine.isIdle),
});

/** Of two runs of one program, or of two builds of it. */
export const comparisonOf = (older: KeptRun, newer: KeptRun): RunComparison => new RunComparison(older, newer, new CodeMap(older, newer));

/**
 * Runs another program, or repeats a recording, in its own machine. A program runs to its end, or until it waits for input, or for
 * as many steps as the open run has. Throws InputError for what cannot be opened and for a recording that repeats differently; undefined
 * when it was cancelled.
 */
export async function runOther(
  name: string,
  bytes: Uint8Array,
  steps: number,
  progress: (fraction: number, text: string) => void,
  isWanted: () => boolean,
): Promise<KeptRun | undefined> {
  const recording = isRecording(bytes) ? await readRecording(bytes, name) : undefined;
  const program = recording ? replay(recording) : openProgram(name, bytes);
  const { timeline, machine } = program;
  const goal = recording ? (recording.end?.n ?? recording.inputs.at(-1)?.n ?? 0) : Math.min(MOST_STEPS, steps);
  while (timeline.at < goal) {
    const stop = timeline.forward(Math.min(SLICE, goal - timeline.at));
    if (stop === 'end' || stop === 'idle') break;
    progress(timeline.at / goal, `running ${name}: ${timeline.at} of ${goal}`);
    await yieldToMessages();
    if (!isWanted()) return undefined;
  }
  const { end } = recording ?? {};
  if (end && (timeline.at !== end.n || machine.stateHash() !== end.hash)) {
    throw new InputError(
      `replaying it gave a different state at ${timeline.at} from the one recorded`,
      { file: name },
      'it was made by a different version of ELscope',
    );
  }
  // The file may have another name than the program in it; the file is what the person chose.
  return { ...comparedRun(program), name };
}

/** Milliseconds that one frame compares. */
const PORTION_MS = 8;
/** A run that goes on is compared again when it has this many times the events. */
const GROWTH = 1.05;

export class Comparison {
  private comparison: RunComparison | undefined;
  private work: Generator<void, RunDifference> | undefined;
  private result: RunDifference | undefined;
  /** The open run as it is compared, or was. */
  private compared: KeptRun | undefined;
  /** The end of the open run at which it was seen that nothing follows. */
  private wholeAt: number | undefined;

  constructor(
    readonly other: KeptRun,
    /** What the two are called; undefined: by what tells them apart. */
    private readonly calledAs?: RunNames,
  ) {}

  /** The comparison of all that there is; undefined as long as it is not done, with a call of `again` for another frame. */
  difference(program: Program, again: () => void): RunDifference | undefined {
    const open = this.openRun(program);
    if (this.comparison === undefined || this.compared?.traps !== open.traps) {
      this.comparison = comparisonOf(this.other, open);
      this.work = this.result = this.compared = undefined;
    }
    const until = performance.now() + PORTION_MS;
    if (!this.work && !this.isUpToDate(open)) {
      this.compared = open;
      this.work = this.comparison.compare(open);
    }
    while (this.work && performance.now() < until) {
      const { done, value } = this.work.next();
      if (!done) continue;
      this.result = value;
      this.work = undefined;
    }
    if (this.work) again();
    return this.result;
  }

  private openRun(program: Program): KeptRun {
    const run = comparedRun(program);
    if (run.isWhole) this.wholeAt = run.end;
    else if (this.compared?.traps === run.traps && this.wholeAt === run.end) return { ...run, isWhole: true };
    return run;
  }

  private isUpToDate({ end, isWhole, traps, output }: ComparedRun): boolean {
    const { newer } = this.result ?? {};
    if (!newer) return false;
    if (isWhole !== newer.isWhole) return false;
    if (isWhole || end === newer.end) return true;
    return traps.length <= newer.traps * GROWTH && output.length <= newer.output * GROWTH && end <= newer.end * 2;
  }

  /** `again`: asks for another frame, because not all has been compared. */
  view(program: Program, again: () => void): ComparisonView {
    const { other } = this;
    const difference = this.difference(program, again);
    const names = this.names(program);
    const sizes = { open: sizeOf(this.compared ?? comparedRun(program)), other: sizeOf(other) };
    if (!difference || !this.comparison) return { ...sizes, names, result: null };
    const { a, b } = this.comparison;
    const { traps } = difference;
    const { timeline, machine } = program;
    const older: RowSource = { timeline: { traps: other.traps }, names: other.names, machine };
    return {
      ...sizes,
      names,
      result: {
        sentence: this.sentence(program)!,
        isSame: difference.isSame,
        common: traps.common,
        more: typeCounts(traps.more),
        fewer: typeCounts(traps.fewer),
        others: traps.others,
        timed: traps.timed,
        first: firstDifferenceOf(difference, a, b) ?? null,
        rows: comparedRows(traps, { source: older, sequence: a }, { source: program, sequence: b }),
        isAll: timeline.end === difference.newer.end,
      },
    };
  }

  /** The sentence that the view has; undefined as long as nothing has been compared. */
  sentence(program: Program): string | undefined {
    const { comparison, result } = this;
    return comparison && result && differenceSentence(result, this.names(program), comparison.a, comparison.b);
  }

  private names(program: Program): RunNames {
    if (this.calledAs) return this.calledAs;
    const { other } = this;
    if (isSameProgram(other, program)) return { older: 'the other run', newer: 'the open run' };
    return other.name === program.name ? { older: 'the other build', newer: 'the open build' } : { older: other.name, newer: program.name };
  }
}

const typeCounts = (counts: ReadonlyMap<string, number>): TypeCount[] => [...counts].map(([name, count]) => ({ type: name, name, count }));
