/**
 * The one virtual clock. An attempt to execute an instruction is a step of one nanosecond, as with QEMU's `-icount shift=0`. An interrupt
 * or a debug exception is taken instead of an instruction: it is a step of its own, with an instant before it and one after it, but it
 * takes no time, as in QEMU. Nor does an instruction that a fault of the MMU or the bus ends, unless it follows another such: time goes
 * on in a loop of faults. WFI skips over the time until the next event.
 * The generic timer counts at 62.5 MHz: one tick is 16 ns. Numbers are exact: 2^53 ns are 104 days.
 */
export const NS_PER_TICK = 16;

export class Clock {
  /** Steps done: attempts to execute one instruction, and interrupts and debug exceptions taken instead of one. */
  steps = 0;
  /** Nanoseconds that WFI skipped, less the steps that took no time. */
  skipped = 0;
  /** Nanoseconds that WFI skipped. */
  waited = 0;

  get ns(): number {
    return this.steps + this.skipped;
  }

  /** WFI skips so many nanoseconds. */
  wait(ns: number): void {
    this.skipped += ns;
    this.waited += ns;
  }

  /** The last step that an abort ended; -1: none. */
  lastAbort = -1;

  /** `step` is ended by an abort: it takes no time unless the one before was too. */
  abortStep(step: number): void {
    if (step !== this.lastAbort + 1) this.skipped--;
    this.lastAbort = step;
  }

  /** A step that takes no time. */
  stepInNoTime(): void {
    this.steps++;
    this.skipped--;
  }
}
