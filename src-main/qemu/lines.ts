/** Connections to QEMU: to addresses of this computer, HOST:PORT or the path of a Unix socket. */
import { randomUUID } from 'node:crypto';
import { createServer, connect, type Socket } from 'node:net';
import { rmSync } from 'node:fs';
import { open as openFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, type Line, type LogFile, type QemuLines, type Receiver } from '../../emulator/index.ts';
import { privateFolder } from './private-folder.ts';

const CONNECT_MS = 5000;
/** For a Unix socket that is there and refuses. */
const LISTEN_MS = 2000;
const POLL_MS = 20;
/** Bytes of a log. */
const MOST_AT_ONCE = 1 << 20;

/** Where QEMU's -gdb, -qmp and -serial listen. */
export interface QemuAddresses {
  readonly gdb: string;
  readonly qmp?: string | undefined;
  readonly serial?: string | undefined;
}

/** Throws InputError where nobody listens. */
export async function qemuLines({ gdb, qmp, serial }: QemuAddresses): Promise<QemuLines> {
  const opened: Line[] = [];
  const reach = async (address: string, option: string): Promise<Line> => {
    const line = await open(address, option);
    opened.push(line);
    return line;
  };
  try {
    return {
      stub: await reach(gdb, '-gdb tcp:127.0.0.1:1234'),
      ...(qmp !== undefined && { qmp: await reach(qmp, '-qmp unix:/tmp/qmp.sock,server=on,wait=off'), receive, log }),
      ...(serial !== undefined && { serial: await reach(serial, '-serial unix:/tmp/serial.sock,server=on,wait=off') }),
    };
  } catch (error) {
    for (const line of opened) line.close();
    throw error;
  }
}

function target(address: string): { host: string; port: number } | { path: string } {
  if (address.includes('/')) return { path: address };
  const [, host, digits] = /^(?:tcp:)?(\[[0-9a-f:.]+\]|[\w.-]*):(\d{1,5})$/i.exec(address) ?? [];
  const port = Number(digits);
  if (host === undefined || !(port > 0 && port < 65536))
    throw new InputError(`"${address}" is no address`, {}, 'expected HOST:PORT, such as 127.0.0.1:1234, or the path of a Unix socket');
  return { host: host.replaceAll(/[[\]]/g, '') || '127.0.0.1', port };
}

function open(address: string, option: string, until = Date.now() + LISTEN_MS): Promise<Line> {
  const to = target(address);
  return new Promise((resolve, reject) => {
    const socket = connect({ ...to, noDelay: true } as Parameters<typeof connect>[0] & object);
    const timer = setTimeout(() => socket.destroy(new Error('no answer')), CONNECT_MS);
    socket.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      // A socket has its name a moment before it is listened to.
      if ('path' in to && error.code === 'ECONNREFUSED' && Date.now() < until)
        setTimeout(() => void open(address, option, until).then(resolve, reject), POLL_MS);
      else reject(new InputError(`nothing can be reached at ${address}: ${error.message}`, {}, `start QEMU with ${option}`));
    });
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(lineOf(socket));
    });
  });
}

function lineOf(socket: Socket): Line {
  let isOpen = true;
  return {
    send: (bytes) => void (isOpen && socket.write(bytes)),
    close: () => {
      isOpen = false;
      socket.destroy();
    },
    listen: (receive, closed) => {
      const end = (): void => {
        if (!isOpen) return;
        isOpen = false;
        closed();
      };
      socket.removeAllListeners('error');
      socket.on('error', end);
      socket.on('close', end);
      socket.on('data', (bytes) => isOpen && receive(bytes));
    },
  };
}

/** A file in a folder of our own, which QEMU makes when it writes. */
function log(): LogFile {
  const path = join(privateFolder(), `log-${randomUUID().slice(0, 8)}`);
  let file: FileHandle | undefined;
  return {
    path,
    read: async () => {
      file ??= await openFile(path, 'r');
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_AT_ONCE));
      return buffer.toString('latin1', 0, bytesRead);
    },
    close: () => {
      void file?.close();
      rmSync(path, { force: true });
    },
  };
}

/** A socket in a folder of our own, for one connection. */
async function receive(most: number): Promise<Receiver> {
  const folder = privateFolder();
  const path = join(folder, `state-${randomUUID().slice(0, 8)}`);
  const server = createServer();
  server.maxConnections = 1;
  const bytes = new Promise<Uint8Array>((resolve, reject) => {
    server.once('connection', (socket) => {
      const parts: Buffer[] = [];
      let length = 0;
      socket.on('data', (part) => {
        length += part.length;
        if (length > most) socket.destroy(new Error('it is larger than the memory of the machine'));
        else parts.push(part);
      });
      socket.once('error', reject);
      socket.once('end', () => resolve(Buffer.concat(parts)));
      socket.once('close', () => reject(new InputError('QEMU broke off sending its state')));
    });
  });
  // Nobody may wait for it.
  bytes.catch(() => undefined);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return {
    uri: `unix:${path}`,
    bytes,
    close: () => {
      server.close();
      rmSync(path, { force: true });
    },
  };
}
