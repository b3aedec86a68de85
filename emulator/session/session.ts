/** One open program and what is being done with it. Views look at it; commands change it. */
import type { BoardFile } from '../machine/loader.ts';
import type { PA } from '../base/addresses.ts';
import { InputError } from '../base/errors.ts';
import { wideHex } from '../base/hex.ts';
import { registerValue } from '../machine/changeable.ts';
import { defaultBudget } from '../time/budget.ts';
import { isRecording } from '../time/chunks.ts';
import { readRecording, writeRecording, type Recording } from '../time/recording-file.ts';
import { keyframeBytes, KeyframeJournal } from '../time/stored-keyframe.ts';
import type { AddedSymbols } from '../debug/address-names.ts';
import type { SymbolSource } from '../debug/symbol-file.ts';
import { Attachment } from './attachment.ts';
import { SessionBreakpoints } from './breakpoints.ts';
import type { Before } from './before.ts';
import type { Comparison } from './comparison.ts';
import type { CommandName, CommandParams, CommandResult, MachineOptions } from './contract.ts';
import { SessionDoctor } from './doctor.ts';
import { Experiments } from './experiments.ts';
import type { FutureSide } from './experiment-views.ts';
import { GdbDoor } from './gdb-door.ts';
import { Guide } from './guide.ts';
import { noHost, type AttachPlace, type SessionHost } from './host.ts';
import type { JournalEntry, LostRun } from './journal.ts';
import { Movement, type Progress } from './movement.ts';
import { addRecordedSymbols, addSymbols, isSameUpTo, openProgram, replay, runStart, type Program } from './program.ts';
import { Replay } from './replay.ts';
import { symbolRows } from './symbols.ts';
import { notShown, shown, type Shown } from './publisher.ts';
import { registerChange } from './register-change.ts';
import type { ReadSource } from './source-line.ts';
import { rememberSources, sourceReader } from './sources.ts';
import type { RunState } from './views.ts';
import type { Live } from './view.ts';
import { yieldToMessages } from './yield.ts';

export interface OpenOptions {
  readonly options?: MachineOptions;
  /** Steps a second to begin with; null: as fast as it goes. */
  readonly speed?: number | null;
  readonly progress?: Progress;
  /** Where the program lies, for its sources. */
  readonly path?: string | undefined;
  readonly symbols?: readonly SymbolSource[] | undefined;
  /** What goes into the machine beside the program. */
  readonly files?: readonly BoardFile[] | undefined;
}

/** What is done also while a recording is being replayed: it looks at the instant shown, or opens something else. */
const meanwhile: ReadonlySet<CommandName> = new Set<CommandName>([
  ...(['pause', 'speed', 'open', 'openScenario', 'openKept', 'reset', 'scenarios', 'keptRun', 'discardKept'] as const),
  ...(['source', 'symbols', 'locate', 'identity', 'endComparison', 'letGdbConnect'] as const),
]);

/** Bytes of a program that takes a while to open. */
const LARGE_BYTES = 16 << 20;
/** Milliseconds after which a person is told that the recording is being saved. */
const SAVING_MS = 250;
/** Milliseconds of running after which the journal is told how far it came. */
const TOLD_MS = 250;

const notAttached = (): InputError => new InputError('the session is not attached to QEMU');

export class Session {
  private own: Program | undefined;
  /** Of a recording, until it has come to its end. */
  private replay: Replay | undefined;
  /** Programs opened so far. */
  programs = 0;
  /** Files with names beside the program's own. They stay when it is reset or rebuilt. */
  private symbolFiles: readonly AddedSymbols[] = [];
  /** Path of the open program, where the shell knows it. */
  path: string | undefined;
  /** Counts what changes views of past instants: another program, a breakpoint. */
  edits = 0;
  /** Another run beside the open one. */
  comparison: Comparison | undefined;
  /** The build before the one that is being run up to where that one was. */
  before: Before | undefined;
  readonly breakpoints = new SessionBreakpoints();
  readonly movement: Movement;
  readonly doctor: SessionDoctor;
  readonly guide = new Guide(this);
  readonly experiments = new Experiments(
    () => this.changed(),
    (list) => this.journal({ kind: 'experiments', list }),
    () => this.sourcesOf(),
  );
  readonly gdb: GdbDoor;
  /** To a machine elsewhere, which is shown in place of the open program. */
  attachment: Attachment | undefined;
  /** What takes long and changes nothing in the open run. */
  private job: object | undefined;
  /** Counts how often a person wanted things to stop. */
  private pauses = 0;
  private closed = false;
  /** What the journal was told last of how far the run came, and when. */
  private reached = 0;
  private toldAt = 0;
  private keyframes: KeyframeJournal | undefined;

