/** A section while it is written: bytes one after another, and where each line's code and each kind of content begins. */
import { SourceError } from './source.ts';

/** What a section needs of the memory that it is loaded into. */
export interface Access {
  readonly write: boolean;
  readonly execute: boolean;
}

/** From this offset on, an address holds code or data: the mapping symbols $x and $d (ELF for the Arm 64-bit Architecture, 5.7). */
export interface Mapping {
  readonly offset: number;
  readonly kind: 'code' | 'data';
}

export interface SourceLine {
  readonly offset: number;
  readonly line: number;
}

/** A program that a person writes is far smaller; one that is larger has a wrong number in a directive. */
export const LARGEST = 16 << 20;

export class Section {
  readonly mappings: Mapping[] = [];
  readonly lines: SourceLine[] = [];
  /** The largest alignment asked for, in bytes: the section begins at a multiple of it. */
  alignment = 1;
  /** The location counter. */
  size = 0;
  private content = new Uint8Array(256);

  constructor(
    readonly name: string,
    readonly access: Access,
    /** Without content in the file, all zero in memory: NOBITS. */
    readonly isEmpty: boolean,
    /** The VA of its first byte, as far as earlier passes tell. */
    readonly base: bigint,
  ) {
    if (access.execute) this.alignment = 4;
  }

  get bytes(): Uint8Array {
    return this.isEmpty ? new Uint8Array() : this.content.subarray(0, this.size);
  }

  /** The VA of the location counter. */
  get here(): bigint {
    return this.base + BigInt(this.size);
  }

  append(bytes: Uint8Array, kind: Mapping['kind']): void {
    const from = this.size;
    if (this.isEmpty && bytes.some((byte) => byte !== 0))
      throw new SourceError(`${this.name} holds zeros only: use .skip, or another section`);
    this.grow(bytes.length);
    if (bytes.length > 0 && this.mappings.at(-1)?.kind !== kind) this.mappings.push({ offset: from, kind });
    if (!this.isEmpty) this.content.set(bytes, from);
  }

  /** `count` times one byte. */
  fill(count: number, byte: number): void {
    if (this.isEmpty && byte === 0) this.grow(count);
    else {
      this.check(count);
      this.append(new Uint8Array(count).fill(byte), 'data');
    }
  }

  /** Up to a multiple of `alignment` bytes; code is filled with NOP where no `byte` is given. Skips nothing where `most` would not do. */
  align(alignment: number, byte: number | undefined, most = Infinity): void {
    this.alignment = Math.max(this.alignment, alignment);
    const count = (alignment - (this.size % alignment)) % alignment;
    if (count === 0 || count > most) return;
    if (byte !== undefined || !this.access.execute) {
      this.fill(count, byte ?? 0);
      return;
    }
    this.fill(count % 4, 0);
    this.check(count);
    for (let at = 0; at < count - (count % 4); at += 4) this.append(NOP, 'code');
  }

  private grow(count: number): void {
    this.check(count);
    this.size += count;
    if (this.isEmpty || this.size <= this.content.length) return;
    const larger = new Uint8Array(Math.max(this.size, 2 * this.content.length));
    larger.set(this.content);
    this.content = larger;
  }

  private check(count: number): void {
    if (this.size + count > LARGEST) throw new SourceError(`${this.name} would exceed ${LARGEST >> 20} MiB`);
  }
}
const NOP = Uint8Array.of(0x1f, 0x20, 0x03, 0xd5);
