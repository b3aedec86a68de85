/**
 * The outer form of a recording file (`.elrec`): eight bytes that say what it is, its version, then chunks. A chunk is a type (four
 * letters), a flag byte (1: deflated), the length of its payload (u32, little endian), the CRC-32 of the payload as it stands in the
 * file, and the payload. Chunks are only ever appended, so a file that was cut off is good up to its last whole chunk.
 */
import { crc32 } from '../base/crc32.ts';
import { InputError } from '../base/errors.ts';

const SIGNATURE = [0x89, 0x45, 0x4c, 0x52, 0x45, 0x43, 0x0d, 0x0a]; // 0x89 "ELREC" CR LF: damage by text transfer shows at once
/**
 * Version 3 is a journal: what comes in is a chunk of its own, and so is each word of how far the run has come. Version 2 has all input in
 * one chunk, changes by hand among it; version 1 has none of those.
 */
export type RecordingVersion = 1 | 2 | 3;
const LATEST: RecordingVersion = 3;
const HEADER_BYTES = SIGNATURE.length + 2;
const CHUNK_HEADER_BYTES = 4 + 1 + 4 + 4;
const DEFLATED = 1;
/** What all chunks of a file may inflate to: a small file must not exhaust the memory of the computer that opens it. */
export const MOST_BYTES = 2 ** 29;
/** What all chunks of a file of which only the end is kept may inflate to: as much as takes a few seconds. */
const MOST_BEFORE_TAILS = 2 ** 30;
/** Below this, deflating costs more than it saves. */
const WORTH_DEFLATING = 256;

export interface Chunk {
  readonly type: string;
  readonly payload: Uint8Array;
}
export interface Chunks {
  readonly version: RecordingVersion;
  readonly chunks: readonly Chunk[];
  /** Bytes at the end that are no whole chunk: the file was cut off. */
  readonly lost: number;
}

export const isRecording = (bytes: Uint8Array): boolean => SIGNATURE.every((byte, i) => bytes[i] === byte);

/** Takes the bytes of a file as they are made: the next ones come at its end. */
export type Sink = (bytes: Uint8Array<ArrayBuffer>) => void;

/** Writes the chunks of a file one after the other; after each, what is written is a file that can be read. */
export class ChunkWriter {
  /** Bytes that a reader will hold, or that the file will have. */
  private held = 0;

  constructor(private readonly sink: Sink) {
    sink(new Uint8Array([...SIGNATURE, LATEST, 0]));
  }

  /** Throws InputError for more payload than `readChunks` takes. */
  write({ type, payload }: Chunk): void {
    this.add(type, 0, payload, payload.length);
  }

  /** The same for a large payload: deflated, where that makes it smaller. */
  async writeDeflated({ type, payload }: Chunk): Promise<void> {
    const deflated = payload.length >= WORTH_DEFLATING ? await deflate(payload) : payload;
    if (deflated.length < payload.length) this.add(type, DEFLATED, deflated, payload.length);
    else this.write({ type, payload });
  }

  /** A chunk that was deflated before, and of whose type a reader wants the last one alone, which it does not count. */
  writeLast(type: string, deflated: Uint8Array): void {
    this.add(type, DEFLATED, deflated, deflated.length);
  }

  private add(type: string, flag: number, body: Uint8Array, held: number): void {
    this.held += CHUNK_HEADER_BYTES + held;
    if (this.held > MOST_BYTES)
      throw new InputError(`a recording of more than ${MOST_BYTES >> 20} MiB`, {}, 'it could not be opened again: use smaller files');
    const chunk = new Uint8Array(CHUNK_HEADER_BYTES + body.length);
    chunk.set(new TextEncoder().encode(type));
    chunk[4] = flag;
    const view = new DataView(chunk.buffer);
    view.setUint32(5, body.length, true);
    view.setUint32(9, crc32(body), true);
    chunk.set(body, CHUNK_HEADER_BYTES);
    this.sink(chunk);
  }
}

export async function deflate(payload: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const { writable, readable } = new CompressionStream('deflate-raw');
  const writer = writable.getWriter();
  // Errors arrive at the reader too; here they would only be unhandled.
  writer.write(payload as Uint8Array<ArrayBuffer>).catch(() => undefined);
  writer.close().catch(() => undefined);
  return concatenate((await collect(readable)).parts);
}

/** Of which types only so many last bytes are wanted, where a file of an older version has whole chunks of these types. */
export type Tails = (types: ReadonlySet<string>) => Readonly<Record<string, number>>;

export interface ReadOptions {
  /** What all payloads may take together, not counting what is not wanted of them. */
  readonly most?: number;
  readonly tails?: Tails;
  /** Of these types only the last chunk is wanted, and so many bytes of it at most. They are not counted among the others. */
  readonly lastOf?: Readonly<Record<string, number>>;
}

/**
 * Gives the whole chunks of a file one after the other; none is kept here. Throws InputError for a file that is no recording, of an unknown
 * version, damaged inside, or that inflates to more than it may.
 */
