/**
 * Events as records of 64 bytes in chunks of typed arrays. A program that traps all the while writes hundreds of thousands a second: one
 * place to write to costs a third of a column for each value, and chunks never have to be copied to grow.
 */
import { lowerBound } from './columns.ts';

const CHUNK_BITS = 12;
const PER_CHUNK = 1 << CHUNK_BITS;
const WORDS = 16;
const CHUNK_BYTES = PER_CHUNK * WORDS * 4;
const WIDES = WORDS / 2;

/** 64-bit fields, as indices of 64-bit words within a record. */
export const wide = { n: 0, pc: 3, elr: 4, far: 5, hpfar: 6 } as const;
/** 32-bit fields, as indices of 32-bit words within a record. `tags` and `owner` hold several small ones. */
export const word = { tags: 2, owner: 3, esr: 4, spsr: 5, end: 14, detail: 15 } as const;
type Wide = (typeof wide)[Exclude<keyof typeof wide, 'n'>];
type Word = (typeof word)[keyof typeof word];

/** Three views of the same bytes. */
class Chunk {
  readonly words = new Uint32Array(PER_CHUNK * WORDS);
  readonly wides = new BigUint64Array(this.words.buffer);
  readonly steps = new Float64Array(this.words.buffer);
}

export class TrapRecords {
  private readonly chunks: Chunk[] = [];
  /** The chunk that is written to. */
  private last = new Chunk();
  /** Index of the first record that is kept, which is the first of its chunk. */
  first = 0;
  /** Records pushed, forgotten ones included. */
  length = 0;

  /** Bytes that these take. */
  get held(): number {
    return this.chunks.length * CHUNK_BYTES;
  }

  /** Forgets about so many bytes of the oldest records. What was pushed last stays. Returns the step of the last one that is gone. */
  forget(bytes: number): number | undefined {
    const chunks = Math.min(Math.ceil(bytes / CHUNK_BYTES), this.chunks.length - 1);
    if (chunks <= 0) return undefined;
    const last = this.step(this.first + chunks * PER_CHUNK - 1);
    this.chunks.splice(0, chunks);
    this.first += chunks * PER_CHUNK;
    return last;
  }

  /** A new record with all fields zero but its step, never lower than that of the record before; returns its index. */
  push(n: number): number {
    const index = this.length++;
    const place = index & (PER_CHUNK - 1);
    if (place === 0) this.chunks.push((this.last = index === 0 ? this.last : new Chunk()));
    this.last.steps[place * WIDES + wide.n] = n;
    return index;
  }
  /** Fields of the record that was pushed last. */
  setWord(field: Word, value: number): void {
    this.last.words[((this.length - 1) & (PER_CHUNK - 1)) * WORDS + field] = value;
  }
  setWide(field: Wide, value: bigint): void {
    this.last.wides[((this.length - 1) & (PER_CHUNK - 1)) * WIDES + field] = value;
  }
  setEnd(index: number, value: number): void {
    this.chunkOf(index).words[(index & (PER_CHUNK - 1)) * WORDS + word.end] = value;
  }
  private chunkOf(index: number): Chunk {
    return this.chunks[(index - this.first) >>> CHUNK_BITS];
  }

  step(index: number): number {
    return this.chunkOf(index).steps[(index & (PER_CHUNK - 1)) * WIDES + wide.n];
  }
  word(index: number, field: Word): number {
    return this.chunkOf(index).words[(index & (PER_CHUNK - 1)) * WORDS + field];
  }
  wide(index: number, field: Wide): bigint {
    return this.chunkOf(index).wides[(index & (PER_CHUNK - 1)) * WIDES + field];
  }

  /** Records of their own: the first `length` of these. */
  firstOnes(length: number): TrapRecords {
    const records = new TrapRecords();
    records.first = this.first;
    records.length = length;
    for (let from = this.first; from < length; from += PER_CHUNK) {
      const chunk = new Chunk();
      chunk.words.set(this.chunkOf(from).words.subarray(0, Math.min(PER_CHUNK, length - from) * WORDS));
      records.chunks.push((records.last = chunk));
    }
    return records;
  }

  /** Index of the first record that is kept and whose step is not less than `n`. */
  lowerBound(n: number): number {
    return this.first + lowerBound(this.length - this.first, n, (i) => this.step(this.first + i));
  }
}
