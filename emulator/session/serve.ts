/** The machine's end of the contract: validates what comes in, carries out commands, publishes views. */
import type { BoardFile } from '../machine/loader.ts';
import * as v from 'valibot';
import { InputError, NotBuilt } from '../base/errors.ts';
import { commandsOf } from './commands.ts';
import { commands, contractVersion, limits, request, type ErrorKind, type MachineOptions, type Reply, type Request } from './contract.ts';
import type { SymbolSource } from '../debug/symbol-file.ts';
import type { OpenDoor } from './gdb-door.ts';
import type { AttachPlace, SessionHost } from './host.ts';
import type { JournalEntry, LostRun } from './journal.ts';
import type { Progress } from './movement.ts';
import { futureView, pinnedView } from './pinned.ts';
import type { Port } from './port.ts';
import type { Program } from './program.ts';
import { Publisher } from './publisher.ts';
import { nothing } from './schemas.ts';
import { rebuilt } from './rebuilt.ts';
import { Session } from './session.ts';
import { atRest, type Live } from './view.ts';
import { isRecording } from '../time/chunks.ts';
import { sessionViews, views } from './views/index.ts';

/** Steps a second at which the demo begins: slow enough to watch it go from EL2 to EL1 and back. */
export const demoPace = 10_000;

export interface SessionOptions {
  /** Name of the shell, for the welcome message: "electron", "web", "static". */
  readonly shell: string;
  /** Opened and started at once. */
  readonly image?: {
    readonly name: string;
    readonly bytes: Uint8Array;
    readonly options?: MachineOptions;
    /** Speed to begin with; absent: as fast as it goes. */
    readonly stepsPerSecond?: number;
    /** Where the program lies, where the shell knows it. */
    readonly path?: string;
    /** Files with names for its guests. */
    readonly symbols?: readonly SymbolSource[];
    /** What goes into the machine beside it. */
    readonly files?: readonly BoardFile[];
  };
  /** Attaches to a machine elsewhere at once. */
  readonly attach?: AttachPlace;
  readonly host?: SessionHost;
  /** Bytes that the recording may take. */
  readonly budget?: number;
  /** Is told what a run is made of. `run`: under what name it is kept outside. */
  readonly run?: string;
  readonly journal?: (entry: JournalEntry) => void;
  /** Listens for debuggers of the session; absent where the shell cannot. */
  readonly listenForGdb?: (session: Session, heard: (isConnected: boolean) => void) => Promise<OpenDoor>;
  /** A run to open in place of `image`. */
  readonly lost?: LostRun;
}

/** A program that the shell has read from a file. */
export type ShellProgram = NonNullable<SessionOptions['image']>;

export interface ServedSession {
  /** Opens another program in place of the one that is there. */
  open(program: ShellProgram): void;
  /** A program's file has been rewritten: if that program is open, the new one takes its place. An incomplete file changes nothing. */
  reload(program: ShellProgram): void;
  /** Shows a sentence about something that went wrong in the shell. */
  tell(sentence: string): void;
  /** Resolves when a machine elsewhere has been left. */
  close(): Promise<void>;
}

