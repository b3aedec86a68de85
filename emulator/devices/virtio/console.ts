/** A console with one port (Virtual I/O Device specification 1.1, section 5.3). */
import type { ByteReader, ByteWriter } from '../../base/bytes.ts';
import type { DmaMemory } from '../dma.ts';
import type { ServedQueue, VirtioFunction } from './function.ts';
import { feature, readSegments, roomOf, writeSegments } from './virtqueue.ts';

const EMERGENCY_WRITE = 1 << 2;
/** Of the configuration space: a character that is sent without any queue. */
const EMERGENCY_CHARACTER = 8;
const queue = { receive: 0, transmit: 1 } as const;

export class Console implements VirtioFunction {
  readonly id = 3;
  readonly queues = 2;
  readonly features = EMERGENCY_WRITE;
  readonly legacyFeatures = 1 << feature.anyLayout;
  readonly configuration = new Uint8Array(12);
  readonly incoming = {
    queue: queue.receive,
    put: (bytes: Uint8Array): void => {
      const all = new Uint8Array(this.received.length + bytes.length);
      all.set(this.received);
      all.set(bytes, this.received.length);
      this.received = all;
    },
  };
  /** What came in and found no buffer yet. */
  private received = new Uint8Array();

  constructor(
    private readonly memory: DmaMemory,
    /** A byte that the guest sends. */
    private readonly onTransmit: (byte: number) => void,
  ) {}

  configure(offset: number, value: number): void {
    if (offset === EMERGENCY_CHARACTER) this.onTransmit(value);
  }

  serve(number: number, served: ServedQueue): void {
    if (number === queue.transmit) {
      for (let chain = served.take(); chain; chain = served.take()) {
        for (const byte of readSegments(this.memory, chain.readable)) this.onTransmit(byte);
        served.give(chain, 0);
      }
      return;
    }
    while (this.received.length > 0) {
      const chain = served.take();
      if (!chain) return;
      const bytes = this.received.subarray(0, roomOf(chain.writable));
      writeSegments(this.memory, chain.writable, bytes);
      this.received = this.received.slice(bytes.length);
      served.give(chain, bytes.length);
    }
  }

  reset(): void {
    this.received = new Uint8Array();
  }
  save(writer: ByteWriter): void {
    writer.bytes(this.received);
  }
  load(reader: ByteReader): void {
    this.received = reader.bytes().slice();
  }
}
