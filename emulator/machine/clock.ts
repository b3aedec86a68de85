/**
 * The one virtual clock. One step is one nanosecond, as with QEMU's `-icount shift=0`; WFI skips over the time until the next event.
 * The generic timer counts at 62.5 MHz: one tick is 16 ns. Numbers are exact: 2^53 ns are 104 days.
 */
export const NS_PER_TICK = 16;

export class Clock {
  /** Steps done: attempts to execute one instruction. */
  steps = 0;
  /** Nanoseconds that WFI skipped. */
  skipped = 0;

  get ns(): number {
    return this.steps + this.skipped;
  }
}
