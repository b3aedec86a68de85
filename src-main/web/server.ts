/** The web shell: one page and its sessions, over HTTP and WebSocket, for the person at this computer only. */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { limits } from '../../emulator/index.ts';
import { contentSecurityPolicy } from '../content-security-policy.ts';
import { prepareThread, startSession, type Program, type SessionThread } from '../session-thread.ts';
import { UsageError } from '../usage.ts';
import { Access } from './access.ts';

export interface WebShell {
  /** The address to open in a browser. */
  readonly url: string;
  /** A program's file has been rewritten: it is opened in the sessions that show it, and in later ones. */
  reload(program: Program): void;
  close(): void;
}

export interface WebShellOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly program: Program | undefined;
  /** Serves the page. It gets only requests that may be served. */
  readonly page: (server: Server) => RequestListener | Promise<RequestListener>;
}

/** Rejects with UsageError when the port cannot be had. */
export async function startWebShell(options: WebShellOptions): Promise<WebShell> {
  const server = createServer();
  const port = await listen(server, options.port);
  const dropThread = prepareThread();
  const access = new Access(port);
  const page = await options.page(server);
  const sessions = new Set<SessionThread>();
  let program = options.program;

  server.on('request', (request, response) => {
    response.setHeader('content-security-policy', `${contentSecurityPolicy}; frame-ancestors 'none'`);
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    response.setHeader('cross-origin-resource-policy', 'same-origin');
    response.setHeader('cache-control', 'no-store');
    answer(request, response);
  });

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const refuse = (status: number, why: string): void => void response.writeHead(status, { 'content-type': 'text/plain' }).end(why);
    if (!access.rightHost(request.headers)) return refuse(403, 'ELscope answers to its own address only.');
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'Only GET is understood.');
    let url: URL;
    try {
      url = new URL(request.url ?? '/', access.origin);
    } catch {
      return refuse(400, 'That is not an address.');
    }
    const token = url.searchParams.get('token');
    if (url.pathname === '/' && token !== null) {
      if (!access.rightToken(token)) return refuse(403, 'This address is from an earlier run. Open the one that ELscope printed last.');
      return void response.writeHead(303, { location: '/', 'set-cookie': access.cookie }).end();
    }
    if (!access.rightCookie(request.headers)) return refuse(403, 'Open the whole address that ELscope printed, with its token.');
    page(request, response);
  }

  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: limits.imageBytes + (1 << 20) });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Hot reload in development has a socket of its own on this server.
    if (request.headers['sec-websocket-protocol']?.startsWith('vite-')) return;
    const { headers } = request;
    if (request.url !== '/session' || !access.rightHost(headers) || !access.rightOrigin(headers) || !access.rightCookie(headers)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, serve);
  });

  function serve(socket: WebSocket): void {
    const session = startSession({ shell: 'web', transport: 'bytes', program }, (error) => {
      sessions.delete(session);
      if (error) console.error('A session has ended:', error);
      // A close frame has room for 123 bytes of reason.
      socket.close(
        error ? 1011 : 1000,
        Buffer.from(error?.message ?? '')
          .subarray(0, 120)
          .toString(),
      );
    });
    sessions.add(session);
    socket.binaryType = 'arraybuffer';
    socket.on('message', (data, isBinary) => {
      if (isBinary) session.port.postMessage(data, [data as ArrayBuffer]);
      // Not ours; the session says so.
      else session.port.postMessage('text');
    });
    session.port.on('message', (data: ArrayBuffer) => socket.send(data));
    socket.on('close', () => session.close());
    // What was wrong with the connection is the browser's business; `close` follows.
    socket.on('error', () => {});
  }

  return {
    url: access.entrance,
    reload(next) {
      program = next;
      for (const session of sessions) session.reload(next);
    },
    close() {
      dropThread();
      for (const session of sessions) session.close();
      sockets.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE' || error.code === 'EACCES'
          ? new UsageError(`port ${port} is not available: choose another with --port, or omit the option`)
          : error,
      ),
    );
    server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}
