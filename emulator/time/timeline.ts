/**
 * The run of one machine, from instant 0 to the latest instant reached, and the machine's place in it. Forward over new ground it records;
 * forward over known ground it repeats what was recorded, input included; backwards it goes by keyframes.
 */
import { InputError } from '../base/errors.ts';
import type { CpuEvent } from '../cpu/events.ts';
import type { ExceptionLevel } from '../cpu/state.ts';
import type { Machine, RunLimit } from '../machine/machine.ts';
import { nothingWatched } from '../machine/watches.ts';
import type { Stops } from './goals.ts';
import { InputLog } from './input-log.ts';
import { Keyframes } from './keyframes.ts';
import { OutputLog } from './output-log.ts';
import { TrapLog } from './trap-log.ts';

/** Steps between keyframes on new ground. A step back repeats half of this on average. */
const KEYFRAME_INTERVAL = 4_000_000;

/** Why `forward` came back. `budget`: the steps asked for are done. `end`: the machine stopped (`machine.stop` says why). */
export type ForwardStop = 'budget' | 'event' | 'breakpoint' | 'idle' | 'end';

/** Which events are looked for. */
type EventFilter = (traps: TrapLog, index: number) => boolean;
const anyEvent: EventFilter = () => true;
export const changesLevel: EventFilter = (traps, index) => traps.levelBefore(index) !== traps.levelAfter(index);

export class Timeline {
  readonly traps = new TrapLog();
  readonly output = new OutputLog();
  readonly inputs = new InputLog();
  readonly keyframes: Keyframes;
  readonly startLevel: ExceptionLevel;
  /** The latest instant reached. */
  end = 0;
  private readonly breakpoints = new Set<bigint>();
  private lastEvent: CpuEvent | undefined;

  constructor(readonly machine: Machine) {
    this.startLevel = machine.cpu.el;
    this.keyframes = new Keyframes(machine);
    this.keyframes.capture(0);
    machine.onEvent.on((event) => this.record(event));
    machine.onOutput.on(({ n, byte }) => {
      if (n >= this.end) this.output.push(n, byte);
    });
  }

  /** The instant the machine stands at. */
  get at(): number {
    return this.machine.steps;
  }

  /** Runs at most `steps` steps. `untilEvent` stops after an exception, a return or a PSCI call, `stopAt` in front of its VAs. */
  forward(steps: number, { untilEvent = false, stopAt }: Stops = {}): ForwardStop {
    const { machine } = this;
    const goal = this.at + steps;
    const breakpoints = stopAt ? new Set([...this.breakpoints, ...stopAt]) : this.breakpoints;
    while (this.at < goal) {
      const known = this.at < this.end;
      const nextInput = this.inputs.nextAfter(this.at)?.n ?? Infinity;
      const due = (this.keyframes.before(this.at) ?? 0) + KEYFRAME_INTERVAL;
      // Recorded input may lie ahead of the end too, when a recording is repeated.
      const until = Math.min(goal, nextInput, known ? this.end : Math.max(due, this.at + 1));
      const runLimit: RunLimit = { steps: until - this.at, untilEvent, breakpoints, watched: nothingWatched };
      const stop = machine.run(runLimit);
      if (this.at > this.end) this.end = this.at;
      this.deliverInput();
      if (!known && this.at >= due) this.keyframes.capture(this.at);
      if (stop !== 'budget') return stop;
    }
    return 'budget';
  }

  /** Goes to `at`, or as near before it as a keyframe is; `forward` does the rest. Returns the goal, which is never beyond the end. */
  beginSeek(at: number): number {
    const goal = Math.min(at, this.end);
    const keyframe = this.keyframes.before(goal) ?? 0;
    if (goal < this.at || keyframe > this.at) {
      this.keyframes.restore(goal);
      this.deliverInput();
    }
    return goal;
  }

  /** Goes to an instant in one go. */
  seek(at: number): void {
    const goal = this.beginSeek(at);
    while (this.at < goal) {
      const before = this.at;
      this.forward(goal - this.at);
      if (this.at === before) break;
    }
  }

  /** Looks at the machine at another instant, then comes back. What `look` does to the machine is undone. */
  excursion<T>(at: number, look: () => T): T {
    const home = this.at;
    this.seek(at);
    try {
      return look();
    } finally {
      this.returnTo(home);
    }
  }
  private returnTo(at: number): void {
    this.keyframes.restore(at);
    this.deliverInput();
    this.seek(at);
  }

  /** One step in which the machine tells the sub-steps of what happens. */
  tracedStep(): CpuEvent[] {
    const { machine } = this;
    const events: CpuEvent[] = [];
    const stop = machine.onEvent.on((event) => events.push(event));
    machine.environment.wantsSteps = true;
    try {
      this.forward(1);
    } finally {
      machine.environment.wantsSteps = false;
      stop();
    }
    return events;
  }

  /** Bytes for the UART, now. Only at the end: what was recorded does not change. */
  input(bytes: Uint8Array): void {
    if (this.at !== this.end) throw new InputError('input is only possible at the end of the recording', {}, 'press Live to go there');
    this.inputs.push({ n: this.at, bytes: bytes.slice() });
    this.deliverInput();
  }

  /** The instant just after the first event from here on that is already recorded. */
  nextKnownEvent(isMeant: EventFilter = anyEvent): number | undefined {
    for (let index = this.traps.firstAt(this.at); index < this.traps.length; index++)
      if (isMeant(this.traps, index)) return this.traps.step(index) + 1;
    return undefined;
  }
  /** The instant just after the last event before the one (if any) that led here. */
  previousEvent(isMeant: EventFilter = anyEvent): number | undefined {
    for (let index = this.traps.firstAt(this.at - 1) - 1; index >= 0; index--)
      if (isMeant(this.traps, index)) return this.traps.step(index) + 1;
    return undefined;
  }

  setBreakpoint(address: bigint, set: boolean): void {
    if (set) this.breakpoints.add(address);
    else this.breakpoints.delete(address);
  }
  hasBreakpoint(address: bigint): boolean {
    return this.breakpoints.has(address);
  }
  get breakpointAddresses(): readonly bigint[] {
    return [...this.breakpoints];
  }

  /** The event that the step just before this instant did. */
  lastStepEvent(): CpuEvent | undefined {
    return this.lastEvent?.n === this.at - 1 ? this.lastEvent : undefined;
  }

  private record(event: CpuEvent): void {
    this.lastEvent = event;
    if (event.n >= this.end) this.traps.push(event);
  }

  /** Gives the machine the input of this instant that it has not had yet. */
  deliverInput(): void {
    const { machine } = this;
    for (let event = this.inputs.get(machine.inputsTaken); event && event.n === this.at; event = this.inputs.get(machine.inputsTaken))
      machine.input(event.bytes);
  }
}