export async function eachChunk(
  bytes: Uint8Array,
  file: string,
  visit: (chunk: Chunk, version: RecordingVersion) => void,
  { most = MOST_BYTES, tails: tailsOf = () => ({}), lastOf = {} }: ReadOptions = {},
): Promise<{ readonly version: RecordingVersion; readonly lost: number }> {
  if (!isRecording(bytes))
    throw new InputError('this is not a recording', { file, offset: 0 }, 'expected a recording saved by ELscope (.elrec)');
  if (bytes.length < HEADER_BYTES) throw new InputError('the recording ends within its header', { file, offset: bytes.length });
  const version = bytes[SIGNATURE.length] | (bytes[SIGNATURE.length + 1] << 8);
  if (version < 1 || version > LATEST) {
    const hint = `this version reads formats 1 to ${LATEST}: a newer ELscope may open it`;
    throw new InputError(`version ${version} of the recording format`, { file, offset: SIGNATURE.length }, hint);
  }
  // A journal has none of what has only its end wanted.
  const stored = [...storedChunks(bytes, file)];
  const tails = version < LATEST ? tailsOf(new Set(stored.map(({ type }) => type))) : {};
  const lastOnes = new Map(stored.map(({ type, at }) => [type, at]));
  let held = 0;
  let passed = 0;
  let end = HEADER_BYTES;
  for (const { at, type, isDeflated, body } of stored) {
    end = at + CHUNK_HEADER_BYTES + body.length;
    const alone = Object.hasOwn(lastOf, type) ? lastOf[type] : undefined;
    if (alone !== undefined && (alone === 0 || lastOnes.get(type) !== at)) continue;
    const last = tails[type] ?? Infinity;
    if (last === 0) continue;
    const left = alone ?? (last === Infinity ? most - held : MOST_BEFORE_TAILS - passed);
    const inflated = isDeflated ? await inflate(body, { most: left, last }) : { payload: body, length: body.length };
    if (inflated === 'damaged')
      throw new InputError(`chunk ${JSON.stringify(type)} does not inflate`, { file, offset: at }, 'the file is damaged');
    if (last !== Infinity) passed += inflated.length;
    else if (alone === undefined) held += inflated.length;
    if (held > most || inflated.length > (alone ?? Infinity)) {
      const hint = alone === undefined ? `the limit is ${most} bytes in total` : `the limit is ${alone} bytes`;
      throw new InputError(`chunk ${JSON.stringify(type)} is too large when inflated`, { file, offset: at }, hint);
    }
    // Of a tail that is too far away nothing is known.
    if (inflated.payload) visit({ type, payload: inflated.payload }, version as RecordingVersion);
  }
  return { version: version as RecordingVersion, lost: bytes.length - end };
}

/** The same, all at once. */
export async function readChunks(bytes: Uint8Array, file: string, options?: ReadOptions): Promise<Chunks> {
  const chunks: Chunk[] = [];
  return { ...(await eachChunk(bytes, file, (chunk) => chunks.push(chunk), options)), chunks };
}

/** A chunk as it is in the file, from offset `at` on. */
interface StoredChunk {
  readonly at: number;
  readonly type: string;
  readonly isDeflated: boolean;
  readonly body: Uint8Array;
}

/** The chunks that are whole. */
function* storedChunks(bytes: Uint8Array, file: string): Generator<StoredChunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = HEADER_BYTES;
  while (at + CHUNK_HEADER_BYTES <= bytes.length) {
    // Where the computer lost power, a file may end in zeros that were never written.
    if (view.getUint32(at, true) === 0) return;
    const length = view.getUint32(at + 5, true);
    const start = at + CHUNK_HEADER_BYTES;
    if (start + length > bytes.length) return;
    const body = bytes.subarray(start, start + length);
    const type = String.fromCharCode(...bytes.subarray(at, at + 4));
    if (crc32(body) !== view.getUint32(at + 9, true)) {
      throw new InputError(`the checksum of chunk ${JSON.stringify(type)} is wrong`, { file, offset: at }, 'the file is damaged');
    }
    const flag = bytes[at + 4];
    if (flag > DEFLATED)
      throw new InputError(
        `chunk ${JSON.stringify(type)} has the unknown flag ${flag}`,
        { file, offset: at + 4 },
        'the file is damaged, or from a newer ELscope',
      );
    yield { at, type, isDeflated: flag === DEFLATED, body };
    at = start + length;
  }
}

/** The payload, undefined where it is more than it may be, and how long it is, as far as it was read. */
interface Inflated {
  readonly payload: Uint8Array | undefined;
  readonly length: number;
}

async function inflate(body: Uint8Array, limits: Limits): Promise<Inflated | 'damaged'> {
  const { writable, readable } = new DecompressionStream('deflate-raw');
  const writer = writable.getWriter();
  // Errors arrive at the reader too; here they would only be unhandled.
  writer.write(body as Uint8Array<ArrayBuffer>).catch(() => undefined);
  writer.close().catch(() => undefined);
  try {
    const { parts, isWhole, length } = await collect(readable, limits);
    return { payload: isWhole ? concatenate(parts) : undefined, length };
  } catch {
    return 'damaged';
  }
}

/** `most`: bytes that may come; `last`: how many of them are wanted, from the end. */
interface Limits {
  readonly most: number;
  readonly last: number;
}

/** What comes out of a stream, and how much; not whole where it was more than may come. */
async function collect(
  readable: CompressionStream['readable'],
  { most, last }: Limits = { most: Infinity, last: Infinity },
): Promise<{ parts: Uint8Array[]; isWhole: boolean; length: number }> {
  const parts: Uint8Array[] = [];
  const reader = readable.getReader();
  let length = 0;
  let held = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { parts, isWhole: true, length };
    parts.push(value);
    length += value.length;
    held += value.length;
    while (held - parts[0].length >= last) held -= parts.shift()!.length;
    if (length > most) {
      await reader.cancel();
      return { parts: [], isWhole: false, length };
    }
  }
}

export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
