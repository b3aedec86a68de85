/** Plays a sequence of numbered parts: the sub-steps of an exception, the reads of a walk. `done` of them are shown. */
import type { Motion } from './motion.svelte.ts';

export class Player {
  count = $state(0);
  done = $state(0);
  playing = $state(false);
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly motion: Motion,
    private readonly movement: 'substep' | 'read',
  ) {}

  /** A new sequence, shown whole, or played from its start. */
  load(count: number, play: boolean): void {
    this.stop();
    this.count = count;
    this.done = count;
    if (play && count > 0 && this.motion.moves) {
      this.done = 0;
      this.play();
    }
  }
  go(done: number): void {
    this.stop();
    this.done = Math.max(0, Math.min(this.count, done));
  }
  next(): void {
    this.go(this.done + 1);
  }
  previous(): void {
    this.go(this.done - 1);
  }
  toggle(): void {
    if (this.playing) this.stop();
    else this.play();
  }
  play(): void {
    if (this.count === 0) return;
    if (this.done >= this.count) this.done = 0;
    this.playing = true;
    this.schedule();
  }
  stop(): void {
    clearTimeout(this.timer);
    this.playing = false;
  }

  private schedule(): void {
    this.timer = setTimeout(
      () => {
        this.done++;
        if (this.done >= this.count) this.playing = false;
        else this.schedule();
      },
      this.motion.pace(this.movement) * (this.done === 0 ? 0.5 : 1),
    );
  }
}