  constructor(
    /** Something that views show has changed, or there is more to tell as soon as there is more time: they are asked with the next frame. */
    readonly changed: () => void,
    /** A chance to send a frame while the machine runs. */
    poll: () => void,
    readonly host: SessionHost = noHost,
    /** Bytes that a recording may take. */
    private readonly budget = defaultBudget,
    private readonly journal: (entry: JournalEntry) => void = () => undefined,
    /** Says something to the person that nobody asked for. */
    private readonly tell: (sentence: string) => void = () => undefined,
  ) {
    const told = (then: () => void) => (): void => {
      this.tellJournal();
      then();
    };
    this.movement = new Movement(
      () => this.own ?? this.needProgram(),
      this.breakpoints,
      told(changed),
      told(poll),
      () => void this.doctor.examine(),
    );
    this.doctor = new SessionDoctor(() => this.program, this.movement, changed);
    this.gdb = new GdbDoor(changed, () => this.program && (this.path ?? this.program.name));
  }

  /** The open program, as it is shown. */
  get program(): Program | undefined {
    return this.attachment?.program ?? this.replay?.shown ?? this.own;
  }

  get state(): RunState {
    const { program, movement } = this;
    if (!program) return 'empty';
    if (this.attachment) return this.attachment.isRunning ? 'running' : 'paused';
    if (movement.isSeeking) return 'seeking';
    const stop = program.timeline.at === program.timeline.end ? program.machine.stop : undefined;
    if (stop?.kind === 'off' || stop?.kind === 'exit') return 'ended';
    if (stop) return 'stopped';
    if (movement.isRunning) return program.machine.isIdle ? 'waiting' : 'running';
    return 'paused';
  }

  /** What views are told beside the program. */
  live(): Live {
    const { movement, breakpoints, changed } = this;
    const { isRunning, previousStop, outputEpoch } = movement;
    return {
      isRunning,
      previousStop,
      outputEpoch,
      breakpoints: breakpoints.byAddress(),
      isHeld: this.guide.isHeld,
      isElsewhere: this.attachment?.isRunning ?? false,
      again: changed,
    };
  }

  /** Computes views: whatever other instants they look at, the machine goes there and back once. */
  together(views: readonly (() => unknown)[]): readonly Shown[] {
    if (!this.program) return views.map(shown);
    return this.program.timeline.together(
      views.map((view) => (): Shown => ({ data: view() })),
      notShown,
    );
  }

  /** The open program; without one, an error that says what to do. */
  needProgram(): Program {
    if (!this.program) throw new InputError('no program is open', {}, 'open an AArch64 ELF first');
    return this.program;
  }

  /** False while a recording is being replayed of which only one instant is shown. */
  get isWhole(): boolean {
    return !this.replay?.shown;
  }
  /** Resolves when a recording of which one instant is shown has been replayed: what moves the machine or looks elsewhere waits for that. */
  async whole(): Promise<void> {
    if (this.replay?.shown && !(await this.replay.done)) throw new InputError('the recording was not replayed to its end');
  }

  /** What moves the machine may begin. Throws InputError where a question of the Guide waits for its answer. */
  async ready(command: CommandName): Promise<void> {
    this.guide.refuse(command);
    // A search leaves the machine elsewhere: it ends when something else is asked for.
    this.movement.comeHome();
    if (!meanwhile.has(command)) await this.whole();
  }

