/** MessageChannelMain: two entangled ports, one of which may be handed to a page. Data is copied; nothing is shared or moved. */
import { EventEmitter } from 'node:events';

export class MessagePortMain extends EventEmitter {
  /** Set by the channel. */
  other!: MessagePortMain;
  /** Where messages to this port go after it was handed to a page. */
  private page: ((data: unknown) => void) | undefined;
  private readonly waiting: unknown[] = [];
  private started = false;
  private closed = false;

  start(): void {
    this.started = true;
    for (const data of this.waiting.splice(0)) this.deliver(data);
  }
  postMessage(message: unknown): void {
    if (this.closed) return;
    const data: unknown = structuredClone(message);
    setImmediate(() => this.other.receive(data));
  }
  close(): void {
    if (this.closed) return;
    this.closed = true;
    setImmediate(() => this.emit('close'));
    this.other.close();
  }

  /** Hands this port to a page. */
  handOver(page: (data: unknown) => void): void {
    this.page = page;
    for (const data of this.waiting.splice(0)) page(data);
  }
  private receive(data: unknown): void {
    if (this.page) this.page(data);
    else if (this.started) this.deliver(data);
    else this.waiting.push(data);
  }
  private deliver(data: unknown): void {
    this.emit('message', { data, ports: [] });
  }
}

export class MessageChannelMain {
  readonly port1 = new MessagePortMain();
  readonly port2 = new MessagePortMain();

  constructor() {
    this.port1.other = this.port2;
    this.port2.other = this.port1;
  }
}
