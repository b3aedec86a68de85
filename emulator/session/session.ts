/** One open program and what is being done with it: running, paused, going to an instant. Views look at it; commands change it. */
import { InputError } from '../base/errors.ts';
import type { CommandName, CommandParams, CommandResult, MachineOptions } from './contract.ts';
import { openProgram, replay, type Program } from './program.ts';
import { isRecording } from '../time/chunks.ts';
import { cutOff, readRecording, writeRecording } from '../time/recording-file.ts';
import type { RunState } from './views.ts';
import { yieldToMessages } from './yield.ts';

type Progress = (fraction: number, text: string) => void;
export type CommandTable = {
  readonly [C in CommandName]: (
    params: Required<CommandParams<C>> & CommandParams<C>,
    progress: Progress,
  ) => CommandResult<C> | Promise<CommandResult<C>> | void;
};

export interface OpenOptions {
  readonly options?: MachineOptions;
  /** Steps a second to begin with; null: as fast as it goes. */
  readonly speed?: number | null;
  readonly progress?: Progress;
}

/** Milliseconds the machine runs before messages are looked at: half a display frame. */
const SLICE_MS = 8;
/** Steps between looks at the clock of the host. */
const SLICE_STEPS = 200_000;

export class Session {
  program: Program | undefined;
  /** Why it does not run, as a sentence. */
  reason: string | undefined;
  /** Steps a second; null: as fast as it goes. */
  speed: number | null = null;
  stepsPerSecond = 0;
  /** Counts how often the output was cut back. */
  outputEpoch = 0;
  /** Counts what changes views of past instants: another program, a breakpoint. */
  edits = 0;
  private running = false;
  private seeking = false;
  private closed = false;

  constructor(
    /** Something that views show has changed. */
    private readonly changed: () => void,
    /** A chance to send a frame while the machine runs. */
    private readonly poll: () => void,
  ) {}

  get isRunning(): boolean {
    return this.running;
  }

  get state(): RunState {
    const { program } = this;
    if (!program) return 'empty';
    if (this.seeking) return 'seeking';
    const stop = program.timeline.at === program.timeline.end ? program.machine.stop : undefined;
    if (stop?.kind === 'off') return 'ended';
    if (stop) return 'stopped';
    if (this.running) return program.machine.isIdle ? 'waiting' : 'running';
    return 'paused';
  }

  /** The open program; without one, an error that says what to do. */
  needProgram(): Program {
    if (!this.program) throw new InputError('no program is open', {}, 'open an AArch64 ELF first');
    return this.program;
  }

  open(name: string, bytes: Uint8Array, options?: MachineOptions): void {
    this.program = openProgram(name, bytes, options);
    this.reason = undefined;
    this.running = false;
    this.speed = null;
    this.outputEpoch++;
    this.edits++;
    this.changed();
  }

  /** Opens a program and starts it, or a recording, which is repeated to its end. */
  async openFile(name: string, bytes: Uint8Array, { options, speed = null, progress = () => undefined }: OpenOptions = {}): Promise<void> {
    if (isRecording(bytes)) return this.openRecording(name, bytes, progress);
    this.open(name, bytes, options);
    this.speed = speed;
    this.run();
  }

  private async openRecording(name: string, bytes: Uint8Array, progress: Progress): Promise<void> {
    const recording = await readRecording(bytes, name);
    const program = replay(recording);
    this.pause();
    this.program = program;
    this.speed = null;
    this.outputEpoch++;
    this.edits++;
    const { timeline, machine } = program;
    const { reached: end, end: recorded, lost } = recording;
    this.seeking = true;
    try {
      while (this.seeking && timeline.at < end) {
        const before = timeline.at;
        timeline.forward(Math.min(SLICE_STEPS * 10, end - timeline.at));
        if (timeline.at === before) break;
        progress(timeline.at / end, `repeating the recording: ${timeline.at} of ${end}`);
        this.changed();
        await yieldToMessages();
      }
    } finally {
      this.seeking = false;
      this.changed();
    }
    if (timeline.at !== end) return this.pause(`repeating the recording stopped at ${timeline.at} of ${end}`);
    if (recorded && machine.stateHash() !== recorded.hash) {
      throw new InputError(
        `repeating it gave another state at ${end} than was recorded`,
        { file: name },
        'it was made by a different version of ELscope',
      );
    }
    if (recording.at !== undefined) timeline.seek(recording.at);
    this.pause(recorded ? 'the recording is repeated, to the state that was recorded' : cutOff(recording));
  }

  /** The run up to its end as the bytes of a recording. */
  private async recording(): Promise<{ name: string; bytes: Uint8Array<ArrayBuffer> }> {
    const { name, bytes, options, timeline, files } = this.needProgram();
    const wasRunning = this.running;
    this.pause();
    const { at } = timeline;
    const file = timeline.excursion(timeline.end, () => writeRecording(name, bytes, options, timeline, files, at));
    if (wasRunning) this.run();
    return { name: `${name.replace(/\.[^.]*$/, '')}.elrec`, bytes: await file };
  }

  run(): void {
    const { machine, timeline } = this.needProgram();
    if (this.running || (machine.stop && timeline.at === timeline.end)) return;
    this.running = true;
    this.reason = undefined;
    this.changed();
    void this.loop();
  }
  pause(reason?: string): void {
    this.running = false;
    this.reason = reason;
    this.changed();
  }
  close(): void {
    this.closed = true;
    this.running = false;
  }

