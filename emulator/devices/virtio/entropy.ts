/** A source of random numbers (Virtual I/O Device specification 1.1, section 5.4). They follow from a seed: every run sees the same. */
import type { ByteReader, ByteWriter } from '../../base/bytes.ts';
import type { DmaMemory } from '../dma.ts';
import type { ServedQueue, VirtioFunction } from './function.ts';
import { feature, roomOf, writeSegments } from './virtqueue.ts';

/** A driver asks for some dozen bytes. */
const MOST_BYTES = 1 << 16;

export class Entropy implements VirtioFunction {
  readonly id = 4;
  readonly queues = 1;
  readonly features = 0;
  readonly legacyFeatures = 1 << feature.anyLayout;
  readonly configuration = new Uint8Array();
  private state: number;

  constructor(
    private readonly memory: DmaMemory,
    seed: number,
  ) {
    this.state = seed >>> 0;
  }

  configure(): void {}

  serve(_number: number, queue: ServedQueue): void {
    for (let chain = queue.take(); chain; chain = queue.take()) {
      const bytes = Uint8Array.from({ length: Math.min(MOST_BYTES, roomOf(chain.writable)) }, () => this.next());
      writeSegments(this.memory, chain.writable, bytes);
      queue.give(chain, bytes.length);
    }
  }

  /** The next byte, of a sequence of 2^32 numbers that are mixed well (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators"). */
  private next(): number {
    this.state = (this.state + 0x9e37_79b9) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0_aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97);
    return (mixed ^ (mixed >>> 15)) & 0xff;
  }

  /** The sequence goes on: a program that starts again gets other numbers. */
  reset(): void {}
  save(writer: ByteWriter): void {
    writer.u32(this.state);
  }
  load(reader: ByteReader): void {
    this.state = reader.u32();
  }
}
