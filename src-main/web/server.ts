/** The web shell: one page and its sessions, over HTTP and WebSocket, for the person at this computer only. */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { limits, type AttachPlace, type LostRun } from '../../emulator/index.ts';
import { pageHeaders } from '../content-security-policy.ts';
import type { KeptRuns } from '../kept-runs.ts';
import { prepareThread, startSession, type Program, type SessionThread } from '../session-thread.ts';
import { UsageError } from '../usage.ts';
import { Access } from './access.ts';
import { Resume } from './resume.ts';

export interface WebShell {
  readonly port: number;
  /** A new address to open in a browser. It works once; `used` is called when it is opened. */
  invite(used: () => void): string;
  /** A program's file has been rewritten: it is opened in the sessions that show it, and in later ones. */
  reload(program: Program): void;
  close(): void;
}

export interface WebShellOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly program: Program | undefined;
  /** A QEMU to attach to at once. */
  readonly attach?: AttachPlace | undefined;
  /** Folders, named by the person, in which sources may be read (source-text.ts). */
  readonly sources: readonly string[];
  /** Leaves sockets of vite's hot reload to `page`. */
  readonly hotReload?: boolean;
  /** Milliseconds in which a request must be whole. */
  readonly patience?: number;
  /** Bytes that the recording of each session may take. */
  readonly budget: number;
  readonly kept: KeptRuns;
  /** What is to be known when the shell is started again lies here. Undefined: nothing. */
  readonly folder: string | undefined;
  /** Serves the page. It gets only requests that may be served. */
  readonly page: (server: Server) => RequestListener | Promise<RequestListener>;
}

/**
 * What a ticket opens: it leads to the page. A redirection would not do: where another page led here, the browser keeps the cookie
 * (SameSite) from all that follows, and this page is not another.
 */
const welcome = '<!doctype html><meta http-equiv="refresh" content="0; url=/"><link rel="icon" href="data:,"><title>ELscope</title>';

/** Rejects with UsageError when the port cannot be had. */
export async function startWebShell(options: WebShellOptions): Promise<WebShell> {
  const { patience = 10_000 } = options;
  // Whoever connects and does not ask, or asks slowly, is not waited for.
  const server = createServer({ headersTimeout: patience, requestTimeout: patience, connectionsCheckingInterval: patience / 4 });
  const port = await listen(server, options.port);
  const dropThread = prepareThread();
  const access = new Access(port);
  const resume = new Resume(options.folder, port);
  const page = await options.page(server);
  const sessions = new Set<SessionThread>();
  let program = options.program;

  server.on('request', (request, response) => {
    for (const [name, value] of Object.entries(pageHeaders)) response.setHeader(name, value);
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
    const ticket = url.searchParams.get('token');
    const known = access.rightCookie(request.headers);
    if (url.pathname === '/' && ticket !== null) {
      if (request.method === 'GET' && access.admit(ticket))
        return void response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': access.cookie }).end(welcome);
      // The same person again, by the address in the browser's history.
      if (known) return void response.writeHead(303, { location: '/' }).end();
      return refuse(403, 'This address has been used or is from an earlier run. Open the one that ELscope printed last.');
    }
    if (url.pathname === '/resume') return comeBack(url, request, response, known);
    if (!known) return refuse(403, 'Open the whole address that ELscope printed last, with its token.');
    page(request, response);
  }

  /** A page that lost its connection, and perhaps the shell that it came from. Only the page itself may ask. */
  function comeBack({ searchParams }: URL, { headers }: IncomingMessage, response: ServerResponse, known: boolean): void {
    const tell = (status: number, answer: object): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    if (headers['sec-fetch-site'] !== 'same-origin') return tell(403, {});
    const [question, own, proof] = ['question', 'own', 'proof'].map((name) => searchParams.get(name));
    // Who is known needs nothing, and gets what will be needed later.
    if (known) return tell(200, { key: resume.key });
    if (question === null || own === null || proof === null) return tell(200, { question: resume.ask() });
    const answer = resume.answer(question, own, proof);
    if (answer === undefined) return tell(403, {});
    tell(200, { proof: answer, ticket: new URL(access.invite(() => undefined)).searchParams.get('token') });
  }

  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: limits.imageBytes + (1 << 20) });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const { headers } = request;
    if (options.hotReload && headers['sec-websocket-protocol']?.startsWith('vite-')) return;
    if (request.url !== '/session' || !access.rightHost(headers) || !access.rightOrigin(headers) || !access.rightCookie(headers)) {
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n', () => socket.destroy());
      return;
    }
    sockets.handleUpgrade(request, socket, head, serve);
  });

  /** The run of a session that ended unasked. */
  let lost: LostRun | undefined;
  function serve(socket: WebSocket): void {
    const session = startSession(
      {
        shell: 'web',
        transport: 'bytes',
        program,
        sources: options.sources,
        budget: options.budget,
        lost,
        attach: options.attach,
        kept: options.kept,
      },
      (ending) => {
        sessions.delete(session);
        if (ending) {
          console.error('A session has ended:', ending.error);
          // The next one continues: that is the page, loaded again.
          lost = ending.lost;
          socket.send(ending.message as Uint8Array);
        }
        socket.close(ending ? 1011 : 1000);
      },
    );
    lost = undefined;
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
    port,
    invite: (used) => access.invite(used),
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
