/**
 * Opening a recording. What happened is computed again from its beginning, which takes as long as the run took; meanwhile the instant that it
 * is to be opened at is shown from the state that the file holds. That state is believed no longer than until the replay comes to it.
 */
import { InputError } from '../base/errors.ts';
import { cutOff, type Recording } from '../time/recording-file.ts';
import type { StoredKeyframe } from '../time/stored-keyframe.ts';
import type { Movement, Progress } from './movement.ts';
import { resumed, type Program } from './program.ts';
import { yieldToMessages } from './yield.ts';

/** A machine in a stored state, and the hash that the replay must have there too. */
interface Stored {
  readonly program: Program;
  readonly n: number;
  readonly hash: string;
}

export class Replay {
  /** The program at the instant to show; undefined where the file holds no state near it. */
  readonly shown: Program | undefined;
  /** Whether it came to its end; resolves once `finish` is called. */
  readonly done: Promise<boolean>;
  finish!: (isWhole: boolean) => void;
  private readonly stored: Stored | undefined;
  /** Why the stored state is of no use. */
  private readonly problem: string | undefined;

  constructor(
    private readonly program: Program,
    private readonly recording: Recording,
    /** Name of its file. */
    private readonly file: string,
  ) {
    this.done = new Promise((resolve) => (this.finish = resolve));
    const { keyframe } = recording;
    if (!keyframe || keyframe.n > this.goal || keyframe.n < this.goal / 2) return;
    try {
      this.stored = storedProgram(program, keyframe);
      this.shown = this.stored.program;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.problem = error.message;
    }
  }

  private get goal(): number {
    return this.recording.at ?? this.recording.reached;
  }

  /**
   * Replays it to its end and goes to the instant to show. False where somebody does something else meanwhile; throws InputError where it
   * comes to a state that is not the recorded one.
   */
  async run(movement: Movement, progress: Progress, isWanted: () => boolean, changed: () => void): Promise<boolean> {
    return (await this.advance(isWanted, changed)) && (await this.repeat(movement, progress, isWanted));
  }

  /** What is shown, from the stored state to the instant to show. */
  private async advance(isWanted: () => boolean, changed: () => void): Promise<boolean> {
    const { timeline } = this.shown ?? {};
    while (timeline && timeline.at < this.goal) {
      const { at } = timeline;
      timeline.forward(Math.min(10 * timeline.slice, this.goal - at));
      changed();
      await yieldToMessages();
      if (!isWanted()) return false;
      if (timeline.at === at) break;
    }
    return true;
  }

  private async repeat(movement: Movement, progress: Progress, isWanted: () => boolean): Promise<boolean> {
    const { program, recording, stored, file } = this;
    const { timeline, machine } = program;
    const { reached: end, end: recorded } = recording;
    const text = (at: number): string => `Replaying the recording: ${at} of ${end} steps`;
    const told: Progress = (_fraction, sentence) => progress(timeline.at / end, sentence);
    const comeTo = async (n: number): Promise<boolean> => {
      await movement.seek(n, told, { repeats: true, text });
      return timeline.at === n && isWanted() && !movement.isRunning && !movement.isSeeking;
    };
    const isThere = !stored || (await comeTo(stored.n));
    const isTrue = !stored || machine.stateHash() === stored.hash;
    if (!isThere || !(await comeTo(end))) {
      if (isWanted() && !movement.isRunning && !movement.isSeeking)
        movement.pause(`replaying the recording stopped at ${timeline.at} of ${end}`);
      return false;
    }
    if (recorded && machine.stateHash() !== recorded.hash)
      throw new InputError(
        `replaying it gave a different state at ${end} from the one recorded`,
        { file },
        'it was made by a different version of ELscope',
      );
    if (recording.at !== undefined) timeline.seek(recording.at);
    const outcome = recorded ? 'the recording was replayed to the recorded state' : cutOff(recording);
    const doubt =
      !stored || isTrue
        ? this.problem
        : `the state that it holds for instant ${stored.n}, which was shown until now, is not the one that replaying gives`;
    movement.pause(doubt === undefined ? outcome : `${outcome}; ${doubt}`);
    return true;
  }
}

function storedProgram(program: Program, keyframe: StoredKeyframe): Stored {
  const shown = resumed(program, keyframe);
  return { program: shown, n: keyframe.n, hash: shown.machine.stateHash() };
}