export function serveSession(port: Port, options: SessionOptions): ServedSession {
  const send = (message: Reply): void => port.send(message);
  const tell = (text: string): void => send({ type: 'notice', kind: 'problem', text });
  const publisher = new Publisher(
    send,
    () => !session.movement.isAway,
    () => session.movement.runsFast,
    (views) => session.together(views),
  );
  const session = new Session(
    () => publisher.touch(),
    () => publisher.poll(),
    options.host,
    options.budget,
    options.journal,
    tell,
  );
  const { listenForGdb } = options;
  session.gdb.listen = listenForGdb && ((heard) => listenForGdb(session, heard));
  const table = commandsOf(session);

  const refuse = (id: number | null, kind: ErrorKind, message: string): void => send({ type: 'error', id, kind, message });
  const fail = (id: number | null, error: unknown): void => {
    const kind = error instanceof InputError || error instanceof NotBuilt ? 'refused' : 'internal';
    refuse(id, kind, error instanceof Error ? error.message : String(error));
  };

  async function call(message: Extract<Request, { type: 'call' }>): Promise<void> {
    const { id, command } = message;
    const params = v.safeParse(commands[command].params, message.params);
    if (!params.success) return refuse(id, 'invalid', `${command}: ${problems(params.issues)}`);
    try {
      const progress: Progress = (fraction, text) => send({ type: 'progress', id, fraction, text });
      const run = table[command] as (params: unknown, progress: Progress) => unknown;
      await session.ready(command);
      const elsewhere = await session.attachment?.carryOut(command, params.output);
      const value = elsewhere ?? (await run(params.output, progress));
      send({ type: 'result', id, value: value ?? {} });
    } catch (error) {
      fail(id, error);
    }
  }

  function subscribe({ id, view, params: raw, at, run }: Extract<Request, { type: 'subscribe' }>): void {
    const compute = viewOf(view, raw);
    if (typeof compute === 'string') return refuse(id, 'invalid', `${view}: ${compute}`);
    if ((at !== undefined || run !== undefined) && view in sessionViews)
      return refuse(id, 'invalid', `${view} describes the session, not an instant`);
    if (run !== undefined && at === undefined) return refuse(id, 'invalid', `${view}: a future is looked at at an instant`);
    if (publisher.count >= limits.subscriptions) return refuse(id, 'refused', `more than ${limits.subscriptions} views at once`);
    const shown = (): unknown => compute(undefined, session.live());
    if (at === undefined) publisher.add(id, { compute: shown });
    else if (run === undefined) publisher.add(id, pinnedView(session, at, shown));
    else
      publisher.add(
        id,
        futureView(session, run, at, (program) => compute(program, atRest)),
      );
  }

  /** Computes a view as it is asked for, of a program or of the open one; else why there is none. */
  function viewOf(name: string, raw: unknown): ((program: Program | undefined, live: Live) => unknown) | string {
    const ofSession = Object.hasOwn(sessionViews, name) ? sessionViews[name as keyof typeof sessionViews] : undefined;
    const ofProgram = Object.hasOwn(views, name) ? views[name as keyof typeof views] : undefined;
    if (!ofSession && !ofProgram) return 'there is no such view';
    const params = v.safeParse<v.GenericSchema>(ofProgram?.params ?? nothing, raw);
    if (!params.success) return problems(params.issues);
    if (ofSession) return () => ofSession(session);
    const of = ofProgram!.of as (program: Program, params: unknown, live: Live) => unknown;
    return (program, live) => of(program ?? session.needProgram(), params.output, live);
  }

  const close = (): Promise<void> => {
    publisher.close();
    return session.close();
  };
  port.onClose(() => void close());

  send({ type: 'welcome', version: contractVersion, shell: options.shell, ...(options.run !== undefined && { run: options.run }) });
  const open = ({ name, bytes, options: machine, stepsPerSecond, path, symbols, files }: ShellProgram): void => {
    const how = { ...(machine && { options: machine }), speed: stepsPerSecond ?? null, path, symbols, files };
    session.openFile(name, bytes, how).catch((error: unknown) => fail(null, error));
  };
  const reload = (program: ShellProgram): void => {
    const { name, bytes, path } = program;
    // Another program was opened since, from the page: the file is nobody's business here.
    if (path === undefined || session.path !== path) return;
    if (isRecording(bytes)) return open(program);
    const done = (text: string, hasComparison: boolean): void =>
      send({ type: 'notice', kind: 'done', text, ...(hasComparison && { about: 'comparison' as const }) });
    const rebuild = (): Promise<void> => rebuilt(session, name, bytes, done);
    // At once, but for a recording that is being replayed.
    (session.isWhole ? rebuild() : session.whole().then(rebuild)).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      tell(`${name} has changed on disk but cannot be opened; the current program keeps running. ${why}`);
    });
  };
  if (options.lost) {
    session.restore(options.lost).catch((error: unknown) => fail(null, error));
  } else if (options.attach) session.attach(options.attach, () => undefined).catch((error: unknown) => fail(null, error));
  else if (options.image) open(options.image);
  // Last: messages that waited are handled at once, and a program that was asked for replaces the first one.
  port.onMessage((raw) => {
    const message = raw instanceof Error ? raw : v.safeParse(request, raw);
    if (message instanceof Error) return refuse(null, 'invalid', message.message);
    if (!message.success) {
      // Callers that wait for an answer get it.
      const { output: id } = v.safeParse(v.fallback(v.nullable(v.number()), null), (raw as { id?: unknown } | null)?.id ?? null);
      return refuse(id as number | null, 'invalid', `this session does not understand the message: ${problems(message.issues)}`);
    }
    switch (message.output.type) {
      case 'call':
        void call(message.output);
        break;
      case 'subscribe':
        subscribe(message.output);
        break;
      case 'unsubscribe':
        publisher.remove(message.output.id);
        break;
      case 'ack':
        publisher.acknowledge(message.output.frame);
        break;
    }
  });
  return { open, reload, tell, close };
}

const problems = (issues: readonly v.BaseIssue<unknown>[]): string =>
  issues.map((issue) => [v.getDotPath(issue), issue.message].filter(Boolean).join(': ')).join('; ');
