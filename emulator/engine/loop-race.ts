/** Which of two loops runs while V8 still makes good code of the newer one. */
import type { SequenceTree } from './sequences.ts';
import type { Exit } from './tier0-target.ts';

/** Steps of a turn, turns from one trial of the new loop to the next, when it wins anyway, and how near to the old one's speed it must come. */
export const TURN = 1 << 16;
const TURNS_PER_TRIAL = 10;
const LAST_TURN = 500;
const NEARLY = 0.8;

/** Handlers in one loop, and how to run them. */
export interface Loop {
  readonly numbers: readonly number[];
  readonly tree: SequenceTree;
  readonly enter: (steps: number, rest: number) => Exit;
}

/**
 * V8 makes a new loop quickly and badly, and then well in the background; that it has, only the speed tells. Until then most steps go by the
 * old loop and a few by the new one, which knows all handlers of the old.
 */
export class Race {
  private turn = 0;
  private steps = 0;
  private milliseconds = 0;
  private oldRate = 0;
  isWon = false;

  constructor(
    private readonly champion: Loop,
    readonly challenger: Loop,
  ) {}

  private get isTrial(): boolean {
    return this.turn % TURNS_PER_TRIAL === 0;
  }
  get runner(): Loop {
    return this.isTrial ? this.challenger : this.champion;
  }
  ran(steps: number, milliseconds: number): void {
    this.steps += steps;
    this.milliseconds += milliseconds;
    if (this.steps < TURN) return;
    const rate = this.steps / this.milliseconds;
    // Other work on the computer makes either slow by chance, but neither fast.
    if (!this.isTrial) this.oldRate = Math.max(this.oldRate, rate);
    else {
      this.isWon = (this.oldRate > 0 && rate > this.oldRate * NEARLY) || this.turn > LAST_TURN;
      // The program does other things by now.
      this.oldRate = 0;
    }
    this.turn++;
    this.steps = this.milliseconds = 0;
  }
}
