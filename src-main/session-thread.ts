/** A session in a thread of its own, so that neither the machine nor a hostile program in it can hold up the shell. */
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import type { MachineOptions } from '../emulator/index.ts';
import { paths } from './paths.ts';
import type { ProgramFile } from './program-file.ts';

/** How messages look on the thread's port: as they are, or as the bytes that go over a WebSocket. */
export type Transport = 'messages' | 'bytes';

/** Opened and started when the session begins. */
export interface Program extends ProgramFile {
  readonly options?: MachineOptions;
  /** Steps a second to begin with; absent: as fast as it goes. */
  readonly stepsPerSecond?: number;
}

/** What the thread is given. */
export interface ThreadData {
  readonly shell: string;
  readonly transport: Transport;
  readonly port: MessagePort;
  readonly program: Program | undefined;
}

export interface SessionThread {
  /** Messages from and to the user interface. */
  readonly port: MessagePort;
  /** Opens another program in place of the one that is there. */
  open(program: Program): void;
  close(): void;
}

/**
 * `ended` is called once when the thread is over, with the reason if it was not asked for.
 */
export function startSession(
  { shell, transport, program }: Omit<ThreadData, 'port'>,
  ended: (error: Error | undefined) => void,
): SessionThread {
  const { port1, port2 } = new MessageChannel();
  const workerData: ThreadData = { shell, transport, port: port2, program };
  const worker = new Worker(paths.worker, { workerData, transferList: [port2] });
  let error: Error | undefined;
  worker.on('error', (reason) => (error = reason));
  worker.on('exit', () => {
    port1.close();
    ended(error);
  });
  return {
    port: port1,
    open: (next) => worker.postMessage(next),
    close: () => void worker.terminate(),
  };
}
