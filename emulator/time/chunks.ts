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
/** What all chunks of a file may inflate to: a small file must not fill the memory of who opens it. */
const MOST_BYTES = 2 ** 30;
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

export async function writeChunks(chunks: readonly Chunk[], version: RecordingVersion = 1): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [new Uint8Array([...SIGNATURE, version, 0])];
  for (const { type, payload } of chunks) {
    const deflated = payload.length >= WORTH_DEFLATING ? (await pipe(payload, new CompressionStream('deflate-raw')))! : payload;
    const isSmaller = deflated.length < payload.length;
    const body = isSmaller ? deflated : payload;
    const head = new Uint8Array(CHUNK_HEADER_BYTES);
    head.set(new TextEncoder().encode(type));
    head[4] = isSmaller ? DEFLATED : 0;
    const view = new DataView(head.buffer);
    view.setUint32(5, body.length, true);
    view.setUint32(9, crc32(body), true);
    parts.push(head, body);
  }
  return concatenate(parts);
}

/** Throws InputError for a file that is no recording, of an unknown version, damaged inside, or that inflates to more than `most` bytes. */
export async function readChunks(bytes: Uint8Array, file: string, most = MOST_BYTES): Promise<Chunks> {
  if (!isRecording(bytes))
    throw new InputError('this is not a recording', { file, offset: 0 }, 'expected a file that ELscope saved (.elrec)');
  if (bytes.length < HEADER_BYTES) throw new InputError('the recording ends within its header', { file, offset: bytes.length });
  const version = bytes[SIGNATURE.length] | (bytes[SIGNATURE.length + 1] << 8);
  if (version < 1 || version > LATEST) {
    const hint = `this program reads versions 1 to ${LATEST}: a newer ELscope may open it`;
    throw new InputError(`version ${version} of the recording format`, { file, offset: SIGNATURE.length }, hint);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  let at = HEADER_BYTES;
  let held = 0;
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
        'the file is damaged, or of a newer ELscope',
      );
    const payload = flag === DEFLATED ? await inflate(body, most - held) : body;
    if (payload === 'damaged')
      throw new InputError(`chunk ${JSON.stringify(type)} does not inflate`, { file, offset: at }, 'the file is damaged');
    if (payload === 'too large')
      throw new InputError(
        `chunk ${JSON.stringify(type)} inflates to too much`,
        { file, offset: at },
        `at most ${most} bytes in all are read`,
      );
    held += payload.length;
    chunks.push({ type, payload });
    at = start + length;
  }
  return { version: version as RecordingVersion, chunks, lost: bytes.length - at };
}

async function inflate(body: Uint8Array, most: number): Promise<Uint8Array | 'damaged' | 'too large'> {
  try {
    return (await pipe(body, new DecompressionStream('deflate-raw'), most)) ?? 'too large';
  } catch {
    return 'damaged';
  }
}

/** Undefined where more than `most` bytes come out. */
async function pipe(bytes: Uint8Array, stream: CompressionStream | DecompressionStream, most = Infinity): Promise<Uint8Array | undefined> {
  const writer = stream.writable.getWriter();
  // Errors arrive at the reader too; here they would only be unhandled.
  writer.write(bytes as Uint8Array<ArrayBuffer>).catch(() => undefined);
  writer.close().catch(() => undefined);
  const parts: Uint8Array[] = [];
  const reader = stream.readable.getReader();
  for (let length = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return concatenate(parts);
    parts.push(value);
    length += value.length;
    if (length > most) {
      await reader.cancel();
      return undefined;
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
