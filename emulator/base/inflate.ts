/**
 * DEFLATE and gzip (RFC 1951, RFC 1952). Hosts have it too, but only as streams that answer later; opening a kernel is a plain function.
 */
import { crc32 } from './crc32.ts';
import { InputError } from './errors.ts';

/** Code lengths beyond this do not exist. */
const MAX_LENGTH = 15;
const WINDOW_CODES = 30;

/** Bases and extra bits of length codes 257..285 and distance codes 0..29 (RFC 1951, 3.2.5). */
const lengthExtra = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const distanceExtra = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const bases = (extra: readonly number[], first: number): number[] => {
  let next = first;
  return extra.map((bits) => {
    const base = next;
    next += 1 << bits;
    return base;
  });
};
const lengthBase = bases(lengthExtra, 3);
lengthBase[28] = 258;
const distanceBase = bases(distanceExtra, 1);
/** The order in which the code lengths of the code-length alphabet come (3.2.7). */
const lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** A canonical Huffman code: how many symbols have each length, and the symbols by length and value. */
interface Code {
  readonly counts: Uint16Array;
  readonly symbols: Uint16Array;
  /** By the next 9 bits as they come: length << 12 | symbol; 0: a longer code. */
  readonly quick: Uint16Array;
}
const QUICK_BITS = 9;

function makeCode(lengths: readonly number[]): Code | undefined {
  const counts = new Uint16Array(MAX_LENGTH + 1);
  for (const length of lengths) counts[length]++;
  counts[0] = 0;
  let left = 1;
  const offsets = new Uint16Array(MAX_LENGTH + 2);
  for (let length = 1; length <= MAX_LENGTH; length++) {
    left = (left << 1) - counts[length];
    if (left < 0) return undefined;
    offsets[length + 1] = offsets[length] + counts[length];
  }
  const symbols = new Uint16Array(lengths.length);
  const quick = new Uint16Array(1 << QUICK_BITS);
  const next = offsets.slice();
  lengths.forEach((length, symbol) => {
    if (length > 0) symbols[next[length]++] = symbol;
  });
  let code = 0;
  for (let length = 1, index = 0; length <= QUICK_BITS; length++, code <<= 1)
    for (let i = 0; i < counts[length]; i++, code++, index++)
      for (let entry = reverse(code, length); entry < quick.length; entry += 1 << length) quick[entry] = (length << 12) | symbols[index];
  return { counts, symbols, quick };
}

function reverse(code: number, length: number): number {
  let result = 0;
  for (let i = 0; i < length; i++) result |= ((code >> i) & 1) << (length - 1 - i);
  return result;
}

const fixedLengths = (count: number, length: (symbol: number) => number): Code =>
  makeCode(Array.from({ length: count }, (_, i) => length(i)))!;
const fixedLiteral = fixedLengths(288, (symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8));
const fixedDistance = fixedLengths(30, () => 5);

export interface InflateOptions {
  /** For messages. */
  readonly file?: string;
  /** The output may not become larger. */
  readonly limitBytes: number;
}

export interface Inflated {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Offset of the first byte after the compressed data. */
  readonly end: number;
}

/** Decompresses raw DEFLATE data from offset `start` on. Throws InputError. */
export const inflate = (data: Uint8Array, start: number, options: InflateOptions): Inflated => new Inflater(data, start, options).run();

class Inflater {
  private out = new Uint8Array(1 << 16);
  private length = 0;
  private hold = 0;
  private held = 0;
  private at: number;

  constructor(
    private readonly data: Uint8Array,
    start: number,
    private readonly options: InflateOptions,
  ) {
    this.at = start;
  }

  run(): Inflated {
    for (let last = false; !last;) {
      last = this.bits(1) === 1;
      const type = this.bits(2);
      if (type === 0) this.stored();
      else if (type === 1) this.compressed(fixedLiteral, fixedDistance);
      else if (type === 2) this.dynamic();
      else throw this.error('a block of a type that does not exist');
    }
    // Whole bytes that were read ahead are not part of the data.
    return { bytes: this.out.slice(0, this.length), end: this.at - (this.held >> 3) };
  }

  private stored(): void {
    this.at -= this.held >> 3;
    this.hold = this.held = 0;
    const { data } = this;
    if (this.at + 4 > data.length) throw this.error('the compressed data ends too early');
    const size = data[this.at] | (data[this.at + 1] << 8);
    const check = data[this.at + 2] | (data[this.at + 3] << 8);
    if ((size ^ check) !== 0xffff) throw this.error('the length of a stored block does not match its complement');
    this.at += 4;
    if (this.at + size > data.length) throw this.error('the compressed data ends too early');
    this.room(size);
    this.out.set(data.subarray(this.at, this.at + size), this.length);
    this.length += size;
    this.at += size;
  }

