/** What came in from outside, stamped with the instant at which the machine got it. Replaying the same input gives the same run. */
export interface InputEvent {
  /** The instant: the bytes are there before step n. */
  readonly n: number;
  readonly bytes: Uint8Array;
}

export class InputLog {
  private events: InputEvent[] = [];

  push(event: InputEvent): void {
    this.events.push(event);
  }

  /** The first event at or after instant `at`. */
  next(at: number): InputEvent | undefined {
    return this.events.find(({ n }) => n >= at);
  }

  /** All events at instant `at` exactly. */
  at(at: number): readonly InputEvent[] {
    return this.events.filter(({ n }) => n === at);
  }

  all(): readonly InputEvent[] {
    return this.events;
  }

  truncate(at: number): void {
    this.events = this.events.filter(({ n }) => n < at);
  }
}
