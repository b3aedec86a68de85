/** The numbers of the stream in which QEMU sends its state, which are big-endian. */
import { InputError } from '../../base/errors.ts';

const SUBSECTION = 5;

export class Stream {
  at = 0;
  private readonly view: DataView;
  constructor(private readonly data: Uint8Array) {
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }
  get left(): number {
    return this.data.length - this.at;
  }
  u8(): number {
    return this.view.getUint8(this.take(1));
  }
  u32(): number {
    return this.view.getUint32(this.take(4));
  }
  u64(): bigint {
    return this.view.getBigUint64(this.take(8));
  }
  /** Below 2^53. */
  count(): number {
    const value = this.u64();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw broken('a number is too large', this.at - 8);
    return Number(value);
  }
  raw(bytes: number): Uint8Array {
    const at = this.take(bytes);
    return this.data.subarray(at, at + bytes);
  }
  /** A name with its length in front. */
  name(): string {
    return new TextDecoder().decode(this.raw(this.u8()));
  }
  /** Goes to the data of the subsection of this name, if it comes next. */
  subsection(name: string): boolean {
    if (this.left < 2 || this.u8() !== SUBSECTION || this.name() !== name) return false;
    this.u32();
    return true;
  }
  private take(bytes: number): number {
    const { at } = this;
    if (bytes > this.left) throw broken('it is cut off', at);
    this.at += bytes;
    return at;
  }
}
export const broken = (why: string, offset: number): InputError => new InputError(`the state that QEMU sent: ${why}`, { offset });