  /** Runs in slices until something stops it, looking at messages in between. */
  private async loop(): Promise<void> {
    const program = this.needProgram();
    const { timeline, machine } = program;
    let debt = 0;
    let last = performance.now();
    const rate = { since: last, at: timeline.at };
    while (this.running && !this.closed && this.program === program) {
      const now = performance.now();
      // At a limited speed, steps are owed by the time that passed; a long pause of the host is not made up for.
      if (this.speed !== null) debt = Math.min(debt + (Math.min(now - last, 250) * this.speed) / 1000, this.speed / 4 + 1);
      last = now;
      let stepped = false;
      while (this.running && performance.now() - now < SLICE_MS) {
        const budget = this.speed === null ? SLICE_STEPS : Math.min(SLICE_STEPS, Math.floor(debt));
        if (budget === 0) break;
        const before = timeline.at;
        const stop = timeline.forward(budget);
        debt -= timeline.at - before;
        stepped ||= timeline.at !== before;
        if (stop === 'budget') continue;
        if (stop === 'idle') break;
        this.pause(stop === 'breakpoint' ? 'stopped at a breakpoint' : machine.stopSentence());
      }
      const elapsed = performance.now() - rate.since;
      if (elapsed >= 500) {
        this.stepsPerSecond = ((timeline.at - rate.at) * 1000) / elapsed;
        rate.since = performance.now();
        rate.at = timeline.at;
        this.changed();
      }
      if (stepped) this.changed();
      this.poll();
      if (stepped && this.speed === null) await yieldToMessages();
      else await new Promise<void>((resolve) => setTimeout(resolve, 8));
    }
    this.stepsPerSecond = 0;
    this.changed();
  }

  /** Goes to an instant, in slices, telling how far it is. */
  private async seek(at: number, progress: Progress): Promise<{ at: number }> {
    const { timeline } = this.needProgram();
    this.pause();
    this.seeking = true;
    try {
      const before = timeline.at;
      const goal = timeline.beginSeek(at);
      const start = timeline.at;
      let told = performance.now();
      while (timeline.at < goal) {
        const at0 = timeline.at;
        timeline.forward(Math.min(SLICE_STEPS * 10, goal - timeline.at));
        if (timeline.at === at0) break;
        if (performance.now() - told > 100) {
          told = performance.now();
          progress((timeline.at - start) / (goal - start), `at ${timeline.at}`);
          await yieldToMessages();
          if (!this.seeking) break;
        }
      }
      if (timeline.at < before) this.outputEpoch++;
      return { at: timeline.at };
    } finally {
      this.seeking = false;
      this.changed();
    }
  }

  private step(over: boolean): { at: number } {
    const { timeline } = this.needProgram();
    this.pause();
    const stop = over ? timeline.stepOver() : timeline.forward(1);
    this.changed();
    if (stop !== 'budget')
      this.reason =
        stop === 'idle'
          ? 'the processor waits for an interrupt (WFI) and only input can wake it'
          : this.needProgram().machine.stopSentence();
    return { at: timeline.at };
  }

  private async nextTrap(back: boolean, progress: Progress): Promise<{ at: number }> {
    const { timeline } = this.needProgram();
    const known = back ? timeline.previousEvent() : timeline.nextKnownEvent();
    if (known !== undefined) return this.seek(known, progress);
    if (back) return this.seek(0, progress);
    this.pause();
    // New ground: run until an exception or return happens, or somebody pauses.
    this.running = true;
    let told = performance.now();
    while (this.running) {
      const stop = timeline.forward(SLICE_STEPS, { untilEvent: true });
      if (stop !== 'budget') {
        if (stop !== 'event') this.reason = stop === 'idle' ? 'the processor waits for input' : this.needProgram().machine.stopSentence();
        break;
      }
      if (performance.now() - told > 16) {
        told = performance.now();
        this.changed();
        this.poll();
        await yieldToMessages();
      }
    }
    this.running = false;
    this.changed();
    return { at: timeline.at };
  }

  readonly commands: CommandTable = {
    open: async ({ name, bytes, options }, progress) => {
      await this.openFile(name, bytes, { ...(options && { options }), progress });
      return { name: this.needProgram().name };
    },
    recording: () => this.recording(),
    run: () => this.run(),
    pause: () => {
      this.seeking = false;
      this.pause();
    },
    step: ({ over }) => this.step(over ?? false),
    stepBack: (_params, progress) => {
      const { timeline } = this.needProgram();
      return this.seek(Math.max(0, timeline.at - 1), progress);
    },
    nextTrap: ({ back }, progress) => this.nextTrap(back ?? false, progress),
    seek: ({ at }, progress) => this.seek(at, progress),
    seekOutput: ({ offset }, progress) => {
      const step = this.needProgram().timeline.output.stepOf(offset);
      if (step === undefined) throw new InputError(`the console has no byte ${offset}`);
      return this.seek(step, progress);
    },
    reset: () => {
      const { name, bytes, options } = this.needProgram();
      this.open(name, bytes, options);
    },
    speed: ({ stepsPerSecond }) => {
      this.speed = stepsPerSecond;
      this.changed();
    },
    input: ({ bytes }) => {
      this.needProgram().timeline.input(bytes);
      this.changed();
    },
    breakpoint: ({ address, set }) => {
      this.needProgram().timeline.setBreakpoint(BigInt(address), set);
      this.edits++;
      this.changed();
    },
    stateHash: () => {
      const { machine, timeline } = this.needProgram();
      return { at: timeline.at, hash: machine.stateHash() };
    },
  };
}
