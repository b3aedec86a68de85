/**
 * The outer form of a recording file (`.elrec`): eight bytes that say what it is, its version, then chunks. A chunk is a type (four
 * letters), a flag byte (1: deflated), the length of its payload (u32, little endian), the CRC-32 of the payload as it stands in the
 * file, and the payload. Chunks are only ever appended, so a file that was cut off is good up to its last whole chunk.
 */
import { crc32 } from '../base/crc32.ts';
import { InputError } from '../base/errors.ts';

const SIGNATURE = [0x89, 0x45, 0x4c, 0x52, 0x45, 0x43, 0x0d, 0x0a]; // 0x89 "ELREC" CR LF: damage by text transfer shows at once
/** Version 2 has changes by hand among the input. A recording without any is of version 1, which older programs read too. */
export type RecordingVersion = 1 | 2;
const LATEST: RecordingVersion = 2;
const HEADER_BYTES = SIGNATURE.length + 2;
const CHUNK_HEADER_BYTES = 4 + 1 + 4 + 4;
const DEFLATED = 1;
/** What all chunks of a file may inflate to: a small file must not exhaust the memory of the machine that opens it. */
const MOST_BYTES = 2 ** 30;
/** What a chunk may inflate to when only its end is kept: as much as would take a minute. */
const MOST_BEFORE_TAIL = 2 ** 34;
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

/** Asked between two pieces of work: comes back when it can go on. False: it is not wanted any more. */
export type GoesOn = () => Promise<boolean>;
const always: GoesOn = () => Promise.resolve(true);

/** Writes the chunks of a file one after the other. Nothing but the file itself, deflated, is held meanwhile. */
export class ChunkWriter {
  private readonly parts: Uint8Array[];
  /** Bytes of payloads that a reader will hold. */
  private held = 0;

  constructor(version: RecordingVersion = 1) {
    this.parts = [new Uint8Array([...SIGNATURE, version, 0])];
  }

  /** A payload that is there as a whole. Throws InputError for more of them than `readChunks` takes. */
  async write({ type, payload }: Chunk): Promise<void> {
    this.held += payload.length;
    if (this.held > MOST_BYTES)
      throw new InputError(`a recording of more than ${MOST_BYTES >> 20} MiB`, {}, 'it could not be opened again: use smaller files');
    const deflated = payload.length >= WORTH_DEFLATING ? await deflate([payload], always) : undefined;
    if (deflated && deflated.length < payload.length) this.add(type, DEFLATED, deflated.parts);
    else this.add(type, 0, [payload]);
  }

  /** A payload that is made piece by piece, each when the one before is deflated. False: it was not wanted any more, and the file is of no use. */
  async writePieces(type: string, pieces: Iterable<Uint8Array>, goesOn: GoesOn): Promise<boolean> {
    const deflated = await deflate(pieces, goesOn);
    if (!deflated) return false;
    this.add(type, DEFLATED, deflated.parts);
    return true;
  }

  private add(type: string, flag: number, body: readonly Uint8Array[]): void {
    const head = new Uint8Array(CHUNK_HEADER_BYTES);
    head.set(new TextEncoder().encode(type));
    head[4] = flag;
    const view = new DataView(head.buffer);
    view.setUint32(5, bytesOf(body), true);
    view.setUint32(
      9,
      body.reduce((crc, part) => crc32(part, crc), 0),
      true,
    );
    this.parts.push(head, ...body);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return concatenate(this.parts);
  }
}

async function deflate(
  pieces: Iterable<Uint8Array>,
  goesOn: GoesOn,
): Promise<{ readonly parts: readonly Uint8Array[]; readonly length: number } | undefined> {
  const { writable, readable } = new CompressionStream('deflate-raw');
  const writer = writable.getWriter();
  const collected = collect(readable);
  // The next piece is made while this one is being deflated, if the host has another thread for that.
  let written = Promise.resolve();
  for (const piece of pieces) {
    await written;
    written = writer.write(piece as Uint8Array<ArrayBuffer>);
    if (await goesOn()) continue;
    // The result tells the caller that this was cancelled; the promises of the stream would only repeat it.
    for (const end of [written, collected, writer.abort()]) end.catch(() => undefined);
    return undefined;
  }
  await written;
  await writer.close();
  const { parts } = await collected;
  return { parts, length: bytesOf(parts) };
}

/** Of which types only so many last bytes are wanted, when the file has whole chunks of these types. */
export type Tails = (types: readonly string[]) => Readonly<Record<string, number>>;

