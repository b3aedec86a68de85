/** The wire of the Debug Adapter Protocol: a header with the length, then JSON, on any pair of streams. */
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { DapAdapter, InputError, noHost, Session, type DapMessage, type DapRequest, type DapShell } from '../emulator/index.ts';
import { openImage } from './cli/open-run.ts';
import { KeptRuns } from './kept-runs.ts';
import type { MachineFlagValues } from './machine-options.ts';
import { readProgramFile, systemMessage } from './program-file.ts';
import { fileHost } from './session-host.ts';

/** Bytes of a message: what an editor sends is small, but for memory. */
const MOST_BYTES = 16 << 20;
/** Until another ELscope has answered. */
const ANSWER_MS = 5000;

/** Serves one editor until it leaves, with a program of its own or by handing it over to a machine that is open elsewhere. `values`: the machine. */
export function serveDap(input: Readable, output: Writable, values: MachineFlagValues): Promise<void> {
  const folder = resolve('.');
  const session = new Session(
    () => undefined,
    () => undefined,
    { ...noHost, ...fileHost([folder], new KeptRuns(undefined)) },
  );
  const shell: DapShell = {
    open: async (opened, program) => {
      opened.show(await openImage(await readProgramFile(program), values));
      opened.path = resolve(program);
    },
    base64,
    openInApp: (name, recording) => {
      const file = join(mkdtempSync(join(tmpdir(), 'elscope-')), name);
      writeFileSync(file, recording, { mode: 0o600 });
      spawn(process.execPath, [process.argv[1], 'app', file], { detached: true, stdio: 'ignore', cwd: dirname(file) }).unref();
      return Promise.resolve();
    },
  };
  return converse(session, shell, input, output).then(() => void session.close());
}

/** Serves an editor that attaches to the session of somebody who looks at it, until the editor leaves. */
export const serveAttachedDap = (session: Session, socket: Socket): Promise<void> =>
  converse(session, { base64, openInApp: () => Promise.reject(new InputError('ELscope is open, and shows this instant')) }, socket, socket);

const base64: DapShell['base64'] = {
  encode: (bytes) => Buffer.from(bytes).toString('base64'),
  decode: (text) => new Uint8Array(Buffer.from(text, 'base64')),
};

function converse(session: Session, shell: DapShell, input: Readable, output: Writable): Promise<void> {
  return new Promise((done) => {
    const end = (): void => {
      adapter.close();
      there?.destroy();
      done();
    };
    const send = (message: DapMessage): void => void output.write(framed(message));
    const adapter = new DapAdapter(session, shell, send, end);
    let greeting: DapRequest | undefined;
    let there: Socket | undefined;
    const receive = (message: DapRequest): void => {
      const { command } = message;
      if (there) return void there.write(framed(message));
      if (command === 'initialize') greeting = message;
      const port = command === 'attach' ? (message.arguments as { port?: unknown } | undefined)?.port : undefined;
      if (!shell.open || !greeting || port === undefined) return adapter.receive(message);
      there = handOver(port, [greeting, message], send, (problem) => {
        there = undefined;
        if (problem === undefined) return end();
        adapter.refuse(message, problem);
      });
    };
    const frames = new Frames((text) => receive(JSON.parse(text) as DapRequest));
    input.on('data', (bytes: Buffer) => {
      if (!frames.take(bytes)) end();
    });
    input.on('close', end);
    input.on('end', end);
    input.on('error', end);
    output.on('error', end);
  });
}

function framed(message: DapMessage): string {
  const text = JSON.stringify(message);
  return `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

/**
 * Connects an editor to the adapter of the ELscope that listens at a port of this computer. `first`: the editor's `initialize`, which has been
 * answered, and `attach`. `over`: it has ended, or why it could not begin.
 */
function handOver(
  port: unknown,
  first: readonly [DapRequest, DapRequest],
  send: (message: DapMessage) => void,
  over: (problem?: string) => void,
): Socket {
  const place = `port ${String(port)} of 127.0.0.1`;
  const socket = new Socket();
  let hasAnswered = false;
  let other = '';
  const frames = new Frames((text) => {
    const message = JSON.parse(text) as DapMessage & { command?: unknown; event?: unknown };
    hasAnswered = true;
    if (message.command !== 'initialize' && message.event !== 'initialized') send(message);
  });
  let isOver = false;
  const end = (problem: string): void => {
    if (isOver) return;
    isOver = true;
    socket.destroy();
    if (!hasAnswered) return over(problem);
    send({ seq: 0, type: 'event', event: 'terminated' } as DapMessage);
    over();
  };
  socket.setTimeout(ANSWER_MS, () => hasAnswered || end(`what listens at ${place} does not answer as ELscope`));
  socket.on('error', (error) =>
    end(`${place} cannot be reached: ${systemMessage(error)}; expected the port where ELscope lets gdb connect`),
  );
  socket.on('close', () => end(/^ELscope: [^\n]*/.exec(other)?.[0] ?? `what listens at ${place} does not answer as ELscope`));
  socket.on('data', (bytes: Buffer) => {
    if (!hasAnswered) other += bytes.toString('latin1');
    if (!frames.take(bytes)) end(`what listens at ${place} does not answer as ELscope`);
  });
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 0xffff)
    setImmediate(() => end(`${JSON.stringify(port)} is no port: a number from 1 to 65535 is expected`));
  else {
    socket.connect(port, '127.0.0.1');
    for (const message of first) socket.write(framed(message));
  }
  return socket;
}

/** Takes messages out of a stream that may be cut anywhere. */
class Frames {
  private waiting = Buffer.alloc(0);

  constructor(private readonly message: (text: string) => void) {}

  /** False: this is not the protocol. */
  take(bytes: Buffer): boolean {
    this.waiting = Buffer.concat([this.waiting, bytes]);
    for (;;) {
      const end = this.waiting.indexOf('\r\n\r\n');
      if (end < 0) return this.waiting.length < 4096;
      const length = Number(/content-length:\s*(\d+)/i.exec(this.waiting.toString('latin1', 0, end))?.[1] ?? NaN);
      if (!(length <= MOST_BYTES)) return false;
      if (this.waiting.length < end + 4 + length) return true;
      const text = this.waiting.toString('utf8', end + 4, end + 4 + length);
      this.waiting = this.waiting.subarray(end + 4 + length);
      try {
        this.message(text);
      } catch {
        return false;
      }
    }
  }
}