  /** Replaces the open program. The breakpoints stay if it is the same program, even if rebuilt. */
  private take(program: Program, path: string | undefined, again?: string): void {
    void this.attachment?.end();
    this.attachment = undefined;
    this.movement.pause();
    this.replay = undefined;
    if (!this.own || program.bytes !== this.own.bytes) this.experiments.forget();
    else this.experiments.close();
    if (program.name !== this.own?.name) {
      this.breakpoints.clear();
      this.symbolFiles = [];
    }
    program.names.recorded.added = this.symbolFiles;
    this.breakpoints.attach(program);
    program.timeline.budget = this.budget;
    // A program that begins again keeps the files that it may use.
    if (this.own && program.name === this.own.name) program.timeline.hostFiles = this.own.timeline.hostFiles;
    program.timeline.onAnswer = (event) => this.journal({ kind: 'input', event });
    this.own = program;
    this.keyframes = new KeyframeJournal(program.timeline, (entry) => {
      if (this.own === program) this.journal(entry);
    });
    this.before = undefined;
    this.programs++;
    this.path = path;
    this.movement.speed = null;
    this.movement.forget();
    this.doctor.forget();
    this.reached = 0;
    const symbols = this.symbolFiles.map(({ recorded }) => recorded);
    const experiments = this.experiments.stored;
    this.journal({
      kind: 'opened',
      ...runStart(program),
      experiments,
      symbols,
      options: program.options,
      ...(path !== undefined && { path }),
      ...(again !== undefined && { again }),
    });
    this.edited();
    if (path !== undefined) void rememberSources(program, this);
  }

  /** Shows a machine elsewhere in place of the open program, which stands meanwhile. Throws InputError. */
  async attach(place: AttachPlace, progress: Progress): Promise<string> {
    await this.detach();
    this.giveUp();
    this.breakpoints.clear();
    this.attachment = await Attachment.begin(this, place, progress);
    this.gdb.close();
    this.programs++;
    this.comparison = undefined;
    this.edited();
    return this.attachment.view.name;
  }
  /** The open program is shown again. */
  async detach(): Promise<void> {
    const { attachment } = this;
    if (!attachment) return;
    this.attachment = undefined;
    await attachment.end();
    this.programs++;
    if (this.own) this.breakpoints.attach(this.own);
    this.edited();
  }
  unlockTarget(on: boolean): void {
    if (!this.attachment) throw notAttached();
    this.attachment.isUnlocked = on;
    this.edited();
  }
  /** From here on the program runs in this machine; the one elsewhere stands where it is. */
  async takeOver(): Promise<void> {
    const { attachment } = this;
    if (!attachment) throw notAttached();
    const { name } = attachment.view;
    const program = await attachment.takeOver();
    this.attachment = undefined;
    this.take(program, undefined);
    this.movement.pause(`taken over from ${name}: from here on it runs in ELscope, forwards and backwards`);
  }

  /** Takes a program that has been run to an instant, where it stands still. No other future of it is known here. */
  show(program: Program): void {
    this.experiments.forget();
    this.take(program, undefined);
    this.comparison = undefined;
    this.tellJournal();
  }

  /** Says how far the run has come, now and then while it runs, and when it stands. */
  private tellJournal(): void {
    const { end } = this.own?.timeline ?? { end: 0 };
    const now = performance.now();
    if (end === this.reached || (this.movement.isRunning && now - this.toldAt < TOLD_MS)) return;
    this.reached = end;
    this.toldAt = now;
    this.journal({ kind: 'reached', n: end });
    this.keyframes?.follow(this.state !== 'running' && this.state !== 'seeking');
  }

  /** Opens a run that was lost, at its beginning: its input comes again when it runs. */
  async restore({ name, bytes, options, path, files, inputs, symbols = [], experiments = [], why }: LostRun): Promise<void> {
    const program = openProgram(name, bytes, options, files);
    program.timeline.repeat(inputs);
    await this.takeRecorded(program, { symbols, experiments, path }, true);
    this.movement.pause(`${why} The run begins again, with all its input`);
  }

  /**
   * With the files with names that it was seen with. `isOwn`: nobody else can have written it, so its paths are to be believed. `again`: the
   * kept run that it is.
   */
  private async takeRecorded(
    program: Program,
    { symbols, experiments, path }: Pick<Recording, 'symbols' | 'experiments' | 'path'>,
    isOwn: boolean,
    again?: string,
  ): Promise<void> {
    this.symbolFiles = [];
    this.take(program, isOwn ? path : undefined, again);
    this.experiments.restore(experiments);
    const find = isOwn ? (file: string): Promise<Uint8Array> => this.host.symbolFile(file) : undefined;
    const missing = await addRecordedSymbols(program, { symbols }, find);
    for (const { recorded } of program.names.recorded.added) this.journal({ kind: 'named', file: recorded });
    this.keepSymbols(program);
    for (const sentence of missing) this.tell(sentence);
  }

