/** The socket of debuggers, gdb or an editor: on this computer alone, for one of them at a time. */
import { createServer, type Socket } from 'node:net';
import { GdbConnection, InputError, visible, type OpenDoor, type Session } from '../emulator/index.ts';
import { serveAttachedDap } from './dap-server.ts';
import { systemMessage } from './program-file.ts';

export interface GdbServer {
  readonly port: number;
  close(): void;
}

export interface GdbListener {
  /** A debugger has come, or has gone. */
  connected?(isConnected: boolean): void;
  /** The debugger asked to end the program. */
  killed?(): void;
  /** The program has ended itself, and the debugger knows. */
  exited?(code: number): void;
}

/** Waits for debuggers of a session. `port` 0: a free one. Throws InputError where it cannot be had. */
export function serveGdb(session: Session, port: number, listener: GdbListener = {}): Promise<GdbServer> {
  let current: Socket | undefined;
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    if (current) {
      socket.end('ELscope: a debugger is connected already, and only one can be.\n');
      return;
    }
    if (!session.program) {
      socket.end('ELscope: no program is open.\n');
      return;
    }
    current = socket;
    listener.connected?.(true);
    socket.on('close', () => {
      current = undefined;
      listener.connected?.(false);
    });
    // Both speak first: gdb with a sign, an editor with the word of a header.
    socket.once('data', (first: Buffer) => {
      if (/^[a-z]/i.test(first.toString('latin1', 0, 1))) void serveAttachedDap(session, socket).then(() => socket.end());
      else answerGdb(session, socket, listener);
      socket.emit('data', first);
    });
  });
  return new Promise((resolve, reject) => {
    server.on('error', (error) => reject(new InputError(`port ${port} of 127.0.0.1 cannot be used: ${systemMessage(error)}`)));
    server.listen(port, '127.0.0.1', () => {
      resolve({
        port: (server.address() as { port: number }).port,
        close: () => {
          server.close();
          current?.destroy();
        },
      });
    });
  });
}

function answerGdb(session: Session, socket: Socket, listener: GdbListener): void {
  const connection = new GdbConnection(session, {
    send: (bytes) => void socket.write(bytes),
    killed: () => {
      socket.end();
      listener.killed?.();
    },
    exited: (code) => void socket.end(() => listener.exited?.(code)),
    left: () => void socket.end(),
  });
  socket.on('data', (bytes) => connection.receive(bytes));
  socket.on('close', () => connection.close());
}

/** For the app: a free port, with the line to type. */
export async function listenForGdb(session: Session, heard: (isConnected: boolean) => void): Promise<OpenDoor> {
  const server = await serveGdb(session, 0, { connected: heard });
  return { line: (program) => gdbLine(program, server.port), close: () => server.close() };
}

/** What a person types to connect. */
export const gdbLine = (program: string, port: number): string => `gdb-multiarch ${quoted(program)} -ex 'target remote 127.0.0.1:${port}'`;

/** As a shell takes it, and as nothing acts on the terminal: bytes of such characters are spelled, which bash and zsh read in $''. */
function quoted(word: string): string {
  if (/^[\w./+@%:=,-]+$/.test(word)) return word;
  if (visible(word) === word) return `'${word.replaceAll("'", "'\\''")}'`;
  const spelled = [...word].map((letter) =>
    visible(letter) === letter
      ? letter.replace(/['\\]/, '\\$&')
      : [...new TextEncoder().encode(letter)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
  );
  return `$'${spelled.join('')}'`;
}
