/**
 * A split virtqueue (Virtual I/O Device specification 1.1, section 2.6): the driver makes chains of descriptors available, the device takes
 * them, fills what it may write, and gives them back as used. It lies in the guest's memory; what the device keeps of it is here.
 */
import { PA } from '../../base/addresses.ts';
import type { ByteReader, ByteWriter } from '../../base/bytes.ts';
import type { DmaMemory } from '../dma.ts';

export const MOST_ENTRIES = 1024;
/** Feature bits that change how a queue works (section 6). */
export const feature = { notifyOnEmpty: 24, anyLayout: 27, indirect: 28, eventIdx: 29 } as const;

const DESCRIPTOR = 16;
const descriptor = { next: 1, write: 2, indirect: 4 } as const;
const NO_INTERRUPT = 1;
/** Of all buffers of a chain: one request is one step of the machine. No driver asks for a tenth of it. */
const MOST_BYTES = 64 << 20;

/** A range of the guest's memory that belongs to a request. */
export interface Segment {
  readonly pa: PA;
  readonly bytes: number;
}
/** What the driver wants done. */
export interface Chain {
  /** Number of its first descriptor, by which it is given back. */
  readonly head: number;
  readonly readable: readonly Segment[];
  readonly writable: readonly Segment[];
}

/** The driver broke a rule: the device does nothing more until it is reset. */
export class BrokenQueue extends Error {}

export class Virtqueue {
  /** Entries; the driver may choose fewer than there can be. */
  entries = MOST_ENTRIES;
  /** PAs of the three parts: descriptor table, available ring ("driver area"), used ring ("device area"). No table or no ring: not in use. */
  table = 0;
  available = 0;
  used = 0;
  /** Legacy interface: alignment of the used ring. */
  alignment = 4096;
  /** How many chains were taken, and given back, modulo 2^16. */
  private taken = 0;
  private given = 0;
  /** `given` when the driver was last notified; undefined: not yet. */
  private notifiedAt: number | undefined;
  /** Taken and not given back. */
  private underWay = 0;

  constructor(private readonly memory: DmaMemory) {}

  reset(): void {
    this.entries = MOST_ENTRIES;
    this.table = this.available = this.used = 0;
    this.alignment = 4096;
    this.taken = this.given = this.underWay = 0;
    this.notifiedAt = undefined;
  }

  /** Legacy interface: the parts follow each other (section 2.6.2). */
  placeAt(table: number): void {
    this.table = table;
    this.available = table + DESCRIPTOR * this.entries;
    this.used = Math.ceil((this.available + 4 + 2 * this.entries) / this.alignment) * this.alignment;
  }

  private get isInUse(): boolean {
    return this.table !== 0 && this.available !== 0;
  }
  /** Whether no chain waits. */
  get isEmpty(): boolean {
    return !this.isInUse || this.half(this.available + 2) === this.taken;
  }

  /** The next chain; undefined where there is none. Throws BrokenQueue. */
  take(has: (feature: number) => boolean): Chain | undefined {
    if (!this.isInUse) return undefined;
    const waiting = (this.half(this.available + 2) - this.taken) & 0xffff;
    if (waiting === 0) return undefined;
    if (waiting > this.entries) throw new BrokenQueue(`${waiting} chains are available in a queue of ${this.entries} entries`);
    const head = this.half(this.available + 4 + 2 * (this.taken % this.entries));
    if (head >= this.entries) throw new BrokenQueue(`descriptor ${head} is available in a queue of ${this.entries} entries`);
    this.taken = (this.taken + 1) & 0xffff;
    if (has(feature.eventIdx)) this.setHalf(this.used + 4 + 8 * this.entries, this.taken);
    const chain = this.follow(head);
    this.underWay++;
    return chain;
  }