  private dynamic(): void {
    const literals = this.bits(5) + 257;
    const distances = this.bits(5) + 1;
    const count = this.bits(4) + 4;
    if (literals > 286 || distances > WINDOW_CODES) throw this.error('a block has more codes than there are');
    const lengthLengths = new Array<number>(19).fill(0);
    for (let i = 0; i < count; i++) lengthLengths[lengthOrder[i]] = this.bits(3);
    const lengthCode = makeCode(lengthLengths);
    if (!lengthCode) throw this.error('the lengths of a code contradict each other');
    const lengths: number[] = [];
    while (lengths.length < literals + distances) {
      const symbol = this.symbol(lengthCode);
      if (symbol < 16) lengths.push(symbol);
      else {
        if (symbol === 16 && lengths.length === 0) throw this.error('a repeated length without one before it');
        const value = symbol === 16 ? lengths[lengths.length - 1] : 0;
        const times = symbol === 16 ? 3 + this.bits(2) : symbol === 17 ? 3 + this.bits(3) : 11 + this.bits(7);
        for (let i = 0; i < times; i++) lengths.push(value);
      }
    }
    if (lengths.length > literals + distances) throw this.error('more lengths of codes than there are codes');
    const literal = makeCode(lengths.slice(0, literals));
    const distance = makeCode(lengths.slice(literals));
    if (!literal || !distance) throw this.error('the lengths of a code contradict each other');
    this.compressed(literal, distance);
  }

  private compressed(literal: Code, distance: Code): void {
    for (;;) {
      const symbol = this.symbol(literal);
      if (symbol < 256) {
        if (this.length === this.out.length) this.room(1);
        this.out[this.length++] = symbol;
      } else if (symbol === 256) return;
      else {
        const code = symbol - 257;
        if (code >= lengthBase.length) throw this.error('a length code that does not exist');
        const length = lengthBase[code] + this.bits(lengthExtra[code]);
        const far = this.symbol(distance);
        if (far >= WINDOW_CODES) throw this.error('a distance code that does not exist');
        const back = distanceBase[far] + this.bits(distanceExtra[far]);
        if (back > this.length) throw this.error('a copy from before the beginning of the data');
        this.room(length);
        const { out } = this;
        for (let i = 0; i < length; i++, this.length++) out[this.length] = out[this.length - back]!;
      }
    }
  }

  private symbol({ counts, symbols, quick }: Code): number {
    while (this.held < MAX_LENGTH && this.at < this.data.length) this.load();
    const entry = quick[this.hold & ((1 << QUICK_BITS) - 1)];
    const length = entry >> 12;
    if (length > 0 && length <= this.held) {
      this.hold >>>= length;
      this.held -= length;
      return entry & 0xfff;
    }
    let code = 0,
      first = 0,
      index = 0;
    for (let length = 1; length <= MAX_LENGTH; length++) {
      code |= this.bits(1);
      const count = counts[length];
      if (code - count < first) return symbols[index + (code - first)];
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw this.error('a code that does not exist');
  }

  /** The next `count` bits, at most 16. */
  private bits(count: number): number {
    while (this.held < count) {
      if (this.at >= this.data.length) throw this.error('the compressed data ends too early');
      this.load();
    }
    const value = this.hold & ((1 << count) - 1);
    this.hold >>>= count;
    this.held -= count;
    return value;
  }

  private load(): void {
    this.hold |= this.data[this.at++] << this.held;
    this.held += 8;
  }

  private room(bytes: number): void {
    const needed = this.length + bytes;
    if (needed > this.options.limitBytes) throw this.error(`the data becomes larger than ${this.options.limitBytes} bytes`);
    if (needed <= this.out.length) return;
    const larger = new Uint8Array(Math.min(Math.max(2 * this.out.length, needed), Math.max(this.options.limitBytes, needed)));
    larger.set(this.out.subarray(0, this.length));
    this.out = larger;
  }

  private error(problem: string): InputError {
    const { file } = this.options;
    return new InputError(
      `${problem}`,
      file === undefined ? { offset: this.at } : { file, offset: this.at },
      'the compressed data is damaged',
    );
  }
}

const gzipFlag = { headerCrc: 2, extra: 4, name: 8, comment: 16 } as const;

export const isGzip = (bytes: Uint8Array, at = 0): boolean => bytes[at] === 0x1f && bytes[at + 1] === 0x8b && bytes[at + 2] === 8;

/** Decompresses a gzip file, or the one that begins at `start`, and checks its CRC and size. Throws InputError. */
export function gunzip(data: Uint8Array, options: InflateOptions, start = 0): Uint8Array<ArrayBuffer> {
  const { file } = options;
  const error = (offset: number, problem: string): InputError =>
    new InputError(problem, file === undefined ? { offset } : { file, offset }, 'the compressed data is damaged');
  if (!isGzip(data, start)) throw error(start, 'this is not gzip data');
  const flags = data[start + 3];
  let at = start + 10;
  const skipText = (): void => {
    const end = data.indexOf(0, at);
    if (end < 0) throw error(at, 'the gzip header has no end');
    at = end + 1;
  };
  if (flags & gzipFlag.extra) at += 2 + (data[at] | (data[at + 1] << 8));
  if (flags & gzipFlag.name) skipText();
  if (flags & gzipFlag.comment) skipText();
  if (flags & gzipFlag.headerCrc) at += 2;
  const { bytes, end } = inflate(data, at, options);
  if (end + 8 > data.length) throw error(end, 'the checksum is missing');
  const trailer = new DataView(data.buffer, data.byteOffset + end, 8);
  if (trailer.getUint32(4, true) !== bytes.length % 2 ** 32)
    throw error(end + 4, 'the size of the unpacked data is not what the file says');
  if (trailer.getUint32(0, true) !== crc32(bytes)) throw error(end, 'the checksum of the unpacked data is wrong');
  return bytes;
}
