/**
 * The run of one machine, from instant 0 to the latest instant reached, and the machine's place in it. Forward over new ground it records;
 * forward over known ground it repeats what was recorded, input included; backwards it goes by keyframes.
 */
import type { PA, VA } from '../base/addresses.ts';
import { InputError } from '../base/errors.ts';
import type { CpuEvent } from '../cpu/events.ts';
import type { ExceptionLevel } from '../cpu/state.ts';
import { errno, failed, noFiles, type HostAnswer, type HostCall, type HostFiles } from '../machine/host-files.ts';
import type { Machine, RunStop } from '../machine/machine.ts';
import { nothingWatched, type Watched } from '../machine/watches.ts';
import { Breakpoints } from './breakpoints.ts';
import { defaultBudget, keepWithin, shares } from './budget.ts';
import { LoopFinder, type ExceptionLoop } from './exception-loop.ts';
import { GuestLog } from './guest-log.ts';
import { InputLog, mostInputs, type ChangeByHand, type InputEvent } from './input-log.ts';
import { Journey, type LookOptions } from './journey.ts';
import { Keyframes } from './keyframes.ts';
import { OutputLog } from './output-log.ts';
import { TrapLog } from './trap-log.ts';

/**
 * Milliseconds of running between keyframes, which is what a step back repeats at most. Time and not steps: a program that traps all the
 * while runs a hundred times slower than one that computes. What keyframes hold never changes a run, so their instants may differ.
 */
const KEYFRAME_MS = 10;
/** Where keyframes are costly, because many pages change, running takes at least this many times as long as keeping them. */
const KEYFRAME_SHARE = 10;
/** An excursion from further than this behind a keyframe makes one, and so does a step back. */
const EXCURSION_MS = 2;
/** Steps between looks at the clock of the host: so many that about two milliseconds pass. */
const [LEAST_SLICE, MOST_SLICE] = [2_000, 1_000_000];

export interface ForwardOptions {
  /** Stop after an exception, a return or a PSCI call. */
  readonly untilEvent?: boolean;
  /** Stop in front of these VAs. */
  readonly stopAt?: ReadonlySet<VA>;
  /** Stop where one of the `breakpoints` is fulfilled. */
  readonly untilBreakpoint?: boolean;
  /** Stop where it is certain that the machine does nothing any more but take the same exceptions again and again. */
  readonly untilLoop?: boolean;
  /** What `machine.watches` reports meanwhile; `untilBreakpoint` watches for the breakpoints instead. */
  readonly watched?: Watched;
}
const nowhere: ReadonlySet<VA> = new Set();

/** Why `forward` came back: as the machine, or `loop` for what `untilLoop` asks. */
export type TimelineStop = RunStop | 'loop';

/** Which events are looked for. */
type EventFilter = (traps: TrapLog, index: number) => boolean;
const anyEvent: EventFilter = () => true;
export const changesLevel: EventFilter = (traps, index) => traps.levelBefore(index) !== traps.levelAfter(index);

export class Timeline {
  // Other logs take their place with each change by hand: who still looks at the old ones finds them as they were, and what was kept for
  // the old log of traps is known to be about another run.
  traps = new TrapLog();
  guests = new GuestLog();
  output = new OutputLog();
  inputs = new InputLog();
  readonly keyframes: Keyframes;
  readonly startLevel: ExceptionLevel;
  readonly breakpoints: Breakpoints;
  /** The earliest instant that can be gone to: 0, but for a machine that was put into a stored state. */
  readonly first: number;
  /** The run begins at power-on: what it has not done has not been. False where it begins in a state that was stored, or elsewhere. */
  readonly isFromPowerOn: boolean;
  /** The latest instant reached. */
  end: number;
  /** Milliseconds that it took to come there. */
  ran = 0;
  /** The machine stopped at `end`: nothing follows. */
  isOver = false;
  /** The files of the host that a semihosting call may use. */
  hostFiles: HostFiles = noFiles;
  /** Is told what the host answered for the first time. */
  onAnswer: (event: InputEvent) => void = () => undefined;
  private lastEvent: CpuEvent | undefined;
  private readonly loops: LoopFinder;
  /** Steps that take about two milliseconds here, by the last few: few where a device is polled, many where a program computes. */
  slice = LEAST_SLICE;
  /** Milliseconds of running since the keyframe at `paidFrom`. */
  private paid = 0;
  private paidFrom = 0;
  /** What a keyframe costs, over the last few. */
  private captureMs = 0;
  private bytesBudget = defaultBudget;

