/** Another run beside the open one: its traps, and where the two begin to differ. */
import { InputError } from '../base/errors.ts';
import { differingFields, firstDifference, linesOfLog } from '../explain/trap-difference.ts';
import { trapRow } from '../explain/trap-story.ts';
import type { ProgramNames } from '../explain/subject.ts';
import { isRecording } from '../time/chunks.ts';
import { readRecording } from '../time/recording-file.ts';
import type { TrapLog } from '../time/trap-log.ts';
import { openProgram, replay, type Program } from './program.ts';
import { TrapSelection } from './trap-selection.ts';
import type { ComparisonView, ComparedRow } from './views.ts';
import { yieldToMessages } from './yield.ts';

/** What is kept of a run that was compared: not its machine, which is large. */
export interface OtherRun {
  readonly name: string;
  readonly traps: TrapLog;
  readonly names: ProgramNames;
  /** The instant up to which it was run. */
  readonly end: number;
  /** It ended there by itself; otherwise it was just not run any further. */
  readonly isWhole: boolean;
}

/** A program that does not end by itself is run no further than this. */
const MOST_STEPS = 200_000_000;
/** Steps between looks at messages. */
const SLICE = 1_000_000;

export const otherRun = ({ name, timeline, names }: Program): OtherRun => ({
  name,
  traps: timeline.traps,
  names,
  end: timeline.end,
  isWhole: timeline.isOver,
});

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
): Promise<OtherRun | undefined> {
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
  return { ...otherRun(program), name };
}

/** Events of the other run before and after the first difference that are shown. */
const BEFORE = 6;
const AFTER = 14;
/** Traps that one frame compares. */
const PORTION = 50_000;

export class Comparison {
  /** Events known to be the same. */
  private common = 0;
  private difference: number | undefined;
  /** With which run of the open program. */
  private log: TrapLog | undefined;

  constructor(readonly other: OtherRun) {}

  /** `again`: asks for another frame, because not all has been compared. */
  view(program: Program, again: () => void): ComparisonView {
    const { other } = this;
    const { timeline, machine } = program;
    const open = linesOfLog(timeline.traps);
    const theirs = linesOfLog(other.traps);
    const both = Math.min(open.length, theirs.length);
    if (this.log !== timeline.traps) {
      // Another program was opened, or the same one started again.
      this.log = timeline.traps;
      this.common = 0;
      this.difference = undefined;
    }
    // What either has forgotten cannot be compared any more.
    if (this.difference === undefined) this.common = Math.max(this.common, timeline.traps.first, other.traps.first);
    if (this.difference === undefined && this.common < both) {
      const until = Math.min(both, this.common + PORTION);
      this.difference = firstDifference(open, theirs, this.common, until);
      this.common = this.difference ?? until;
      if (this.common < both && this.difference === undefined) again();
    }
    // The end of one of them is a difference only where it is really over.
    const isShorter = this.common === both && open.length !== theirs.length;
    const ended = isShorter && (open.length < theirs.length ? timeline.isOver : other.isWhole);
    const index = this.difference ?? (ended ? both : undefined);
    const source = { timeline: { traps: other.traps }, names: other.names, machine };
    const first = Math.max(0, (index ?? this.common) - BEFORE);
    const last = Math.min(Math.max(open.length, theirs.length), first + BEFORE + AFTER);
    const row = (i: number): ComparedRow => ({
      index: i,
      open: i < open.length ? trapRow(program, i) : null,
      other: i < theirs.length ? trapRow(source, i) : null,
      fields: i < both ? differingFields(open.line(i), theirs.line(i)) : [],
    });
    return {
      open: { name: program.name, traps: open.length, end: timeline.end, isWhole: timeline.isOver },
      other: { name: other.name, traps: theirs.length, end: other.end, isWhole: other.isWhole },
      common: this.common,
      compared: this.difference !== undefined || both === 0 ? 1 : Math.floor((100 * this.common) / both) / 100,
      until: this.common > 0 ? timeline.traps.step(this.common - 1) + 1 : 0,
      summary: this.summary(program),
      difference:
        index === undefined
          ? null
          : {
              index,
              lines: { open: index < open.length ? open.line(index) : null, other: index < theirs.length ? theirs.line(index) : null },
              fields: index < both ? differingFields(open.line(index), theirs.line(index)) : [],
            },
      rows: Array.from({ length: Math.max(0, last - first) }, (_, i) => row(first + i)),
    };
  }

  /** How many of each type both have in common. */
  private summary(program: Program): ComparisonView['summary'] {
    const selection = TrapSelection.of(program.timeline.traps, program, {});
    selection.advance(4);
    return selection.counts(0, this.common);
  }
}
