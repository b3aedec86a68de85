/** Entry of the thread in which a session runs. See session-thread.ts, which starts it. */
import { parentPort } from 'node:worker_threads';
import { messagePort, serveSession, webSocketPort, type JournalEntry, type Port, type WebSocketLike } from '../emulator/index.ts';
import { listenForGdb } from './gdb-server.ts';
import { askingHost, type Answer } from './host-messages.ts';
import type { Order, ThreadData, Told } from './session-thread.ts';

/** Serves a session and gives what deals with all that the shell says after that. */
function begin({ shell, transport, port, program, scenarios, budget, lost, attach, run }: ThreadData): (message: Order | Answer) => void {
  const image = program && { image: program };
  const { host, receive } = askingHost(scenarios);
  const journal = (entry: JournalEntry): void => parentPort!.postMessage({ journal: entry } satisfies Told);
  const session = serveSession(transport === 'bytes' ? bytes(port) : messages(port), {
    shell,
    host: {
      ...host,
      attach: (place) => {
        parentPort!.postMessage({ isAttached: true } satisfies Told);
        return host.attach(place);
      },
    },
    budget,
    journal,
    ...(run !== undefined && { run }),
    listenForGdb,
    ...(lost && { lost }),
    ...(attach && { attach }),
    ...image,
  });
  return (message) => {
    if (!('order' in message)) receive(message);
    else if (message.order === 'tell') session.tell(message.sentence);
    else if (message.order === 'leave') void session.close().then(() => process.exit());
    else session[message.order](message.program);
  };
}

function messages(port: ThreadData['port']): Port {
  return messagePort(port, (receive, closed) => {
    port.on('message', receive);
    port.on('close', closed);
  });
}

/** The bytes of WebSocket messages, which the shell only passes on. */
function bytes(port: ThreadData['port']): Port {
  const socket: WebSocketLike = {
    binaryType: 'arraybuffer',
    send: (data) => port.postMessage(data.buffer, [data.buffer]),
    close: () => port.close(),
    onmessage: null,
    onclose: null,
  };
  port.on('message', (data: unknown) => socket.onmessage?.({ data }));
  port.on('close', () => socket.onclose?.());
  return webSocketPort(socket);
}

let deal: ((message: Order | Answer) => void) | undefined;
parentPort!.on('message', (message: ThreadData | Order | Answer) => {
  if (deal) deal(message as Order | Answer);
  else deal = begin(message as ThreadData);
});