/**
 * The whole chunks of a file. Throws InputError for a file that is no recording, of an unknown version, damaged inside, or that inflates to
 * more than `most` bytes, not counting what is not wanted of it.
 */
export async function readChunks(bytes: Uint8Array, file: string, most = MOST_BYTES, tailsOf: Tails = () => ({})): Promise<Chunks> {
  if (!isRecording(bytes))
    throw new InputError('this is not a recording', { file, offset: 0 }, 'expected a recording saved by ELscope (.elrec)');
  if (bytes.length < HEADER_BYTES) throw new InputError('the recording ends within its header', { file, offset: bytes.length });
  const version = bytes[SIGNATURE.length] | (bytes[SIGNATURE.length + 1] << 8);
  if (version < 1 || version > LATEST) {
    const hint = `this version reads formats 1 to ${LATEST}: a newer ELscope may open it`;
    throw new InputError(`version ${version} of the recording format`, { file, offset: SIGNATURE.length }, hint);
  }
  const { stored, end } = storedChunks(bytes, file);
  const tails = tailsOf(stored.map(({ type }) => type));
  const chunks: Chunk[] = [];
  let held = 0;
  for (const { at, type, isDeflated, body } of stored) {
    const last = tails[type] ?? Infinity;
    const payload =
      last === 0
        ? body.subarray(0, 0)
        : isDeflated
          ? await inflate(body, { most: last === Infinity ? most - held : MOST_BEFORE_TAIL, last })
          : body;
    if (payload === 'damaged')
      throw new InputError(`chunk ${JSON.stringify(type)} does not inflate`, { file, offset: at }, 'the file is damaged');
    if (payload === 'too large')
      throw new InputError(
        `chunk ${JSON.stringify(type)} is too large when inflated`,
        { file, offset: at },
        `the limit is ${most} bytes in total`,
      );
    held += payload.length;
    chunks.push({ type, payload });
  }
  return { version: version as RecordingVersion, chunks, lost: bytes.length - end };
}

/** A chunk as it is in the file, from offset `at` on. */
interface StoredChunk {
  readonly at: number;
  readonly type: string;
  readonly isDeflated: boolean;
  readonly body: Uint8Array;
}

/** The chunks that are whole, and the offset where they end. */
function storedChunks(bytes: Uint8Array, file: string): { stored: StoredChunk[]; end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stored: StoredChunk[] = [];
  let at = HEADER_BYTES;
  while (at + CHUNK_HEADER_BYTES <= bytes.length) {
    const length = view.getUint32(at + 5, true);
    const start = at + CHUNK_HEADER_BYTES;
    if (start + length > bytes.length) break;
    const body = bytes.subarray(start, start + length);
    const type = new TextDecoder().decode(bytes.subarray(at, at + 4));
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
    stored.push({ at, type, isDeflated: flag === DEFLATED, body });
    at = start + length;
  }
  return { stored, end: at };
}

async function inflate(body: Uint8Array, limits: Limits): Promise<Uint8Array | 'damaged' | 'too large'> {
  const { writable, readable } = new DecompressionStream('deflate-raw');
  const writer = writable.getWriter();
  // Errors arrive at the reader too; here they would only be unhandled.
  writer.write(body as Uint8Array<ArrayBuffer>).catch(() => undefined);
  writer.close().catch(() => undefined);
  try {
    const { parts, isWhole } = await collect(readable, limits);
    return isWhole ? concatenate(parts) : 'too large';
  } catch {
    return 'damaged';
  }
}

/** `most`: bytes that may come; `last`: how many of them are wanted, from the end. */
interface Limits {
  readonly most: number;
  readonly last: number;
}

/** What comes out of a stream; not whole where it was more than may come. */
async function collect(
  readable: CompressionStream['readable'],
  { most, last }: Limits = { most: Infinity, last: Infinity },
): Promise<{ parts: Uint8Array[]; isWhole: boolean }> {
  const parts: Uint8Array[] = [];
  const reader = readable.getReader();
  let length = 0;
  let held = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { parts, isWhole: true };
    parts.push(value);
    length += value.length;
    held += value.length;
    while (held - parts[0].length >= last) held -= parts.shift()!.length;
    if (length > most) {
      await reader.cancel();
      return { parts, isWhole: false };
    }
  }
}

const bytesOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, part) => sum + part.length, 0);

export function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytesOf(parts));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