  /** Names the code of a guest, or of a program that brings no names. Answers a sentence. */
  addSymbols(...sources: SymbolSource[]): string {
    const program = this.needProgram();
    addSymbols(program, sources);
    for (const { recorded } of program.names.recorded.added.slice(-sources.length)) this.journal({ kind: 'named', file: recorded });
    this.keepSymbols(program);
    return symbolRows(program)
      .slice(-sources.length)
      .map(({ name, text }) => `${name}: ${text}`)
      .join('; ');
  }
  removeSymbols(number: number): void {
    const program = this.needProgram();
    const { recorded } = program.names;
    if (!recorded.added[number]) throw new InputError(`there is no file ${number} with symbols`);
    recorded.added = recorded.added.filter((_, i) => i !== number);
    this.journal({ kind: 'unnamed', number });
    this.keepSymbols(program);
  }
  private keepSymbols(program: Program): void {
    this.symbolFiles = program.names.recorded.added;
    this.breakpoints.attach(program);
    this.edited();
  }

  /** Bytes typed at the console, now. */
  input(bytes: Uint8Array): void {
    const { timeline } = this.needProgram();
    timeline.input(bytes);
    this.journal({ kind: 'input', event: timeline.inputs.all().at(-1)! });
    this.changed();
  }

  /** Opens a program and starts it, or a recording, which is repeated to its end. */
  async openFile(
    name: string,
    bytes: Uint8Array,
    { options, speed = null, progress = () => undefined, path, symbols = [], files = [] }: OpenOptions = {},
  ): Promise<void> {
    if (isRecording(bytes)) {
      await this.openRecording(name, bytes, progress, symbols);
      return;
    }
    if (bytes.length > LARGE_BYTES) {
      // What comes now is one piece of work: the last chance to give it up.
      const { pauses } = this;
      progress(null, `Opening ${name}`);
      await yieldToMessages();
      if (this.pauses !== pauses) throw new InputError('opening was cancelled');
    }
    this.take(openProgram(name, bytes, options, files), path);
    if (symbols.length > 0) this.addSymbols(...symbols);
    this.comparison = undefined;
    this.movement.speed = speed;
    this.movement.run();
  }

  /** Another build of the open program, which goes on, in the same machine. Throws InputError for an incomplete file. */
  anotherBuild(name: string, bytes: Uint8Array): Program {
    const { options, files } = this.needProgram();
    const program = openProgram(name, bytes, options, files);
    const { problem } = program.symbols;
    if (problem !== undefined) throw new InputError(problem);
    return program;
  }
  /** It takes the place of the open program, with its breakpoints and its speed, at its beginning. */
  replace(program: Program): void {
    const { speed } = this.movement;
    this.take(program, this.path);
    this.movement.speed = speed;
  }

  /** To instant 0; what was recorded is forgotten. `changed`: in a machine with other options. */
  reset(changed: MachineOptions = {}): void {
    const { name, bytes, options, files } = this.needProgram();
    const program = openProgram(name, bytes, { ...options, ...changed }, files);
    const { speed } = this.movement;
    this.take(program, this.path);
    this.movement.speed = speed;
  }

  /** Opens a run that the shell kept; once it is repeated, this session's own journal holds it. */
  async openKept(id: string, progress: Progress): Promise<void> {
    const bytes = await this.host.keptRecording(id).catch((error: unknown) => {
      throw new InputError(error instanceof Error ? error.message : String(error));
    });
    // Given up on the way, it is offered again.
    if (await this.openRecording('the run', bytes, progress, [], id)) await this.host.discardKept(id);
  }

  /** `kept`: the shell kept it for this person, under that name. False where it was not repeated to its end. */
  private async openRecording(
    name: string,
    bytes: Uint8Array,
    progress: Progress,
    symbols: readonly SymbolSource[],
    kept?: string,
  ): Promise<boolean> {
    const recording = await readRecording(bytes, name);
    const program = replay(recording);
    await this.takeRecorded(program, recording, kept !== undefined, kept);
    if (symbols.length > 0) this.addSymbols(...symbols);
    this.comparison = undefined;
    const { pauses } = this;
    const opening = (this.replay = new Replay(program, recording, name));
    const isWanted = (): boolean => this.replay === opening && this.pauses === pauses;
    let isWhole = false;
    try {
      isWhole = await opening.run(this.movement, progress, isWanted, this.changed);
    } finally {
      if (this.replay === opening) this.replay = undefined;
      opening.finish(isWhole);
      // Views of other instants have waited for it.
      this.edited();
    }
    return isWhole;
  }