  constructor(readonly machine: Machine) {
    this.startLevel = machine.cpu.el;
    this.keyframes = new Keyframes(machine, defaultBudget * shares.keyframes);
    this.first = this.end = machine.steps;
    this.isFromPowerOn = this.first === 0 && machine.ns === 0;
    this.traps.keptFrom = this.first;
    this.traps.hasSeveralCpus = machine.turns.areSeveral;
    this.keyframes.capture(this.first);
    this.loops = new LoopFinder(machine, this.keyframes);
    this.breakpoints = new Breakpoints(machine);
    machine.askHost = (call) => this.answer(call);
    machine.onEvent.on((event) => this.record(event));
    machine.onOutput.on(({ n, byte }) => {
      if (n >= this.end) this.output.push(n, byte);
    });
  }

  /** Bytes that the recording may take. */
  get budget(): number {
    return this.bytesBudget;
  }
  set budget(bytes: number) {
    this.bytesBudget = bytes;
    this.keyframes.budget = bytes * shares.keyframes;
  }
  /** Bytes that it takes. */
  get held(): number {
    return this.keyframes.bytes + this.traps.held + this.output.held + this.guests.held;
  }
  private keepWithinBudget(): void {
    const { budget, traps, output, guests } = this;
    // An exception loop goes on as it began: what is recorded of it says all.
    if (!this.loops.found) keepWithin(budget * shares.traps, traps);
    keepWithin(budget * shares.output, output);
    keepWithin(budget * shares.guests, guests);
  }

  /** The instant at which the machine is. */
  get at(): number {
    return this.machine.steps;
  }

  /** Runs at most `steps` steps. */
  forward(steps: number, options: ForwardOptions = {}): TimelineStop {
    const { untilEvent = false, untilBreakpoint = false, stopAt: breakpoints = nowhere, watched = nothingWatched } = options;
    const { machine, loops } = this;
    const goal = this.at + steps;
    const isInLoop = (): boolean => options.untilLoop === true && loops.found !== undefined && this.at >= loops.found.knownAt;
    while (this.at < goal) {
      if (isInLoop()) return 'loop';
      const known = this.at < this.end;
      const nextInput = this.nextInput();
      // Recorded input may lie ahead of the end too, when a recording is repeated.
      const until = Math.min(goal, nextInput, known ? this.end : Infinity, this.at + this.slice, known ? Infinity : loops.nextLook);
      const limit = { steps: until - this.at, untilEvent, breakpoints };
      const from = this.at;
      if (!known) loops.resume();
      const started = performance.now();
      const stop = untilBreakpoint ? this.breakpoints.run(limit) : machine.run({ ...limit, watched });
      if (this.at > this.end) this.end = this.at;
      if (stop === 'end' && this.at === this.end) this.isOver = true;
      const taken = machine.inputsTaken;
      const isMet = this.breakpoints.isMet(untilBreakpoint, () => this.deliverInput());
      const ms = performance.now() - started;
      if (!loops.isTrying) this.keepKeyframes(this.at - from, ms);
      const isPaused = stop === 'event' && loops.isSuspicious;
      if (!known) {
        this.ran += ms;
        loops.look(this.traps);
        this.keepWithinBudget();
      }
      if (isMet) return 'breakpoint';
      if (isInLoop()) return 'loop';
      if (isPaused && !untilEvent) {
        if (breakpoints.has(machine.cpu.pc)) return 'breakpoint';
        continue;
      }
      // What came in may end the wait.
      if (stop === 'idle' && machine.inputsTaken > taken) continue;
      if (stop !== 'budget') return stop;
    }
    return 'budget';
  }

  /** The instant up to which nothing comes in: of an answer of the host the one after the step that asks for it. */
  private nextInput(): number {
    const event = this.inputs.get(this.machine.inputsTaken);
    if (!event) return Infinity;
    return event.kind === 'host' ? event.n + 1 : event.n;
  }

  /** What the host answers to the step under way: as it is recorded, or for the first time, which is recorded. */
  private answer(call: HostCall): HostAnswer {
    const { machine, inputs } = this;
    const known = inputs.get(machine.inputsTaken);
    if (known?.kind === 'host' && known.n === machine.step) {
      machine.inputsTaken++;
      return known;
    }
    const event = { kind: 'host', n: machine.step, ...this.hostFiles(call) } as const;
    if (inputs.all().length === mostInputs) return failed(errno.EIO);
    inputs.insert(machine.inputsTaken++, event);
    this.onAnswer(event);
    return event;
  }