  /** Gives a chain back, of which the device wrote so many bytes. */
  give({ head }: Chain, written: number): void {
    const at = this.used + 4 + 8 * (this.given % this.entries);
    const bytes = new Uint8Array(8);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, head, true);
    view.setUint32(4, written, true);
    this.put(at, bytes);
    this.given = (this.given + 1) & 0xffff;
    this.setHalf(this.used + 2, this.given);
    this.underWay--;
  }

  /** Whether the driver wants to hear of what was given back since it was last asked (section 2.6.7). */
  wantsNotice(has: (feature: number) => boolean): boolean {
    if (has(feature.notifyOnEmpty) && this.underWay === 0 && this.isEmpty) return true;
    if (!has(feature.eventIdx)) return (this.half(this.available) & NO_INTERRUPT) === 0;
    const before = this.notifiedAt;
    this.notifiedAt = this.given;
    if (before === undefined) return true;
    const event = this.half(this.available + 4 + 2 * this.entries);
    return ((this.given - event - 1) & 0xffff) < ((this.given - before) & 0xffff);
  }

  /** Collects the descriptors of a chain. */
  private follow(head: number): Chain {
    let [table, entries, index] = [this.table, this.entries, head];
    const readable: Segment[] = [];
    const writable: Segment[] = [];
    let [pa, bytes, flags, next] = this.descriptorAt(table, index);
    if (flags & descriptor.indirect) {
      if (bytes === 0 || bytes % DESCRIPTOR !== 0) throw new BrokenQueue(`an indirect table of ${bytes} bytes`);
      [table, entries, index] = [pa, bytes / DESCRIPTOR, 0];
      [pa, bytes, flags, next] = this.descriptorAt(table, index);
    }
    for (let count = 1, total = bytes; ; count++, total += bytes) {
      if (total > MOST_BYTES) throw new BrokenQueue(`a request of more than ${MOST_BYTES} bytes`);
      if (bytes === 0) throw new BrokenQueue('a descriptor of no bytes');
      if (count > Math.min(entries, MOST_ENTRIES)) throw new BrokenQueue('the descriptors of a chain form a loop');
      const segment = { pa: PA(pa), bytes };
      if (flags & descriptor.write) writable.push(segment);
      else if (writable.length > 0) throw new BrokenQueue('what the device reads comes after what it writes');
      else readable.push(segment);
      if (!(flags & descriptor.next)) return { head, readable, writable };
      if (next >= entries) throw new BrokenQueue(`descriptor ${next} of a table of ${entries}`);
      index = next;
      [pa, bytes, flags, next] = this.descriptorAt(table, index);
    }
  }

  private descriptorAt(table: number, index: number): [pa: number, bytes: number, flags: number, next: number] {
    const view = viewOf(this.get(table + DESCRIPTOR * index, DESCRIPTOR));
    return [
      view.getUint32(0, true) + view.getUint32(4, true) * 2 ** 32,
      view.getUint32(8, true),
      view.getUint16(12, true),
      view.getUint16(14, true),
    ];
  }

  private half(pa: number): number {
    return viewOf(this.get(pa, 2)).getUint16(0, true);
  }
  private setHalf(pa: number, value: number): void {
    this.put(pa, Uint8Array.of(value & 0xff, value >> 8));
  }
  private get(pa: number, length: number): Uint8Array {
    const bytes = this.memory.read(PA(pa), length);
    if (!bytes) throw new BrokenQueue(`a queue at PA 0x${pa.toString(16)}, where there is no memory`);
    return bytes;
  }
  private put(pa: number, bytes: Uint8Array): void {
    if (!this.memory.isWritable(PA(pa), bytes.length)) throw new BrokenQueue(`a used ring at PA 0x${pa.toString(16)}, which is no RAM`);
    this.memory.write(PA(pa), bytes);
  }

  save(writer: ByteWriter): void {
    writer.u32(this.entries).count(this.table).count(this.available).count(this.used).u32(this.alignment);
    writer
      .u16(this.taken)
      .u16(this.given)
      .u32(this.notifiedAt ?? NEVER)
      .u16(this.underWay);
  }
  load(reader: ByteReader): void {
    this.entries = Math.min(reader.u32(), MOST_ENTRIES);
    this.table = reader.count();
    this.available = reader.count();
    this.used = reader.count();
    this.alignment = reader.u32();
    this.taken = reader.u16();
    this.given = reader.u16();
    const notifiedAt = reader.u32();
    this.notifiedAt = notifiedAt === NEVER ? undefined : notifiedAt;
    this.underWay = reader.u16();
  }
}
const NEVER = 0xffff_ffff;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** All bytes that a chain gives, or the first `most` of them. Throws BrokenQueue where there is no memory. */
export function readSegments(memory: DmaMemory, segments: readonly Segment[], most = Infinity): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const { pa, bytes } of segments) {
    const wanted = Math.min(bytes, most - length);
    if (wanted <= 0) break;
    const part = memory.read(pa, wanted);
    if (!part) throw new BrokenQueue(`a buffer at PA 0x${pa.toString(16)}, where there is no memory`);
    parts.push(part);
    length += wanted;
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Puts bytes into the segments, from a byte of them on. Throws BrokenQueue where there is no RAM. */
export function writeSegments(memory: DmaMemory, segments: readonly Segment[], bytes: Uint8Array, from = 0): void {
  let skip = from;
  let done = 0;
  for (const { pa, bytes: room } of segments) {
    if (skip >= room) {
      skip -= room;
      continue;
    }
    const part = bytes.subarray(done, done + room - skip);
    if (part.length === 0) return;
    const at = PA(pa + skip);
    if (!memory.isWritable(at, part.length)) throw new BrokenQueue(`a buffer at PA 0x${at.toString(16)}, which is no RAM`);
    memory.write(at, part);
    done += part.length;
    skip = 0;
  }
}

export const roomOf = (segments: readonly Segment[]): number => segments.reduce((sum, { bytes }) => sum + bytes, 0);
