/** A session in its own thread, so that neither the machine nor a hostile program in it can hold up the shell. */
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import {
  encodeMessage,
  type AttachPlace,
  Journal,
  type JournalEntry,
  type LostRun,
  type Reply,
  type Scenario,
  type ShellProgram,
} from '../emulator/index.ts';
import { isOutOfMemory } from './exit.ts';
import { answerFor, type Question } from './host-messages.ts';
import type { KeptRuns } from './kept-runs.ts';
import { namePrivateFolder } from './qemu/private-folder.ts';
import { paths } from './paths.ts';
import { fileHost } from './session-host.ts';

/** How messages look on the thread's port: as they are, or as the bytes that go over a WebSocket. */
export type Transport = 'messages' | 'bytes';

/** A program with where it lies on disk. */
export type Program = ShellProgram;

/** What the thread is told beside the messages of the user interface. */
export type Order =
  | { readonly order: 'open' | 'reload'; readonly program: Program }
  /** A sentence to show. */
  | { readonly order: 'tell'; readonly sentence: string }
  /** To leave the QEMU that it is attached to, and to end. */
  | { readonly order: 'leave' };

/** What the thread is told first. */
export interface ThreadData {
  readonly shell: string;
  readonly transport: Transport;
  readonly port: MessagePort;
  readonly program: Program | undefined;
  readonly scenarios: readonly Scenario[];
  /** Bytes that the recording may take. */
  readonly budget: number;
  /** A QEMU to attach to at once. */
  readonly attach?: AttachPlace | undefined;
  /** A run to restore. */
  readonly lost: LostRun | undefined;
  /** Under what name its run is kept, where it is. */
  readonly run: string | undefined;
}

/** What the thread tells beside its questions. */
export type Told = { readonly journal: JournalEntry } | { readonly isAttached: true };

/** How a session ended that was not asked to. */
export interface Ending {
  readonly error: Error;
  /** What the user interface is to be told, in the form of the transport. */
  readonly message: unknown;
  /** What it did until then. */
  readonly lost: LostRun | undefined;
}

/** The memory that a session may take for its own objects. The machine's memory and the recording are not among them. */
const resourceLimits = { maxOldGenerationSizeMb: 2048 };

/** Milliseconds until a thread that is to leave a QEMU is ended all the same. */
const LEAVE_MS = 5000;

export interface SessionThread {
  /** Messages from and to the user interface. */
  readonly port: MessagePort;
  /** Opens another program in place of the one that is there. */
  open(program: Program): void;
  /** A program's file has been rewritten: see `ServedSession.reload`. */
  reload(program: Program): void;
  close(): void;
}

/** A thread that has read its code and waits for a session. */
let waiting: Worker | undefined;

/**
 * Starts a thread for the session to come: it reads the code of the machine while the page opens. The function that comes back ends it if
 * no session came.
 */
export function prepareThread(): () => void {
  namePrivateFolder();
  const worker = new Worker(paths.worker, { resourceLimits });
  waiting = worker;
  worker.unref();
  // What is wrong with it is wrong with the next one too, which has a session to tell.
  worker.on('error', () => {});
  worker.on('exit', () => {
    if (waiting === worker) waiting = undefined;
  });
  return () => {
    if (waiting === worker) void worker.terminate();
  };
}

/**
 * `sources`: folders, named by the person, in which sources may be read. `ended` is called once when the thread is over, with the reason
 * if it was not asked for. `kept`: what keeps its run.
 */
export function startSession(
  {
    shell,
    transport,
    program,
    sources,
    budget,
    lost,
    attach,
    kept,
  }: Omit<ThreadData, 'port' | 'scenarios' | 'run'> & { readonly sources: readonly string[]; readonly kept: KeptRuns },
  ended: (how: Ending | undefined) => void,
): SessionThread {
  namePrivateFolder();
  const { port1, port2 } = new MessageChannel();
  const host = fileHost(sources, kept);
  const keeping = kept.begin((sentence) => {
    console.error(sentence);
    order({ order: 'tell', sentence });
  });
  const data: ThreadData = { shell, transport, port: port2, program, scenarios: host.scenarios, budget, lost, attach, run: keeping.run };
  const journal = new Journal();
  const worker = waiting ?? new Worker(paths.worker, { resourceLimits });
  waiting = undefined;
  worker.ref();
  worker.postMessage(data, [port2]);
  const order = (order: Order): void => worker.postMessage(order);
  worker.on('message', (message: Question | Told) => {
    if ('isAttached' in message) isAttached = true;
    else if ('journal' in message) {
      journal.write(message.journal);
      keeping.write(message.journal);
    } else void answerFor(host, message).then((answer) => worker.postMessage(answer));
  });
  /** It may have stopped a QEMU, which is to go on. */
  let isAttached = false;
  let error: Error | undefined;
  worker.on('error', (reason) => (error = reason));
  worker.on('exit', () => {
    port1.close();
    keeping.close();
    ended(error && endingOf(error, transport, journal));
  });
  return {
    port: port1,
    open: (program) => order({ order: 'open', program }),
    reload: (program) => order({ order: 'reload', program }),
    close: () => {
      if (isAttached) order({ order: 'leave' });
      const timer = setTimeout(() => void worker.terminate(), isAttached ? LEAVE_MS : 0);
      worker.once('exit', () => clearTimeout(timer));
    },
  };
}

function endingOf(error: Error, transport: Transport, journal: Journal): Ending {
  const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY' || isOutOfMemory(error);
  const why = isTooLarge
    ? 'The session needed more memory than it may have, and was ended.'
    : `The session was ended by an error in ELscope itself: ${error.message}.`;
  const reply: Reply = { type: 'ended', text: why };
  return { error, message: transport === 'bytes' ? encodeMessage(reply) : reply, lost: journal.lost(why) };
}