  /** After running `steps` in `ms`: a keyframe, if repeating what came since the last one would take long. On known ground too, where they were thinned. */
  private keepKeyframes(steps: number, ms: number): void {
    if (ms > 3) this.slice = Math.max(LEAST_SLICE, Math.min(this.slice >> 1, Math.floor((2 * steps) / ms)));
    else if (ms < 1 && steps >= this.slice) this.slice = Math.min(MOST_SLICE, this.slice * 2);
    const last = this.keyframes.before(this.at)!;
    if (last !== this.paidFrom) [this.paidFrom, this.paid] = [last, 0];
    this.paid += ms;
    if (this.paid < Math.max(KEYFRAME_MS, KEYFRAME_SHARE * this.captureMs)) return;
    const started = performance.now();
    this.keyframes.capture(this.at);
    this.captureMs += (performance.now() - started - this.captureMs) / 4;
  }

  /** Goes to `at`, or as near before it as a keyframe is; `forward` does the rest. Returns the goal, which is never beyond the end. */
  beginSeek(at: number): number {
    const goal = Math.min(at, this.end);
    const keyframe = this.keyframes.before(goal) ?? 0;
    if (goal < this.at || keyframe > this.at) this.restore(goal);
    return goal;
  }

  /** Goes to an instant in one go. */
  seek(at: number): void {
    this.forwardTo(this.beginSeek(at));
  }
  /** Runs up to an instant, past whatever `forward` stops at. False: nothing moves on the way, as in WFI or where the machine is off. */
  forwardTo(at: number, options: ForwardOptions = {}): boolean {
    while (this.at < at) {
      const before = this.at;
      this.forward(at - before, options);
      if (this.at === before) return false;
    }
    return true;
  }

  /** Goes nearly to an instant in the past, and keeps a keyframe there if that was far: a step back is usually followed by another. */
  approach(at: number): void {
    const near = at - (this.slice >> 2);
    if ((this.keyframes.before(at) ?? 0) >= near) return;
    this.seek(near);
    if (this.paid > EXCURSION_MS) this.keyframes.capture(near);
  }

