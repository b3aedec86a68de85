/** The machine as the window sees it: status, commands with their errors and progress, views applied once per display frame. */
import { flushSync } from 'svelte';
import type { CommandName, CommandParams, CommandResult, NoticeTopic } from '../../emulator/session/contract.ts';
import type { SessionClient } from '../../emulator/session/client.ts';
import { kept } from './kept.ts';
import type { BreakpointRow, FutureSide, Hex, NowView, StatusView } from '../../emulator/session/views.ts';
import type { ViewName, Views } from '../../emulator/session/views/index.ts';

const emptyStatus: StatusView = {
  state: 'empty',
  attached: null,
  at: 0,
  end: 0,
  stepsPerSecond: 0,
  speed: null,
  program: 0,
  image: null,
  traps: 0,
  trapsTaken: 0,
  trap: null,
  machine: { memoryBytes: 0, gic: 2, el2: true, cpus: 1 },
  recording: { bytes: 0, budget: 0, keptFrom: 0, firstTrap: 0 },
};

export interface Progress {
  readonly text: string;
  /** Null: nobody knows how much is left. */
  readonly fraction: number | null;
  /** Gives it up. */
  readonly cancel: () => void;
}

interface Sink<V extends ViewName> {
  readonly show: (data: Views[V]['data']) => void;
  readonly fail: (message: string) => void;
}
/** What is asked of the session. */
interface Wanted<V extends ViewName> {
  readonly view: V;
  readonly params: Views[V]['params'];
  readonly at: number | undefined;
  readonly run: FutureSide | undefined;
}
/** A view that is followed, by one or several. */
interface SharedView<V extends ViewName> {
  readonly sinks: Set<Sink<V>>;
  readonly stop: () => void;
  /** Gives what came last. */
  last: ((sink: Sink<V>) => void) | undefined;
}

/** Milliseconds of a display frame in which views of a running machine are drawn: layout and paint follow, and take as long again. */
const DRAWING_MS = 4;

export class MachineSession {
  status = $state.raw<StatusView>(emptyStatus);
  now = $state.raw<NowView | undefined>();
  connected = $state(true);
  /** The connection was lost, and is made again as soon as the machine answers. */
  isComingBack = $state(false);
  /** Why it is not, where that is known. */
  ended = $state<string>();
  /** False until the first status has arrived. */
  ready = $state(false);
  /** What takes long at this moment. */
  progress = $state.raw<Progress | null>(null);
  /** The last thing that went wrong, as a sentence. */
  error = $state<string | null>(null);
  /** Told of what happens without being asked for, as a sentence. */
  onNotice: (text: string, kind: 'done' | 'problem', about?: NoticeTopic) => void = () => {};
  /** How the instant shown was reached: stepping lets the sub-steps play, going somewhere does not. */
  lastMove = $state<'step' | 'go'>('go');

  // Nothing on the screen depends on it.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  private readonly pending = new Map<object, () => void>();
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  private readonly shared = new Map<string, SharedView<ViewName>>();
  private readonly statusSink = {};
  private frame = 0;
  /** As they were when the machine was there last. */
  private breakpoints: readonly BreakpointRow[] = [];

  constructor(private readonly client: SessionClient) {
    client.onError = (message) => (this.error = message);
    client.onNotice = (text, kind, about) => this.onNotice(text, kind, about);
    client.onClose = (why) => {
      this.connected = this.isComingBack = false;
      this.ended = why;
    };
    client.onLost = () => {
      this.connected = false;
      this.isComingBack = true;
      this.error = null;
    };
    client.onBack = (run) => void this.goOn(run);
    client.subscribe('status', {}, (status) =>
      this.later(this.statusSink, () => {
        this.status = status;
        this.ready = true;
      }),
    );
    this.follow('now', {}, (now) => (this.now = kept(this.now, now)));
    this.follow('breakpoints', {}, ({ breakpoints }) => (this.breakpoints = breakpoints));
  }

