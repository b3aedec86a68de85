/**
 * The one virtual clock. An attempt to execute an instruction is a step of one nanosecond, as with QEMU's `-icount shift=0`, whether
 * it retires or ends in an exception. An interrupt is taken instead of an instruction: it is a step of its own, with an instant before
 * it and one after it, but it takes no time, as in QEMU. WFI skips over the time until the next event.
 * The generic timer counts at 62.5 MHz: one tick is 16 ns. Numbers are exact: 2^53 ns are 104 days.
 */
export const NS_PER_TICK = 16;

export class Clock {
  /** Steps done: attempts to execute one instruction, and interrupts taken instead of one. */
  steps = 0;
  /** Nanoseconds that WFI skipped, less the steps that took no time. */
  skipped = 0;

  get ns(): number {
    return this.steps + this.skipped;
  }

  /** A step that takes no time. */
  stepInNoTime(): void {
    this.steps++;
    this.skipped--;
  }
}
