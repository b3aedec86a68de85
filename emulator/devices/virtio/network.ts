/** A network card whose cable leads nowhere (Virtual I/O Device specification 1.1, section 5.1): what is sent is lost, and nothing arrives. */
import type { ByteReader, ByteWriter } from '../../base/bytes.ts';
import type { ServedQueue, VirtioFunction } from './function.ts';
import { feature } from './virtqueue.ts';

const MAC = 1 << 5;
const STATUS = 1 << 16;
/** QEMU's first card: an address from its own range. */
const address = [0x52, 0x54, 0x00, 0x12, 0x34, 0x56];
const LINK_UP = 1;
const TRANSMIT_QUEUE = 1;

export class Network implements VirtioFunction {
  readonly id = 1;
  readonly queues = 2;
  readonly features = MAC | STATUS;
  readonly legacyFeatures = 1 << feature.anyLayout;
  readonly configuration = Uint8Array.of(...address, LINK_UP, 0);

  /** A legacy driver may give the card another address. */
  configure(offset: number, value: number): void {
    if (offset < address.length) this.configuration[offset] = value;
  }
  serve(number: number, queue: ServedQueue): void {
    if (number !== TRANSMIT_QUEUE) return;
    for (let chain = queue.take(); chain; chain = queue.take()) queue.give(chain, 0);
  }
  reset(): void {
    this.configuration.set(address);
  }
  save(writer: ByteWriter): void {
    writer.raw(this.configuration.subarray(0, address.length));
  }
  load(reader: ByteReader): void {
    this.configuration.set(reader.raw(address.length));
  }
}
