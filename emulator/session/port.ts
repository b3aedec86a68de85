/** What a transport gives: ordered messages of plain data (with Uint8Array) both ways. */
import { InputError } from '../base/errors.ts';
import { decodeMessage, encodeMessage } from './codec.ts';

export interface Port {
  send(message: unknown): void;
  /** One listener; messages that came before it was set are kept for it. What came damaged is an InputError in place of a message. */
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

/** The part of MessagePort, Worker and worker_threads that is used here. */
export interface MessagePortLike {
  postMessage(message: unknown): void;
  close?(): void;
}

/** A port over anything that clones structured data. `listen` connects the owner's way of receiving. */
export function messagePort(port: MessagePortLike, listen: (receive: (message: unknown) => void, closed: () => void) => void): Port {
  const inbox = new Inbox();
  listen(
    (message) => inbox.receive(message),
    () => inbox.close(),
  );
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => inbox.listen(listener),
    onClose: (listener) => inbox.listenClose(listener),
    close: () => port.close?.(),
  };
}

/** The part of a WebSocket that is used here, of the browser's and of `ws`. */
export interface WebSocketLike {
  binaryType: string;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(): void;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
}

export function webSocketPort(socket: WebSocketLike): Port {
  const inbox = new Inbox();
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }) => {
    inbox.receive(data instanceof ArrayBuffer ? decoded(data) : new InputError('a message of text', {}, 'expected bytes'));
  };
  socket.onclose = () => inbox.close();
  return {
    send: (message) => socket.send(encodeMessage(message)),
    onMessage: (listener) => inbox.listen(listener),
    onClose: (listener) => inbox.listenClose(listener),
    close: () => socket.close(),
  };
}

function decoded(data: ArrayBuffer): unknown {
  try {
    return decodeMessage(new Uint8Array(data));
  } catch (error) {
    return error;
  }
}

/** Keeps what arrives until somebody listens. */
class Inbox {
  private listener: ((message: unknown) => void) | undefined;
  private closeListener: (() => void) | undefined;
  private waiting: unknown[] = [];
  private closed = false;

  receive(message: unknown): void {
    if (this.listener) this.listener(message);
    else this.waiting.push(message);
  }
  listen(listener: (message: unknown) => void): void {
    this.listener = listener;
    for (const message of this.waiting.splice(0)) listener(message);
  }
  close(): void {
    this.closed = true;
    this.closeListener?.();
  }
  listenClose(listener: () => void): void {
    this.closeListener = listener;
    if (this.closed) listener();
  }
}
