/** Two ends of a connection: by structured clone, as message ports do it, and through bytes, as WebSockets do; and waiting at one of them. */
import type { SessionClient } from '../../emulator/session/client.ts';
import { messagePort, webSocketPort, type Port, type WebSocketLike } from '../../emulator/session/port.ts';
import type { StatusView } from '../../emulator/session/views.ts';

export interface Connection {
  readonly client: Port;
  readonly server: Port;
  close(): void;
}

export function clonedMessages(): Connection {
  const { port1, port2 } = new MessageChannel();
  const wrap = (port: MessagePort): Port =>
    messagePort(port, (receive) => {
      port.onmessage = ({ data }) => receive(data);
    });
  return { client: wrap(port1), server: wrap(port2), close: () => port1.close() };
}

export function bytesOnly(): Connection {
  const ends: WebSocketLike[] = [];
  const make = (other: () => WebSocketLike): WebSocketLike => ({
    binaryType: '',
    send: (data) => setImmediate(() => other().onmessage?.({ data: data.buffer.slice(0) })),
    close: () => setImmediate(() => other().onclose?.()),
    onmessage: null,
    onclose: null,
  });
  ends.push(
    make(() => ends[1]),
    make(() => ends[0]),
  );
  return { client: webSocketPort(ends[0]), server: webSocketPort(ends[1]), close: () => ends[0].close() };
}

/** The first status of a session, from now on, that is a wanted one. */
export const statusOf = (client: SessionClient, wanted: (status: StatusView) => boolean): Promise<StatusView> =>
  new Promise((resolve) => {
    const stop = client.subscribe('status', {}, (status) => {
      if (!wanted(status)) return;
      queueMicrotask(() => stop());
      resolve(status);
    });
  });
