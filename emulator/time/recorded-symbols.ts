/**
 * Files with names that were added to a run, in its recording: the content of those that are small enough, and of all of them what tells
 * whether another file is the same. So a recording opens with the names that it was seen with.
 */
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { InputError } from '../base/errors.ts';
import { nameFrom } from '../base/names.ts';
import { StateHash } from '../machine/hash.ts';

export interface RecordedSymbols {
  readonly name: string;
  /** What is added to its addresses, and whose VAs they are: see `AddedSymbols`. */
  readonly offset: bigint;
  readonly el: 1 | 2 | undefined;
  readonly vmid: number | undefined;
  /** Of its content. */
  readonly hash: string;
  /** Its content; undefined where that is too much for a recording. */
  readonly bytes: Uint8Array | undefined;
  /** Where it lies. Only to be believed of a recording that nobody else can have written. */
  readonly path: string | undefined;
}

/** Bytes of a file that is held, and of all of them that a recording holds. */
const [MOST_OF_ONE, MOST_OF_ALL] = [2 ** 25, 2 ** 27];

export const contentHash = (bytes: Uint8Array): string => new StateHash().number(bytes.length).bytes(bytes).digest();

/** Of a file as it was given. */
export const recordedSymbols = (
  place: Pick<RecordedSymbols, 'name' | 'offset' | 'el' | 'vmid' | 'path'>,
  bytes: Uint8Array,
): RecordedSymbols => ({ ...place, hash: contentHash(bytes), bytes: bytes.length <= MOST_OF_ONE ? bytes : undefined });

/** With the content of as many as a recording may hold. */
export function withinRecording(files: readonly RecordedSymbols[]): RecordedSymbols[] {
  let sum = 0;
  return files.map((file) => ({ ...file, bytes: (sum += file.bytes?.length ?? 0) > MOST_OF_ALL ? undefined : file.bytes }));
}

/** An offset has its sign in a byte of its own. */
export const symbolsChunk = ({ name, offset, el, vmid, hash, bytes, path }: RecordedSymbols): Uint8Array =>
  new ByteWriter()
    .text(name)
    .flag(offset < 0n)
    .u64(offset < 0n ? -offset : offset)
    .u8(el ?? 0)
    .flag(vmid !== undefined)
    .u8(vmid ?? 0)
    .text(hash)
    .text(path ?? '')
    .flag(bytes !== undefined)
    .bytes(bytes ?? new Uint8Array())
    .finish();

/** Throws InputError. */
export function readSymbolsChunk(payload: Uint8Array, file: string): RecordedSymbols {
  const reader = new ByteReader(payload, file);
  const name = nameFrom(reader.bytes());
  const isNegative = reader.flag();
  const distance = reader.u64();
  const el = reader.u8();
  if (el > 2) throw reader.error(`names for EL${el}`, 'expected EL1 or EL2', reader.offset - 1);
  const hasVmid = reader.flag();
  const vmid = reader.u8();
  const hash = reader.text();
  if (!/^[0-9a-f]{16}$/.test(hash)) throw new InputError('the hash of a file with names is none', { file });
  const path = reader.text();
  const hasContent = reader.flag();
  const bytes = reader.bytes();
  return {
    name,
    offset: isNegative ? -distance : distance,
    el: el === 0 ? undefined : (el as 1 | 2),
    vmid: hasVmid ? vmid : undefined,
    hash,
    path: path === '' ? undefined : path,
    bytes: hasContent ? bytes : undefined,
  };
}
