/** One open program and what is being done with it: running, paused, going to an instant. Views look at it; commands change it. */
import { InputError } from '../base/errors.ts';
import { hex } from '../base/hex.ts';
import type { CommandName, CommandParams, CommandResult, MachineOptions } from './contract.ts';
import { SessionBreakpoints } from './breakpoints.ts';
import { openProgram, replay, type Program } from './program.ts';
import { Comparison, otherRun, runOther } from './comparison.ts';
import { exportTraps } from './trap-export.ts';
import { Rate } from './rate.ts';
import { isRecording } from '../time/chunks.ts';
import { cutOff, readRecording, writeRecordingSlowly } from '../time/recording-file.ts';
import { runTo, runToEvent, runToLevelChange, step, stepOver, type Goal } from '../time/goals.ts';
import { previousStop, type Search } from '../time/search.ts';
import { stepOut } from '../time/step-out.ts';
import { changesLevel, type ForwardStop, type Timeline } from '../time/timeline.ts';
import { registerValue } from '../machine/changeable.ts';
import { noHost, type SessionHost } from './host.ts';
import { registerChange } from './register-change.ts';
import { findSymbols, functionAt } from './symbols.ts';
import { sourceFile } from './sources.ts';
import type { RunState } from './views.ts';
import { lastWriter, writeHistory } from './writers.ts';
import { yieldToMessages } from './yield.ts';

/** `fraction` null: nobody knows how much is left. */
export type Progress = (fraction: number | null, text: string) => void;
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
  /** Where the program lies, for its sources. */
  readonly path?: string | undefined;
}

/** Bytes of a program that takes a while to open. */
const LARGE_BYTES = 16 << 20;
/** Milliseconds the machine runs before messages are looked at: half a display frame. */
const SLICE_MS = 8;
/** Milliseconds a search goes on before messages are looked at. */
const SEARCH_MS = 30;

export class Session {
  program: Program | undefined;
  /** Why it does not run, as a sentence. */
  reason: string | undefined;
  /** Steps a second; null: as fast as it goes. */
  speed: number | null = null;
  stepsPerSecond = 0;
  /** Counts how often the output was cut back. */
  outputEpoch = 0;
  /** Another run beside the open one. */
  comparison: Comparison | undefined;
  /** What takes long and changes nothing in the open run. */
  private job: object | undefined;
  /** Programs opened so far. */
  programs = 0;
  /** Path of the open program, where the shell knows it. */
  path: string | undefined;
  /** Counts what changes views of past instants: another program, a breakpoint. */
  edits = 0;
  readonly breakpoints = new SessionBreakpoints();
  private running = false;
  private seeking = false;
  private closed = false;
  /** Counts how often a person wanted things to stop. */
  private pauses = 0;
  /** Counts what moves the machine: a movement that another has taken over from ends. */
  private movement = 0;
  /** The instant at which the machine stood before it moved last; undefined where it has not moved. */
  previousStop: number | undefined;
  /** A question about the past that is being answered: the machine stands elsewhere. */
  private question: Search<unknown> | undefined;

  constructor(
    /** Something that views show has changed. */
    private readonly changed: () => void,
    /** A chance to send a frame while the machine runs. */
    private readonly poll: () => void,
    readonly host: SessionHost = noHost,
  ) {}

  get isRunning(): boolean {
    return this.running;
  }

  /** The machine stands at another instant than is shown. */
  get isAway(): boolean {
    return this.question !== undefined;
  }
  /** Gives up the question that is being answered: the machine is back at the instant that is shown. */
  comeHome(): void {
    this.question?.return(undefined);
    this.question = undefined;
  }

