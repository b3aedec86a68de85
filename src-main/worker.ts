/** Entry of the thread in which a session runs. See session-thread.ts, which starts it. */
import { parentPort, workerData } from 'node:worker_threads';
import { messagePort, serveSession, webSocketPort, type Port, type WebSocketLike } from '../emulator/index.ts';
import { askingHost, type Answer } from './host-messages.ts';
import type { Order, ThreadData } from './session-thread.ts';

const { shell, transport, port, program, scenarios } = workerData as ThreadData;

function messages(): Port {
  return messagePort(port, (receive, closed) => {
    port.on('message', receive);
    port.on('close', closed);
  });
}

/** The bytes of WebSocket messages, which the shell only passes on. */
function bytes(): Port {
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

const image = program && { image: program };
const { host, receive } = askingHost(scenarios);
const session = serveSession(transport === 'bytes' ? bytes() : messages(), { shell, host, ...image });
parentPort!.on('message', (message: Order | Answer) => {
  if ('order' in message) session[message.order](message.program);
  else receive(message);
});
