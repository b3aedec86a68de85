/** What is plugged into a virtio slot: the part of a device that the transport knows nothing of. */
import type { ByteReader, ByteWriter } from '../../base/bytes.ts';
import type { Chain } from './virtqueue.ts';

/** A queue as a device works through it. */
export interface ServedQueue {
  /** The next chain that waits; undefined where there is none. */
  take(): Chain | undefined;
  /** Gives a chain back, of which so many bytes were written. */
  give(chain: Chain, written: number): void;
}

export interface VirtioFunction {
  /** Number of the kind (specification 1.1, section 5). */
  readonly id: number;
  /** Bits of features beside those of every queue, and more that only the legacy interface offers. */
  readonly features: number;
  readonly legacyFeatures: number;
  readonly queues: number;
  /** The configuration space; only to read. */
  readonly configuration: Uint8Array;
  /** Bytes from outside, for the queue of this number. */
  readonly incoming?: { readonly queue: number; put(bytes: Uint8Array): void };
  /** A byte of the configuration space is written. */
  configure(offset: number, value: number): void;
  /** The driver is ready, with these features. */
  start?(has: (feature: number) => boolean): void;
  /** The driver says that chains wait in the queue of this number. Throws BrokenQueue for a driver that breaks the rules. */
  serve(number: number, queue: ServedQueue): void;
  reset(): void;
  save(writer: ByteWriter): void;
  load(reader: ByteReader): void;
}
