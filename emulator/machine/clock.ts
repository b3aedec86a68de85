/**
 * The one virtual clock. An attempt to execute an instruction is a step of one nanosecond, as with QEMU's `-icount shift=0`. An interrupt
 * or a debug exception is taken instead of an instruction: it is a separate step, with an instant before it and one after it, but it
 * takes no time, as in QEMU. Nor does an instruction that a fault of the MMU or the bus ends, unless it follows another such: time goes
 * on in a loop of faults. WFI skips over the time until the next event.
 * The generic timer counts at 62.5 MHz: one tick is 16 ns. Numbers are exact: 2^53 ns are 104 days.
 */
import type { ByteReader, ByteWriter } from '../base/bytes.ts';

export const NS_PER_TICK = 16;

export class Clock {
  /** Steps done: attempts to execute one instruction, and interrupts and debug exceptions taken instead of one. */
  steps = 0;
  /** What counts the steps done since an engine began to run; undefined while none does. */
  running: { readonly elapsed: number } | undefined;
  /** Nanoseconds that WFI skipped, less the steps that took no time. */
  private skipped = 0;
  /** Nanoseconds that WFI skipped. */
  private waited = 0;
  /** How often WFI has skipped time: not state. */
  waits = 0;
  /** The last step that an abort ended; -1: none. */
  private lastAbort = -1;

  /** The step under way, also while an engine runs. */
  get step(): number {
    return this.steps + (this.running ? this.running.elapsed : 0);
  }
  /** Nanoseconds since power-on, at the step under way. */
  get ns(): number {
    return this.step + this.skipped;
  }
  /** Steps that took time: instructions, as QEMU counts them. */
  get instructions(): number {
    return this.ns - this.waited;
  }

  /** WFI skips so many nanoseconds. */
  wait(ns: number): void {
    this.skipped += ns;
    this.waited += ns;
    this.waits++;
  }
  /** The step under way is ended by an abort: it takes no time unless the one before was too. */
  abortStep(): void {
    const { step } = this;
    if (step !== this.lastAbort + 1) this.skipped--;
    this.lastAbort = step;
  }
  /** A step that takes no time. */
  stepInNoTime(): void {
    this.steps++;
    this.skipped--;
  }

  /** A run begins at a later moment than power-on; nothing is known of the steps before it. */
  startAt(ns: number): void {
    this.skipped = this.waited = ns;
  }

  save(writer: ByteWriter): void {
    for (const number of [this.steps, this.skipped, this.waited, this.lastAbort]) writer.f64(number);
  }
  load(reader: ByteReader): void {
    this.steps = reader.f64();
    this.skipped = reader.f64();
    this.waited = reader.f64();
    this.lastAbort = reader.f64();
    if (![this.steps, this.skipped, this.waited, this.lastAbort].every(Number.isSafeInteger) || this.steps < 0 || this.ns < 0)
      throw reader.error('the clock shows no time', 'expected whole numbers');
  }
}
