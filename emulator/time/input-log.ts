import type { PA } from '../base/addresses.ts';
import { InputError } from '../base/errors.ts';
import type { HostAnswer } from '../machine/host-files.ts';

/** What came in from outside, stamped with the instant at which the machine got it. Replaying the same input gives the same run. */
export type InputEvent = UartInput | ChangeByHand | HostResult;
/** What a person, or their debugger, changed. */
export type ChangeByHand = RegisterChange | MemoryWrite;

interface Stamped {
  /** The instant: it is there before step n. */
  readonly n: number;
}
/** Bytes that arrived at the UART. */
export interface UartInput extends Stamped {
  readonly kind: 'bytes';
  readonly bytes: Uint8Array;
}
/** A person gave a register another value: one that `changeableRegister` of the machine knows. */
export interface RegisterChange extends Stamped {
  readonly kind: 'change';
  readonly register: string;
  /** Unsigned; 128 bits for V0 to V31, 64 for others. */
  readonly value: bigint;
}

/** A debugger wrote bytes to RAM or flash. */
export interface MemoryWrite extends Stamped {
  readonly kind: 'memory';
  readonly pa: PA;
  readonly bytes: Uint8Array;
}

/** What the host answered to a semihosting call of step n. */
export interface HostResult extends Stamped, HostAnswer {
  readonly kind: 'host';
}

/** Of one run. The longest typing comes nowhere near, and what a recording may hold is what a run may take. */
export const mostInputs = 2 ** 20;

export class InputLog {
  /** Those of the events that are changes by hand. */
  readonly changes: readonly ChangeByHand[];

  constructor(private readonly events: InputEvent[] = []) {
    this.changes = events.filter(isByHand);
  }

  /** Throws InputError where there were too many. */
  push(event: InputEvent): void {
    if (this.events.length === mostInputs)
      throw new InputError(`the run has had ${mostInputs} inputs, the most that can be recorded`, {}, 'give it fewer and longer ones');
    this.events.push(event);
    if (isByHand(event)) (this.changes as ChangeByHand[]).push(event);
  }

  /** An event that comes before those from this number on: they wait to be repeated. */
  insert(index: number, event: InputEvent): void {
    const later = this.events.splice(index);
    this.push(event);
    this.events.push(...later);
  }

  /** The event with this number, counted from 0; the machine knows how many it has had. */
  get(index: number): InputEvent | undefined {
    return this.events[index];
  }

  all(): readonly InputEvent[] {
    return this.events;
  }

  /** The changes by hand at instant `n`. */
  changesAt(n: number): readonly ChangeByHand[] {
    return this.changes.filter((change) => change.n === n);
  }

  /** A separate log with the first `count` events. */
  firstOnes(count: number): InputLog {
    return new InputLog(this.events.slice(0, count));
  }
}

const isByHand = (event: InputEvent): event is ChangeByHand => event.kind === 'change' || event.kind === 'memory';