  /** After the connection was lost: the same run at the same instant, in a new session. */
  private async goOn(run: string | undefined): Promise<void> {
    const { breakpoints, status } = this;
    this.connected = true;
    this.isComingBack = false;
    if (run === undefined || !(await this.call('openKept', { id: run }))) return;
    for (const { spec, enabled } of breakpoints) {
      const added = await this.quietly('addBreakpoint', { spec } as CommandParams<'addBreakpoint'>);
      if (added && !enabled) await this.quietly('changeBreakpoint', { id: added.id, enabled });
    }
    await this.seek(status.at);
    if (status.speed !== null) await this.setSpeed(status.speed);
    this.onNotice('The connection is back: the run is where it was, and stands still', 'done');
  }

  get running(): boolean {
    return this.status.state === 'running' || this.status.state === 'waiting';
  }
  /** It runs, and does not only wait for an interrupt: all the while there is more to show. */
  get advancing(): boolean {
    return this.status.state === 'running';
  }
  /** The instant shown is the latest one. */
  get live(): boolean {
    return this.status.at === this.status.end;
  }

  /** Shows a view, of an instant where `at` is given (of a future, with `run`), until the returned function is called; data that comes faster than the display is skipped. */
  follow<V extends ViewName>(
    view: V,
    params: Views[V]['params'],
    show: (data: Views[V]['data']) => void,
    fail: (message: string) => void = () => {},
    at?: number,
    run?: FutureSide,
  ): () => void {
    const key = JSON.stringify([view, params, at, run]);
    const shared = (this.shared.get(key) ?? this.share(key, { view, params, at, run })) as SharedView<V>;
    const sink: Sink<V> = { show, fail };
    shared.sinks.add(sink);
    const { last } = shared;
    if (last) this.later(sink, () => last(sink));
    return () => {
      this.pending.delete(sink);
      shared.sinks.delete(sink);
      if (shared.sinks.size > 0) return;
      shared.stop();
      this.shared.delete(key);
    };
  }

  /** Panels that stand together may show the same view: it is made and sent once for all of them. */
  private share<V extends ViewName>(key: string, { view, params, at, run }: Wanted<V>): SharedView<V> {
    const tell = (last: NonNullable<SharedView<V>['last']>): void => {
      shared.last = last;
      for (const sink of shared.sinks) this.later(sink, () => last(sink));
    };
    const shared: SharedView<V> = {
      // eslint-disable-next-line svelte/prefer-svelte-reactivity
      sinks: new Set(),
      last: undefined,
      stop: this.client.subscribe(
        view,
        params,
        (data) => tell((sink) => sink.show(data)),
        (message) => tell((sink) => sink.fail(message)),
        at,
        run,
      ),
    };
    this.shared.set(key, shared as unknown as SharedView<ViewName>);
    return shared;
  }

  get<V extends ViewName>(view: V, params: Views[V]['params']): Promise<Views[V]['data']> {
    return this.client.get(view, params);
  }

  /** Carries out a command; what goes wrong is shown to the person, and undefined comes back. */
  async call<C extends CommandName>(command: C, params: CommandParams<C>): Promise<CommandResult<C> | undefined> {
    this.error = null;
    let progress: Progress | null = null;
    try {
      return await this.client.call(
        command,
        params,
        (fraction, text) => (this.progress = progress = { fraction, text, cancel: () => void this.pause() }),
      );
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
      return undefined;
    } finally {
      // Another command may have told of its progress since.
      if (this.progress === progress) this.progress = null;
    }
  }

  /** The same for what a panel asks by itself: undefined where it cannot be had, and nobody is told. */
  async quietly<C extends CommandName>(command: C, params: CommandParams<C>): Promise<CommandResult<C> | undefined> {
    return this.client.call(command, params).catch(() => undefined);
  }

  /** The same for what has its own place for errors: throws one whose message is a sentence. */
  attempt<C extends CommandName>(command: C, params: CommandParams<C>): Promise<CommandResult<C>> {
    this.error = null;
    return this.client.call(command, params);
  }