  /**
   * Looks at the machine at another instant, then comes back. What `look` does to the machine is undone. Those that look together share one
   * journey.
   */
  excursion<T>(at: number, look: () => T, how: LookOptions): T {
    if (at < this.first)
      throw new InputError(
        `what was before instant ${this.first} is not known yet`,
        {},
        'it is there once the recording has been replayed',
      );
    if (this.journey.isUnderWay) return this.journey.ask(Math.min(at, this.end), look, how);
    const home = this.beginJourney();
    this.seek(at);
    try {
      return look();
    } finally {
      this.returnTo(home);
    }
  }
  /** Computes several things of this instant that may make excursions: all of them go there and back in one journey. */
  together<T>(computations: readonly (() => T)[], failed: (error: unknown) => T): T[] {
    return this.journey.run(computations, failed);
  }
  private readonly journey = new Journey((stops) => {
    const home = this.beginJourney();
    try {
      for (const { at, arrive } of stops) {
        this.seek(at);
        arrive();
      }
    } finally {
      this.returnTo(home);
    }
  });
  private beginJourney(): number {
    const home = this.at;
    // The way back is the whole way from a keyframe: one here makes it nothing, and the next excursion from here too.
    if (this.paid > EXCURSION_MS) this.keyframes.capture(home);
    return home;
  }
  /** To an instant from anywhere, whatever was done to the machine there. */
  returnTo(at: number, watched = nothingWatched): void {
    this.restore(at, watched);
    this.seek(at);
  }
  /** `watched`: what hears of the input that comes at the keyframe itself. */
  private restore(at: number, watched = nothingWatched): void {
    this.paidFrom = this.keyframes.restore(at);
    this.paid = 0;
    this.machine.watches.set(watched);
    this.deliverInput();
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

  /** Something is recorded after this instant, even if only input that waits to be replayed. */
  get hasFuture(): boolean {
    return this.at < this.end || this.inputs.get(this.machine.inputsTaken) !== undefined;
  }

  /** Input of an earlier run of the same program, to come at the instants at which it came then. */
  repeat(inputs: readonly InputEvent[]): void {
    for (const event of inputs) this.inputs.push(event);
    this.deliverInput();
  }

  /**
   * Takes over another run of the same program up to instant `at`: all that is known of it, and a state from which this machine, which has not
   * run, comes there. The input of that instant is part of it.
   */
  adopt(other: Timeline, at: number): void {
    const inputs = other.inputs.all();
    this.traps = other.traps.before(at);
    this.guests = other.guests.before(at);
    this.output = other.output.before(at);
    this.inputs = new InputLog(inputs.filter(({ n }) => n <= at));
    this.keyframes.adopt(other.keyframes, at);
    this.end = at;
    this.isOver = other.isOver && at === other.end;
    this.restore(at);
  }

  /** Bytes for the UART, now. Only at the end: what was recorded does not change. */
  input(bytes: Uint8Array): void {
    if (this.hasFuture) throw new InputError('input is only possible at the end of the recording', {}, 'press Live to go there');
    this.inputs.push({ kind: 'bytes', n: this.at, bytes: bytes.slice() });
    this.deliverInput();
  }

  /**
   * A person changes a register, now: `register` is one that `changeableRegister` knows. From here on it is another run, so what was
   * recorded after this instant is forgotten. Throws InputError where the machine has stopped.
   */
  change(register: string, value: bigint): void {
    this.byHand({ kind: 'change', n: this.at, register, value });
  }
  /** A debugger writes to memory, now, in the same way; the bytes must lie in RAM or in one bank of flash. */
  write(pa: PA, bytes: Uint8Array): void {
    this.byHand({ kind: 'memory', n: this.at, pa, bytes: bytes.slice() });
  }
  private byHand(event: ChangeByHand): void {
    const stopped = this.machine.stopSentence();
    if (stopped !== undefined) throw new InputError(`nothing can be changed here: ${stopped}`, {}, 'go back to an instant before that');
    this.forgetFuture();
    this.inputs.push(event);
    this.deliverInput();
  }
  /** What is recorded after this instant is as if it had never been. */
  forgetFuture(): void {
    const { at } = this;
    this.traps = this.traps.before(at);
    this.guests = this.guests.before(at);
    this.output = this.output.before(at);
    this.inputs = this.inputs.firstOnes(this.machine.inputsTaken);
    this.keyframes.forgetAfter(at);
    this.end = at;
    this.isOver = false;
    this.loops.forget();
    this.breakpoints.forgetAfter(at);
  }

  /** The exception loop that the machine is in at an instant; undefined where that is not certain, or not so. */
  loopAt(at: number): ExceptionLoop | undefined {
    const { found } = this.loops;
    return found && at > this.traps.step(found.first) ? found : undefined;
  }

  /** The instant just after the first event from here on that is already recorded; undefined where none is, or it is forgotten. */
  nextKnownEvent(isMeant: EventFilter = anyEvent): number | undefined {
    if (this.at < this.traps.keptFrom) return undefined;
    for (let index = this.traps.firstAt(this.at); index < this.traps.length; index++)
      if (isMeant(this.traps, index)) return this.traps.step(index) + 1;
    return undefined;
  }
  /** The instant just after the last event before the one (if any) that led here; undefined where there is none, or it is forgotten. */
  previousEvent(isMeant: EventFilter = anyEvent): number | undefined {
    for (let index = this.traps.firstAt(this.at - 1) - 1; index >= this.traps.first; index--)
      if (isMeant(this.traps, index)) return this.traps.step(index) + 1;
    return undefined;
  }

  /** The event that the step just before this instant did. */
  lastStepEvent(): CpuEvent | undefined {
    return this.lastEvent?.n === this.at - 1 ? this.lastEvent : undefined;
  }

  private record(event: CpuEvent): void {
    this.lastEvent = event;
    if (event.n < this.end || this.isLoopRecorded) return;
    this.traps.push(event);
    this.guests.record(event, this.machine.cpu);
    if (this.loops.note(event, this.traps.length - 1)) this.machine.pause();
  }

  /** An exception loop whose rounds have filled what may be recorded of them. */
  private get isLoopRecorded(): boolean {
    return this.loops.found !== undefined && this.traps.held > this.budget * shares.traps;
  }

  /** Gives the machine the input of this instant that it has not had yet. */
  deliverInput(): void {
    const { machine } = this;
    for (let event = this.inputs.get(machine.inputsTaken); event && event.n <= this.at; event = this.inputs.get(machine.inputsTaken))
      if (event.kind === 'host') {
        // It comes with its step. One that no step asked for is left out.
        if (event.n === this.at) return;
        machine.inputsTaken++;
      } else if (event.n < this.at) return;
      else if (event.kind === 'bytes') machine.input(event.bytes);
      else if (event.kind === 'change') machine.change(event.register, event.value);
      else machine.writeByHand(event.pa, event.bytes);
  }
}
