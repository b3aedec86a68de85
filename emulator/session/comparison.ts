/** Another run beside the open one: aligned with it, again and again while the open run goes on. */
import { InputError } from '../base/errors.ts';
import { CodeMap, type Build } from '../debug/code-map.ts';
import { firstDifferenceOf, type FirstDifference, type PlaceOfStep } from '../explain/difference/first.ts';
import { comparedRows } from '../explain/difference/rows.ts';
import { RunComparison, sizeOf, type RunDifference } from '../explain/difference/run-difference.ts';
import { isSameProgram, type ComparedRun } from '../explain/difference/sequence.ts';
import { differenceSentence, type RunNames } from '../explain/difference/words.ts';
import { placeOf } from '../explain/subject.ts';
import type { RowSource } from '../explain/trap-story.ts';
import { isRecording } from '../time/chunks.ts';
import { readRecording } from '../time/recording-file.ts';
import { openProgram, replay, type Program } from './program.ts';
import { sourceLine, type ReadSource } from './source-line.ts';
import type { SourcedProgram } from './sources.ts';
import type { ComparisonView, TypeCount } from './views.ts';
import { yieldToMessages } from './yield.ts';

/** A program that does not end by itself is run no further than this. */
const MOST_STEPS = 200_000_000;
/** Steps between looks at messages. */
const SLICE = 1_000_000;

/** What is compared of a program's run, and kept of it: not its machine, which is large. */
export interface KeptRun extends ComparedRun, Build {
  readonly sourced: SourcedProgram;
}

export const comparedRun = ({ name, bytes, symbols, lines, sections, names, timeline, machine }: Program): KeptRun => ({
  sourced: { name, bytes, lines, names: { recorded: names.recorded } },
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

/** Where a program was when it did something; undefined for a trap file. */
export const placesOf =
  (program: Program | undefined): PlaceOfStep =>
  (n) =>
    program?.timeline.excursion(n, () => placeOf(program.names.of(program.machine.cpu.el), program.machine.cpu.pc), { key: 'place' });

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

export interface ComparisonOptions {
  /** What the two are called; absent: by what tells them apart. */
  readonly calledAs?: RunNames;
  /** Where the other run was at a step, where its machine is still there. */
  readonly placesOfOther?: PlaceOfStep;
  /** Reads the sources of the other run, and of the open one. */
  readonly sources?: { readonly older: ReadSource; readonly newer: ReadSource };
}

/** The source lines of the first difference, null where they are not known. */
interface SourceLines {
  older: string | null;
  newer: string | null;
}

export class Comparison {
  private comparison: RunComparison | undefined;
  private work: Generator<void, RunDifference> | undefined;
  private result: RunDifference | undefined;
  /** The open run as it is compared, or was. */
  private compared: KeptRun | undefined;
  private firstOf: { readonly difference: RunDifference; readonly found: FirstDifference | null; readonly lines: SourceLines } | undefined;
  /** The end of the open run at which it was seen that nothing follows. */
  private wholeAt: number | undefined;

  constructor(
    readonly other: KeptRun,
    private readonly options: ComparisonOptions = {},
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

  /** The comparison of all that there is, made in portions; undefined where nobody wants it any more. */
  async finished(program: Program, isWanted: () => boolean): Promise<RunDifference | undefined> {
    for (;;) {
      let isDone = true;
      const difference = this.difference(program, () => (isDone = false));
      if (isDone && difference) return difference;
      await yieldToMessages();
      if (!isWanted()) return undefined;
    }
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
    const nowhere = { older: null, newer: null };
    if (!difference || !this.comparison) return { ...sizes, names, sources: nowhere, result: null };
    const { a, b } = this.comparison;
    const { traps } = difference;
    const { timeline, machine } = program;
    const first = this.first(program, difference, again);
    const older: RowSource = { timeline: { traps: other.traps }, names: other.names, machine };
    return {
      ...sizes,
      names,
      sources: { ...(this.firstOf?.lines ?? nowhere) },
      result: {
        sentence: this.sentence(program)!,
        isSame: difference.isSame,
        common: traps.common,
        more: typeCounts(traps.more),
        fewer: typeCounts(traps.fewer),
        others: traps.others,
        timed: traps.timed,
        first,
        rows: comparedRows(traps, { source: older, sequence: a }, { source: program, sequence: b }),
        isAll: timeline.end === difference.newer.end,
      },
    };
  }

  /** Found once: output has its place only where the machine goes there. */
  private first(program: Program, difference: RunDifference, again: () => void): FirstDifference | null {
    const { a, b } = this.comparison!;
    if (this.firstOf?.difference !== difference) {
      const found = firstDifferenceOf(difference, a, b, [this.options.placesOfOther ?? ((): undefined => undefined), placesOf(program)]);
      const lines: SourceLines = { older: null, newer: null };
      this.firstOf = { difference, found: found ?? null, lines };
      if (found) void this.readLines(found, lines, program, again);
    }
    return this.firstOf.found;
  }
  private async readLines(first: FirstDifference, lines: SourceLines, { names }: Program, again: () => void): Promise<void> {
    const { sources } = this.options;
    const recorded = { older: this.other.sourced.names.recorded, newer: names.recorded };
    for (const side of ['older', 'newer'] as const) {
      const place = first[side]?.place;
      lines[side] = (place && sources && (await sourceLine(recorded[side], place, sources[side]).catch(() => undefined))) ?? null;
    }
    if (lines.older !== null || lines.newer !== null) again();
  }

  /** The sentence that the view has; undefined as long as nothing has been compared. */
  sentence(program: Program): string | undefined {
    const { comparison, result } = this;
    return comparison && result && differenceSentence(result, this.names(program), comparison.a, comparison.b);
  }

  private names(program: Program): RunNames {
    const { calledAs } = this.options;
    if (calledAs) return calledAs;
    const { other } = this;
    if (isSameProgram(other, program)) return { older: 'the other run', newer: 'the open run' };
    return other.name === program.name ? { older: 'the other build', newer: 'the open build' } : { older: other.name, newer: program.name };
  }
}

const typeCounts = (counts: ReadonlyMap<string, number>): TypeCount[] => [...counts].map(([name, count]) => ({ type: name, name, count }));