  /** It runs so fast that no single step can be seen. */
  get runsFast(): boolean {
    return this.running && (this.speed === null || this.speed > 60);
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

  /** For a view that has more to tell as soon as it gets more time: it is asked again with the next frame. */
  again(): void {
    this.changed();
  }

  /** The open program; without one, an error that says what to do. */
  needProgram(): Program {
    if (!this.program) throw new InputError('no program is open', {}, 'open an AArch64 ELF first');
    return this.program;
  }

  /** Puts a program in the place of the one that is there. The breakpoints stay where it is the same one, perhaps built anew. */
  private take(program: Program, path: string | undefined): void {
    this.pause();
    if (program.name !== this.program?.name) this.breakpoints.clear();
    this.breakpoints.attach(program);
    this.program = program;
    this.programs++;
    this.previousStop = undefined;
    this.path = path;
    this.speed = null;
    this.outputEpoch++;
    this.edits++;
    this.changed();
  }

  /** Opens a program and starts it, or a recording, which is repeated to its end. */
  async openFile(
    name: string,
    bytes: Uint8Array,
    { options, speed = null, progress = () => undefined, path }: OpenOptions = {},
  ): Promise<void> {
    if (isRecording(bytes)) return this.openRecording(name, bytes, progress);
    if (bytes.length > LARGE_BYTES) {
      // What comes now is one piece of work: the last chance to give it up.
      const { pauses } = this;
      progress(null, `Opening ${name}`);
      await yieldToMessages();
      if (this.pauses !== pauses) throw new InputError('the opening was given up');
    }
    this.take(openProgram(name, bytes, options), path);
    this.speed = speed;
    this.run();
  }

  /**
   * Opens the program anew that was built anew, with its breakpoints and its speed, and gives a sentence about it. Throws InputError for a
   * file that is not whole, and the program that is there goes on.
   */
  reload(name: string, bytes: Uint8Array, options?: MachineOptions): string {
    const program = openProgram(name, bytes, options);
    const { problem } = program.symbols;
    if (problem !== undefined) throw new InputError(problem);
    const { symbols } = this.needProgram();
    // Those in a function that both builds have move along with it.
    this.breakpoints.move((va) => {
      const named = symbols.at(va);
      const moved = named && program.symbols.find(named.symbol.name);
      return moved === undefined ? va : moved + named!.offset;
    });
    const { speed } = this;
    this.take(program, this.path);
    this.speed = speed;
    this.run();
    const kept = this.breakpoints.count;
    return `${name} was built anew and runs from its start${kept > 0 ? `, with ${kept === 1 ? 'its breakpoint' : `its ${kept} breakpoints`}` : ''}`;
  }

  /** To instant 0; what was recorded is forgotten. */
  private reset(): void {
    const { name, bytes, options } = this.needProgram();
    const program = openProgram(name, bytes, options);
    const { speed } = this;
    this.take(program, this.path);
    this.speed = speed;
  }

  private async openRecording(name: string, bytes: Uint8Array, progress: Progress): Promise<void> {
    const recording = await readRecording(bytes, name);
    const program = replay(recording);
    this.take(program, undefined);
    const movement = this.begin();
    const { timeline, machine } = program;
    const { reached: end, end: recorded } = recording;
    this.seeking = true;
    try {
      while (this.movement === movement && timeline.at < end) {
        const before = timeline.at;
        timeline.forward(Math.min(10 * timeline.slice, end - timeline.at));
        if (timeline.at === before) break;
        progress(timeline.at / end, `Repeating the recording: ${timeline.at} of ${end} steps`);
        this.changed();
        await yieldToMessages();
      }
    } finally {
      if (this.movement === movement) this.seeking = false;
      this.changed();
    }
    // Somebody went on from here, or opened something else.
    if (this.program !== program || this.running || this.seeking) return;
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

  /** The run up to its end as the bytes of a recording, written while the machine goes on. */
  private recording(progress: Progress): Promise<{ name: string; bytes: Uint8Array<ArrayBuffer> }> {
    const { name, bytes, options, timeline, files } = this.needProgram();
    const wasRunning = this.running;
    this.pause();
    return this.beside(async (isWanted) => {
      let told = performance.now();
      const goesOn = async (done: number): Promise<boolean> => {
        if (performance.now() - told < SLICE_MS) return true;
        progress(done, `Saving the recording: ${Math.floor(100 * done)} %`);
        await yieldToMessages();
        told = performance.now();
        return isWanted();
      };
      const { at } = timeline;
      const file = timeline.excursion(timeline.end, () => writeRecordingSlowly(name, bytes, options, timeline, files, at, goesOn));
      if (wasRunning) this.run();
      const written = await file;
      return written && { name: `${name.replace(/\.[^.]*$/, '')}.elrec`, bytes: written };
    });
  }

  run(): void {
    const { machine, timeline } = this.needProgram();
    if (this.running || (machine.stop && timeline.at === timeline.end)) return;
    const movement = this.begin();
    this.running = true;
    void this.loop(movement);
  }
  /** Ends whatever moves the machine. */
  pause(reason?: string): void {
    this.comeHome();
    this.movement++;
    this.running = false;
    this.seeking = false;
    this.reason = reason;
    this.changed();
  }
  /** A movement begins, in place of the one that was under way. */
  private begin(): number {
    this.pause();
    this.previousStop = this.program?.timeline.at;
    return this.movement;
  }
  close(): void {
    this.closed = true;
    this.pause();
  }

  /** Runs in slices until something stops it, looking at messages in between. */
  private async loop(movement: number): Promise<void> {
    const { timeline } = this.needProgram();
    const goesOn = (): boolean => this.movement === movement;
    let debt = 0;
    let last = performance.now();
    const rate = new Rate(last, timeline.at);
    while (goesOn()) {
      const now = performance.now();
      // At a limited speed, steps are owed by the time that passed; a long pause of the host is not made up for.
      if (this.speed !== null) debt = Math.min(debt + (Math.min(now - last, 250) * this.speed) / 1000, this.speed / 4 + 1);
      last = now;
      let stepped = false;
      while (goesOn() && performance.now() - now < SLICE_MS) {
        const budget = this.speed === null ? timeline.slice : Math.min(timeline.slice, Math.floor(debt));
        if (budget === 0) break;
        const before = timeline.at;
        const stop = timeline.forward(budget, { untilBreakpoint: true });
        debt -= timeline.at - before;
        stepped ||= timeline.at !== before;
        if (stop === 'budget') continue;
        if (stop === 'idle') break;
        this.pause(this.whyStopped(stop));
      }
      const measured = rate.measure(performance.now(), timeline.at);
      if (measured !== undefined) this.stepsPerSecond = measured;
      if (stepped || measured !== undefined) this.changed();
      this.poll();
      if (stepped && this.speed === null) await yieldToMessages();
      else await new Promise<void>((resolve) => setTimeout(resolve, 8));
    }
    if (!this.running) this.stepsPerSecond = 0;
    this.changed();
  }

  /** Goes to an instant, in slices, telling how far it is; runs on where the recording is shorter. */
  private async seek(at: number, progress: Progress, { again = false } = {}): Promise<{ at: number }> {
    const { timeline } = this.needProgram();
    const movement = this.begin();
    this.seeking = true;
    const before = timeline.at;
    if (again) timeline.approach(at);
    timeline.beginSeek(at);
    const start = timeline.at;
    let told = performance.now();
    let reason: string | undefined;
    while (timeline.at < at) {
      const at0 = timeline.at;
      const stop = timeline.forward(Math.min(10 * timeline.slice, at - timeline.at));
      if (timeline.at === at0) {
        reason = this.whyStopped(stop);
        break;
      }
      if (performance.now() - told > 100) {
        told = performance.now();
        progress((timeline.at - start) / (at - start), `Going to instant ${at}: at ${timeline.at}`);
        await yieldToMessages();
        if (this.movement !== movement) break;
      }
    }
    if (timeline.at < before) this.outputEpoch++;
    if (this.movement === movement) this.pause(reason);
    this.changed();
    return { at: timeline.at };
  }

  /** Answers a question about the past, unless something else is asked for meanwhile. Nothing is shown until the machine is back. */
  private async ask<T>(question: Search<T>, text: string, progress: Progress): Promise<T> {
    this.pause();
    this.question = question;
    try {
      for (;;) {
        const since = performance.now();
        let step = question.next();
        while (!step.done && performance.now() - since < SEARCH_MS) step = question.next();
        if (step.done) return step.value;
        progress(step.value, text);
        await yieldToMessages();
        if (this.question !== question) throw new InputError('the search was given up');
      }
    } finally {
      if (this.question === question) this.comeHome();
      this.changed();
    }
  }

  /** To the last instant before this one at which a breakpoint would have stopped the run. */
  private async runBack(progress: Progress): Promise<{ at: number }> {
    const program = this.needProgram();
    const { timeline } = program;
    const found = await this.ask(previousStop(timeline), 'Looking for the last stop at a breakpoint', progress);
    const before = found === undefined ? 0 : found - 1;
    const arrived = await this.seek(before, progress);
    if (arrived.at !== before) return arrived;
    // The step that ends at the stop tells why.
    if (found !== undefined) timeline.forward(1, { untilBreakpoint: true });
    this.pause(found === undefined ? 'the beginning: no breakpoint would have stopped the run before' : this.breakpoints.stopped(program));
    return { at: timeline.at };
  }

  /** Changes a register at the instant shown, from which on it is another run. */
  private setRegister({ at, replace, ...wanted }: CommandParams<'setRegister'>): CommandResult<'setRegister'> {
    const program = this.needProgram();
    const { timeline, machine } = program;
    if (this.running || this.seeking) throw new InputError('the machine is running', {}, 'pause it to change a register');
    if (at !== undefined && at !== timeline.at) throw new InputError(`the machine is at instant ${timeline.at} now, no longer at ${at}`);
    const { register, value } = registerChange(program, wanted);
    const answer = (changed: boolean, text: string): CommandResult<'setRegister'> => ({
      at: timeline.at,
      register,
      value: hex(registerValue(machine, register)),
      changed,
      text,
    });
    if (timeline.hasFuture && !replace) return answer(false, `What was recorded after instant ${timeline.at} is replaced.`);
    timeline.change(register, value);
    this.previousStop = undefined;
    this.reason = undefined;
    this.outputEpoch++;
    this.edits++;
    this.changed();
    const now = registerValue(machine, register);
    return answer(true, `${register} is ${hex(now)} now${now === value ? '' : '; its other bits cannot be written'}.`);
  }

  private whyStopped(stop: ForwardStop): string | undefined {
    const program = this.needProgram();
    if (stop === 'breakpoint') return this.breakpoints.stopped(program);
    return stop === 'idle' ? 'the processor waits for an interrupt (WFI) and only input can wake it' : program.machine.stopSentence();
  }

  /** Runs towards a goal until it is there, something stops it, or somebody pauses. */
  private async pursue(makeGoal: (timeline: Timeline) => Goal, text: string, progress: Progress): Promise<{ at: number }> {
    const { timeline } = this.needProgram();
    const goal = makeGoal(timeline);
    const movement = this.begin();
    this.running = true;
    const start = performance.now();
    let told = start;
    for (;;) {
      const { done, value: stop } = goal.next();
      if (done) {
        this.pause(stop === 'budget' ? undefined : this.whyStopped(stop));
        break;
      }
      const now = performance.now();
      if (now - told < 16) continue;
      told = now;
      if (now - start > 250) progress(null, text);
      this.changed();
      this.poll();
      await yieldToMessages();
      if (this.movement !== movement) break;
    }
    this.changed();
    return { at: timeline.at };
  }

  /** Does something that takes long beside the open run, until another such thing begins or it is cancelled. */
  private async beside<T>(work: (isWanted: () => boolean) => Promise<T | undefined>): Promise<T> {
    const job = (this.job = {});
    const result = await work(() => this.job === job && !this.closed);
    if (result === undefined) throw new InputError('cancelled');
    return result;
  }

  private nextTrap(back: boolean, level: boolean, progress: Progress): Promise<{ at: number }> {
    const { timeline } = this.needProgram();
    const meant = level ? changesLevel : undefined;
    if (back) return this.seek(timeline.previousEvent(meant) ?? 0, progress);
    const known = timeline.nextKnownEvent(meant);
    if (known !== undefined) return this.seek(known, progress);
    return level
      ? this.pursue(runToLevelChange, 'Running to the next change of level', progress)
      : this.pursue(runToEvent, 'Running to the next trap', progress);
  }

  readonly commands: CommandTable = {
    open: async ({ name, bytes, options }, progress) => {
      await this.openFile(name, bytes, { ...(options && { options }), progress });
      return { name: this.needProgram().name };
    },
    recording: (_params, progress) => this.recording(progress),
    run: () => this.run(),
    pause: () => {
      this.job = undefined;
      this.pauses++;
      this.pause();
    },
    step: ({ over }, progress) => this.pursue(over ? stepOver : step, 'Running to where the call returns', progress),
    stepOut: (_params, progress) => {
      const program = this.needProgram();
      return this.pursue((timeline) => stepOut(timeline, (pc) => functionAt(program, pc)), 'Running to the return', progress);
    },
    runTo: ({ address }, progress) => {
      const stops = new Set([BigInt(address)]);
      const place = this.needProgram().names.symbol(BigInt(address)) ?? address;
      return this.pursue((timeline) => runTo(timeline, stops), `Running to ${place}`, progress);
    },
    stepBack: (_params, progress) => {
      const { timeline } = this.needProgram();
      return this.seek(Math.max(0, timeline.at - 1), progress, { again: true });
    },
    nextTrap: ({ back, level }, progress) => this.nextTrap(back ?? false, level ?? false, progress),
    seek: ({ at }, progress) => this.seek(at, progress),
    seekOutput: ({ offset }, progress) => {
      const step = this.needProgram().timeline.output.stepOf(offset);
      if (step === undefined) throw new InputError(`the console has no byte ${offset}`);
      return this.seek(step, progress);
    },
    reset: () => this.reset(),
    exportTraps: ({ format, ...choice }, progress) =>
      this.beside((isWanted) => exportTraps(this.needProgram(), format, choice, progress, isWanted)),
    compare: async ({ name, bytes }, progress) => {
      const { timeline } = this.needProgram();
      const other = await this.beside((isWanted) => runOther(name, bytes, Math.max(timeline.end, 1_000_000), progress, isWanted));
      this.comparison = new Comparison(other);
      this.changed();
      return { name: other.name };
    },
    keepAndReset: () => {
      const program = this.needProgram();
      this.reset();
      this.comparison = new Comparison({ ...otherRun(program), name: `${program.name}, the run before` });
    },
    endComparison: () => {
      this.comparison = undefined;
      this.changed();
    },
    speed: ({ stepsPerSecond }) => {
      this.speed = stepsPerSecond;
      this.changed();
    },
    input: ({ bytes }) => {
      this.needProgram().timeline.input(bytes);
      this.changed();
    },
    setRegister: (params) => this.setRegister(params),
    addBreakpoint: ({ spec }) => {
      const id = this.breakpoints.add(this.needProgram(), spec);
      this.edits++;
      this.changed();
      return { id };
    },
    changeBreakpoint: ({ id, enabled }) => {
      this.breakpoints.change(id, enabled);
      this.edits++;
      this.changed();
    },
    removeBreakpoint: ({ id }) => {
      this.breakpoints.remove(id);
      this.edits++;
      this.changed();
    },
    runBack: (_params, progress) => this.runBack(progress),
    lastWriter: async (written, progress) => {
      const { search, answer } = lastWriter(this.needProgram(), written);
      return answer(await this.ask(search, 'Looking for the last write', progress));
    },
    writeHistory: async ({ count, ...written }, progress) => {
      const { search, answer } = writeHistory(this.needProgram(), written, count);
      return answer(await this.ask(search, 'Looking for writes', progress));
    },
    scenarios: () => ({ scenarios: [...this.host.scenarios] }),
    openScenario: async ({ id }) => {
      const scenario = this.host.scenarios.find((one) => one.id === id);
      if (!scenario) throw new InputError(`there is no scenario ${id}`);
      const image = await this.host.scenarioImage(scenario.file).catch((error: unknown) => {
        throw new InputError(error instanceof Error ? error.message : String(error));
      });
      await this.openFile(scenario.file, image);
      return { name: scenario.file };
    },
    source: ({ file }) => sourceFile(this, file),
    symbols: (params) => findSymbols(this.needProgram(), params),
    stateHash: () => {
      const { machine, timeline } = this.needProgram();
      return { at: timeline.at, hash: machine.stateHash() };
    },
  };
}