  /** The run up to its end as the bytes of a recording. */
  recording(progress: Progress): Promise<{ name: string; bytes: Uint8Array<ArrayBuffer> }> {
    const program = this.needProgram();
    const { name, timeline } = program;
    const { at } = timeline;
    return this.beside(async (isWanted) => {
      // What is shown and the end are looked at now; then the program is deflated, while the machine goes on.
      const keyframe = keyframeBytes(timeline);
      const write = (): Promise<Uint8Array<ArrayBuffer>> =>
        writeRecording({ ...runStart(program), experiments: this.experiments.stored }, timeline, at, keyframe);
      const file = timeline.excursion(timeline.end, write, { key: 'recording' });
      const told = setTimeout(() => progress(null, 'Saving the recording'), SAVING_MS);
      const written = await file.finally(() => clearTimeout(told));
      return isWanted() ? { name: `${name.replace(/\.[^.]*$/, '')}.elrec`, bytes: written } : undefined;
    });
  }

  /** Changes a register at the instant shown, from which on it is another run. */
  setRegister({ at, replace, ...wanted }: CommandParams<'setRegister'>): CommandResult<'setRegister'> {
    const program = this.needProgram();
    const { timeline, machine } = program;
    this.refuseMoving('a register');
    if (at !== undefined && at !== timeline.at) throw new InputError(`the machine is at instant ${timeline.at} now, no longer at ${at}`);
    const { register, value } = registerChange(program, wanted);
    const answer = (changed: boolean, text: string): CommandResult<'setRegister'> => ({
      at: timeline.at,
      register,
      value: wideHex(registerValue(machine, register)),
      changed,
      text,
    });
    if (timeline.hasFuture && !replace) return answer(false, `This replaces everything recorded after instant ${timeline.at}.`);
    timeline.change(register, value);
    this.becameAnother(program);
    const now = registerValue(machine, register);
    return answer(true, `${register} is now ${wideHex(now)}${now === value ? '' : '; its other bits cannot be written'}.`);
  }

  /** A debugger writes to RAM or flash at the instant shown, from which on it is another run. */
  writeMemory(pa: PA, bytes: Uint8Array): void {
    const program = this.needProgram();
    this.refuseMoving('memory');
    program.timeline.write(pa, bytes);
    this.becameAnother(program);
  }
  private refuseMoving(what: string): void {
    if (this.movement.isRunning || this.movement.isSeeking)
      throw new InputError('the machine is running', {}, `pause it to change ${what}`);
  }
  /** Something was changed by hand: what was recorded after this instant is void. */
  private becameAnother({ timeline }: Program): void {
    const inputs = timeline.inputs.all();
    this.journal({ kind: 'changed', kept: inputs.length - 1, event: inputs.at(-1)! });
    this.movement.forget();
    this.doctor.forget();
    this.edited();
  }

  /** Leaves the open experiment at instant `at` of one of its futures, which is the open run from here on. */
  async enterFuture(which: FutureSide, at: number, progress: Progress): Promise<{ at: number }> {
    const future = this.experiments.side(which);
    this.experiments.close();
    if (!isSameUpTo(future.timeline.inputs.all(), this.needProgram().timeline.inputs.all(), at)) this.take(future, this.path);
    return this.movement.seek(at, progress, { repeats: true });
  }

  /** Reads the sources of the open program, and of another one; absent: it is the same program. */
  sourcesOf(older?: ReadSource): { readonly older: ReadSource; readonly newer: ReadSource } {
    const newer = sourceReader(this.needProgram(), this);
    return { older: older ?? newer, newer };
  }

  /** Does something that takes long beside the open run, until another such thing begins or it is cancelled. */
  async beside<T>(work: (isWanted: () => boolean) => Promise<T | undefined>): Promise<T> {
    const job = (this.job = {});
    const result = await work(() => this.job === job && !this.closed);
    if (result === undefined) throw new InputError('cancelled');
    return result;
  }

  /** A person wants whatever is going on to stop. */
  giveUp(): void {
    this.job = undefined;
    this.pauses++;
    this.movement.pause();
  }
  /** Views of past instants have changed too. */
  edited(): void {
    this.edits++;
    this.changed();
  }
  /** Resolves when a machine elsewhere has been left. */
  close(): Promise<void> {
    this.closed = true;
    const left = this.attachment?.end() ?? Promise.resolve();
    this.movement.pause();
    this.doctor.stop();
    this.gdb.close();
    return left;
  }
}
