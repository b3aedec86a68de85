/** Reading and writing of little-endian binary data: machine states, recordings. What ends too early or makes no sense says where. */
import { InputError } from './errors.ts';

const HIGH = 2 ** 32;

export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

export class ByteWriter {
  private buffer: Uint8Array<ArrayBuffer>;
  private view: DataView;
  /** Bytes written so far. */
  length = 0;

  constructor(capacity = 1024) {
    this.buffer = new Uint8Array(capacity);
    this.view = new DataView(this.buffer.buffer);
  }

  u8(value: number): this {
    const at = this.grow(1);
    this.view.setUint8(at, value);
    return this;
  }
  u16(value: number): this {
    const at = this.grow(2);
    this.view.setUint16(at, value, true);
    return this;
  }
  u32(value: number): this {
    const at = this.grow(4);
    this.view.setUint32(at, value, true);
    return this;
  }
  u64(value: bigint): this {
    const at = this.grow(8);
    this.view.setBigUint64(at, value, true);
    return this;
  }
  /** A whole number from 0 to 2^53 - 1, in eight bytes. */
  count(value: number): this {
    return this.u32(value % HIGH).u32(Math.floor(value / HIGH));
  }
  f64(value: number): this {
    const at = this.grow(8);
    this.view.setFloat64(at, value, true);
    return this;
  }
  flag(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }
  /** The bytes alone: who reads them must know how many. */
  raw(bytes: Uint8Array): this {
    const at = this.grow(bytes.length);
    this.buffer.set(bytes, at);
    return this;
  }
  /** The length in 32 bits, then the bytes. */
  bytes(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }
  text(text: string): this {
    return this.bytes(new TextEncoder().encode(text));
  }

  /** A copy of what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.length);
  }

  /** Makes room; returns the offset of it. It may replace the buffer and the view: call it before taking hold of them. */
  private grow(bytes: number): number {
    const at = this.length;
    this.length += bytes;
    if (this.length > this.buffer.length) {
      const larger = new Uint8Array(Math.max(this.length, 2 * this.buffer.length));
      larger.set(this.buffer);
      this.buffer = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }
}

export class ByteReader {
  offset = 0;
  private readonly view: DataView;

  constructor(
    private readonly data: Uint8Array,
    /** Where the bytes come from, for messages. */
    readonly file?: string,
    /** Offset of the first byte in that file. */
    private readonly base = 0,
  ) {
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  get length(): number {
    return this.data.length;
  }
  get remaining(): number {
    return this.data.length - this.offset;
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }
  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }
  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }
  u64(): bigint {
    return this.view.getBigUint64(this.take(8), true);
  }
  count(): number {
    const at = this.offset;
    const low = this.u32(),
      value = this.u32() * HIGH + low;
    if (!Number.isSafeInteger(value)) throw this.error('the number is too large', 'expected less than 2^53', at);
    return value;
  }
  f64(): number {
    return this.view.getFloat64(this.take(8), true);
  }
  flag(): boolean {
    const value = this.u8();
    if (value > 1) throw this.error(`0x${value.toString(16)} is neither yes nor no`, 'expected 0 or 1', this.offset - 1);
    return value === 1;
  }
  /** A 32-bit number of things that follow, each of at least `size` bytes: a nonsensical number is refused before it costs memory. */
  countOf(size: number): number {
    const at = this.offset;
    const count = this.u32();
    if (count * size > this.remaining)
      throw this.error(`${count} entries should follow, but only ${this.remaining} bytes are left`, undefined, at);
    return count;
  }
  /** A view of the next bytes, not a copy. */
  raw(length: number): Uint8Array {
    const at = this.take(length);
    return this.data.subarray(at, at + length);
  }
  bytes(): Uint8Array {
    return this.raw(this.u32());
  }
  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  /** An InputError at `offset`, or where the reader is. */
  error(problem: string, hint?: string, offset = this.offset): InputError {
    const at = { offset: this.base + offset };
    return new InputError(problem, this.file === undefined ? at : { file: this.file, ...at }, hint);
  }

  private take(bytes: number): number {
    const at = this.offset;
    if (bytes > this.remaining)
      throw this.error(`${bytes} more bytes should follow, but only ${this.remaining} are left`, 'the data is cut off');
    this.offset += bytes;
    return at;
  }
}
