/** What came in from outside, stamped with the instant at which the machine got it. Replaying the same input gives the same run. */
export interface InputEvent {
  /** The instant: the bytes are there before step n. */
  readonly n: number;
  readonly bytes: Uint8Array;
}

export class InputLog {
  private readonly events: InputEvent[] = [];

  push(event: InputEvent): void {
    this.events.push(event);
  }

  /** The event with this number, counted from 0; the machine knows how many it has had. */
  get(index: number): InputEvent | undefined {
    return this.events[index];
  }

  all(): readonly InputEvent[] {
    return this.events;
  }
}
