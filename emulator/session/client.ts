/** The user interface's end of a session: calls commands and follows views. */
import {
  contractVersion,
  type CommandName,
  type CommandParams,
  type CommandResult,
  type ErrorKind,
  type NoticeTopic,
  type Reply,
  type Update,
} from './contract.ts';
import type { FutureSide } from './experiment-views.ts';
import type { Port } from './port.ts';
import type { ViewName, Views } from './views/index.ts';

/** The session refused a command or cannot show a view; the message is a sentence for the user. */
export class SessionError extends Error {
  override name = 'SessionError';
  constructor(
    message: string,
    readonly kind: ErrorKind | 'closed' = 'refused',
  ) {
    super(message);
  }
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: ((fraction: number | null, text: string) => void) | undefined;
}

interface FollowedView {
  readonly show: (data: never) => void;
  readonly fail: ((message: string) => void) | undefined;
  readonly request: { readonly view: string; readonly params: unknown; readonly at?: number; readonly run?: FutureSide };
}

export class SessionClient {
  private nextId = 1;
  private readonly calls = new Map<number, Waiting>();
  private readonly views = new Map<number, FollowedView>();
  private port: Port;
  private isClosed = false;
  /** Under what name the shell keeps the run of this session. */
  run: string | undefined;
  /** How another session is had when the connection was lost; absent: it is not. Rejects where that is hopeless. */
  again: (() => Promise<Port>) | undefined;
  /** The connection was lost, and is being made again. */
  onLost: () => void = () => {};
  /** It is there again, to a new session, in which the views are followed as before. `run`: as the old one was kept. */
  onBack: (run: string | undefined) => void = () => {};
  private greeted!: (shell: string) => void;

  /** Resolves with the name of the shell ("electron", "web", "static") when the session is there. */
  readonly ready = new Promise<string>((resolve) => (this.greeted = resolve));
  /** Errors that belong to no call. */
  onError: (message: string) => void = () => {};
  /** The end of the connection, and why the session ended, where that is known. */
  onClose: (why: string | undefined) => void = () => {};
  private ended: string | undefined;
  /** Something that nobody asked for has happened, as a sentence. */
  onNotice: (text: string, kind: 'done' | 'problem', about?: NoticeTopic) => void = () => {};

  constructor(port: Port) {
    this.port = port;
    this.attach(port);
  }

  private attach(port: Port): void {
    this.port = port;
    port.onMessage((message) => {
      if (message instanceof Error) this.onError(message.message);
      else this.receive(message as Reply);
    });
    port.onClose(() => {
      for (const { reject } of this.calls.values()) reject(new SessionError('the connection to the machine was closed', 'closed'));
      this.calls.clear();
      // A session that said why it ended would only end again.
      if (this.again && this.ended === undefined && !this.isClosed) void this.comeBack(this.again);
      else this.onClose(this.ended);
    });
  }

  private async comeBack(again: () => Promise<Port>): Promise<void> {
    const { run } = this;
    this.onLost();
    try {
      const port = await again();
      const greeted = new Promise<string>((resolve) => (this.greeted = resolve));
      this.attach(port);
      await greeted;
      for (const [id, { request }] of this.views) this.port.send({ type: 'subscribe', id, ...request });
      this.onBack(run);
    } catch (error) {
      this.onClose(error instanceof Error ? error.message : undefined);
    }
  }

  call<C extends CommandName>(
    command: C,
    params: CommandParams<C>,
    onProgress?: (fraction: number | null, text: string) => void,
  ): Promise<CommandResult<C>> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.calls.set(id, { resolve, reject, onProgress });
      this.port.send({ type: 'call', id, command, params });
    });
  }

  /** Shows the view now and whenever it changes, until the returned function is called; with `at`, as it is at that instant; with `run`, of a future. */
  subscribe<V extends ViewName>(
    view: V,
    params: Views[V]['params'],
    show: (data: Views[V]['data']) => void,
    fail?: (message: string) => void,
    at?: number,
    run?: FutureSide,
  ): () => void {
    const id = this.nextId++;
    const request = { view, params, ...(at !== undefined && { at }), ...(run !== undefined && { run }) };
    this.views.set(id, { show, fail, request });
    this.port.send({ type: 'subscribe', id, ...request });
    return () => {
      if (this.views.delete(id)) this.port.send({ type: 'unsubscribe', id });
    };
  }

  /** The view once, as it is now or was at an instant. */
  get<V extends ViewName>(view: V, params: Views[V]['params'], at?: number, run?: FutureSide): Promise<Views[V]['data']> {
    return new Promise((resolve, reject) => {
      const stop = this.subscribe(
        view,
        params,
        (data) => {
          queueMicrotask(() => stop());
          resolve(data);
        },
        (message) => {
          queueMicrotask(() => stop());
          reject(new SessionError(message));
        },
        at,
        run,
      );
    });
  }

  close(): void {
    this.isClosed = true;
    this.port.close();
  }

  private receive(message: Reply): void {
    switch (message.type) {
      case 'welcome':
        if (message.version !== contractVersion)
          this.onError(
            `the machine uses version ${message.version} of the protocol and this window version ${contractVersion}: reload the page`,
          );
        this.run = message.run;
        this.greeted(message.shell);
        break;
      case 'result':
        this.calls.get(message.id)?.resolve(message.value as never);
        this.calls.delete(message.id);
        break;
      case 'progress':
        this.calls.get(message.id)?.onProgress?.(message.fraction, message.text);
        break;
      case 'ended':
        this.ended = message.text;
        break;
      case 'notice':
        this.onNotice(message.text, message.kind, message.about);
        break;
      case 'error':
        this.fail(message.id, new SessionError(message.message, message.kind));
        break;
      case 'frame':
        for (const update of message.updates) this.update(update);
        this.port.send({ type: 'ack', frame: message.frame });
        break;
    }
  }
  private update(update: Update): void {
    const view = this.views.get(update.id);
    if (!view) return;
    if ('data' in update) view.show(update.data as never);
    else if (view.fail) view.fail(update.error);
    else this.onError(update.error);
  }
  /** A request was refused: a call, a subscription, or (id null) a message that was neither. */
  private fail(id: number | null, error: SessionError): void {
    const call = id === null ? undefined : this.calls.get(id);
    if (call) {
      this.calls.delete(id!);
      call.reject(error);
    } else if (id !== null && this.views.has(id)) this.update({ id, error: error.message });
    else this.onError(error.message);
  }
}