  /** Tells of work in the window itself, once it takes long. Undefined comes back when the person gave it up. */
  async busy<T>(text: string, work: Promise<T>): Promise<T | undefined> {
    let cancel = (): void => undefined;
    const cancelled = new Promise<undefined>((resolve) => (cancel = () => resolve(undefined)));
    const progress = { text, fraction: null, cancel };
    const timer = setTimeout(() => (this.progress = progress), 300);
    try {
      return await Promise.race([work, cancelled]);
    } finally {
      clearTimeout(timer);
      if (this.progress?.cancel === cancel) this.progress = null;
    }
  }

  run = (): Promise<unknown> => this.call('run', {});
  pause = (): Promise<unknown> => this.call('pause', {});
  toggleRun = (): Promise<unknown> => (this.running ? this.pause() : this.run());
  step = (over = false): Promise<unknown> => this.move('step', () => this.call('step', { over }));
  stepOut = (): Promise<unknown> => this.move('step', () => this.call('stepOut', {}));
  stepBack = (): Promise<unknown> => this.move('go', () => this.call('stepBack', {}));
  nextTrap = (): Promise<unknown> => this.move('step', () => this.call('nextTrap', {}));
  previousTrap = (): Promise<unknown> => this.move('go', () => this.call('nextTrap', { back: true }));
  nextLevelChange = (): Promise<unknown> => this.move('step', () => this.call('nextTrap', { level: true }));
  previousLevelChange = (): Promise<unknown> => this.move('go', () => this.call('nextTrap', { level: true, back: true }));
  /** To where a guest first runs: flat out, where nothing of it is recorded yet. */
  nextGuest = (): Promise<unknown> => this.move('step', () => this.call('nextGuest', {}));
  previousGuest = (): Promise<unknown> => this.move('go', () => this.call('nextGuest', { back: true }));
  /** Runs until the instruction at this VA comes next. */
  runTo = (address: Hex): Promise<unknown> => this.move('step', () => this.call('runTo', { address }));
  /** To the last instant before this one at which a breakpoint would have stopped the run. */
  runBack = (): Promise<unknown> => this.move('go', () => this.call('runBack', {}));
  /** Sets a breakpoint in front of an instruction, or removes the one that is there. */
  toggleBreakpoint = (va: Hex, known: { readonly id: number } | null | undefined): Promise<unknown> =>
    known ? this.call('removeBreakpoint', { id: known.id }) : this.call('addBreakpoint', { spec: { kind: 'address', va } });
  setSpeed = (stepsPerSecond: number | null): Promise<unknown> => this.call('speed', { stepsPerSecond });
  seek = (at: number): Promise<unknown> => this.move('go', () => this.call('seek', { at: Math.max(0, Math.round(at)) }));
  /** To the instruction that sent a byte of the console. */
  /** To what sent a byte of the console; without `offset`, the last one before the instant. */
  seekOutput = (offset?: number): Promise<unknown> =>
    this.move('go', () => this.call('seekOutput', offset === undefined ? {} : { offset }));
  reset = (options?: CommandParams<'reset'>['options']): Promise<unknown> =>
    this.move('go', () => this.call('reset', options ? { options } : {}));
  /** On from the latest instant. */
  goLive = async (): Promise<void> => {
    if (!this.live) await this.seek(this.status.end);
    await this.run();
  };

  private async move<T>(kind: 'step' | 'go', command: () => Promise<T>): Promise<T> {
    this.lastMove = kind;
    return command();
  }

  /** Draws something with the next display frame that has time for it; of one sink only what was asked last. */
  later(sink: object, apply: () => void): void {
    this.pending.set(sink, apply);
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.apply();
    });
  }

  /** A run's views change all at once, several times a second: as many are drawn in one display frame as there is time for, the others in the next. */
  private apply(): void {
    const until = performance.now() + DRAWING_MS;
    // Before all else, whether it runs: a machine that has stopped is drawn in one go, and no panel shows the stop before the others.
    this.pending.get(this.statusSink)?.();
    this.pending.delete(this.statusSink);
    for (const [sink, show] of this.pending) {
      if (this.running && performance.now() >= until) return this.later(sink, show);
      this.pending.delete(sink);
      if (this.running) flushSync(show);
      else show();
    }
  }
}
