/**
 * A recording as a file: the program, the machine's options, the input with its instants, and what happened, so that the run can be
 * repeated exactly and checked against what it gave. Chunks: HEAD (JSON), IMAG (the program), FILE (another
 * file in the machine, each its own), INPT, UART, TRAP, DONE (end and hash).
 */
import { PA } from '../base/addresses.ts';
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { InputError } from '../base/errors.ts';
import { nameFrom, visible } from '../base/names.ts';
import type { BoardFile } from '../machine/loader.ts';
import { ChunkWriter, readChunks, type Chunk, type RecordingVersion, type Tails } from './chunks.ts';
import type { InputEvent } from './input-log.ts';
import type { OutputLog } from './output-log.ts';
import type { Timeline } from './timeline.ts';
import { trapLine } from './trap-line.ts';
import type { TrapLog } from './trap-log.ts';

/** Bytes at the end of a chunk that hold its last entry. */
const TAIL = 2048;

export interface Recording {
  readonly name: string;
  /** As they were saved; the code that opens the recording checks them. */
  readonly options: unknown;
  readonly image: Uint8Array;
  readonly files: readonly BoardFile[];
  readonly inputs: readonly InputEvent[];
  /** The instant that was shown when it was saved; undefined for the end. */
  readonly at: number | undefined;
  /** The last instant and the state hash there; undefined where the file was cut off before it. */
  readonly end: { readonly n: number; readonly hash: string } | undefined;
  /** How far the run is known to have come: the end, or where that was cut off the last input, output or trap. */
  readonly reached: number;
  /** Bytes at the end of the file that could not be used. */
  readonly lost: number;
}

/** The recording of a run up to its end; the timeline must stand there. `at`: the instant to show when it is opened again. */
export async function writeRecording(
  name: string,
  image: Uint8Array,
  options: object,
  timeline: Timeline,
  files: readonly BoardFile[] = [],
  at = timeline.at,
): Promise<Uint8Array<ArrayBuffer>> {
  return (await writeRecordingSlowly(name, image, options, timeline, files, at, () => Promise.resolve(true)))!;
}

/**
 * The same in pieces: `goesOn` is asked again and again, with the share that is done, and may wait; undefined comes back once it says no.
 * What is written is the run as it is at the call, whatever happens to the timeline meanwhile.
 */
export async function writeRecordingSlowly(
  name: string,
  image: Uint8Array,
  options: object,
  timeline: Timeline,
  files: readonly BoardFile[],
  at: number,
  goesOn: (done: number) => Promise<boolean>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { traps } = timeline;
  const output = timeline.output.before(Infinity);
  const listed = { from: traps.first, to: traps.length };
  const sent = { from: output.first, to: output.length };
  const version = timeline.inputs.changes.length > 0 ? 2 : 1;
  const inputs = inputChunk(timeline.inputs.all(), version);
  const end = json({ n: timeline.at, hash: timeline.machine.stateHash() });
  const writer = new ChunkWriter(version);
  await writer.write({ type: 'HEAD', payload: json({ name, options, files: files.length, at }) });
  await writer.write({ type: 'IMAG', payload: image });
  for (const file of files) await writer.write({ type: 'FILE', payload: fileChunk(file) });
  await writer.write({ type: 'INPT', payload: inputs });
  let done = 0;
  const tell = (): Promise<boolean> => goesOn(done);
  if (!(await writer.writePieces('UART', outputPieces(output, sent), tell))) return undefined;
  const lines = trapPieces(traps, listed, (share) => (done = share));
  if (!(await writer.writePieces('TRAP', lines, tell))) return undefined;
  await writer.write({ type: 'DONE', payload: end });
  return writer.finish();
}

/** Bytes of output, and lines of traps, in one piece: about a millisecond of work. */
const OUTPUT_PIECE = 8192;
const TRAP_PIECE = 256;

interface Range {
  readonly from: number;
  readonly to: number;
}

/** How many bytes were sent, the bytes, then the step of each. */
function* outputPieces(output: OutputLog, { from, to }: Range): Generator<Uint8Array> {
  yield new ByteWriter().u32(to - from).finish();
  for (let at = from; at < to; at += OUTPUT_PIECE) yield output.slice(at, Math.min(to, at + OUTPUT_PIECE));
  for (let at = from; at < to; at += OUTPUT_PIECE) {
    const steps = new ByteWriter(8 * OUTPUT_PIECE);
    for (const step of output.stepsOf(at, Math.min(to, at + OUTPUT_PIECE))) steps.f64(step);
    yield steps.finish();
  }
}

/** A line for each, without one at the end. What is forgotten while they are written is left out: replay does not need it. */
function* trapPieces(traps: TrapLog, { from, to }: Range, tell: (share: number) => void): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let isFirst = true;
  for (let next = from; next < to;) {
    const lines: string[] = [];
    next = Math.max(next, traps.first);
    for (; next < to && lines.length < TRAP_PIECE; next++) lines.push(JSON.stringify(trapLine(traps.get(next))));
    if (lines.length === 0) return;
    tell((next - from) / (to - from));
    yield encoder.encode((isFirst ? '' : '\n') + lines.join('\n'));
    isFirst = false;
  }
}

/** Throws InputError for bytes that are no usable recording. */
export async function readRecording(bytes: Uint8Array, file: string): Promise<Recording> {
  // What happened is only asked where the file was cut off: then the last of it tells how far the run came.
  const tails: Tails = (types) => (types.includes('DONE') ? { UART: 0, TRAP: 0 } : { UART: TAIL, TRAP: TAIL });
  const { version, chunks, lost } = await readChunks(bytes, file, undefined, tails);
  const find = (type: string): Chunk | undefined => chunks.find((chunk) => chunk.type === type);
  const head = find('HEAD');
  const image = find('IMAG');
  if (!head || !image) throw new InputError('the recording was cut off before its program', { file, offset: bytes.length - lost });
  const { name, options, files: count = 0, at } = parse(head, file) as Record<string, unknown>;
  if (typeof name !== 'string' || typeof options !== 'object' || options === null)
    throw new InputError('the head of the recording has no name or options', { file });
  const files = chunks.filter(({ type }) => type === 'FILE').map((chunk) => readFile(chunk, file));
  if (files.length !== count) throw new InputError(`the recording holds ${files.length} of its ${String(count)} files`, { file });
  const end = find('DONE');
  const done = end && (parse(end, file) as { n?: unknown; hash?: unknown });
  const inputs = readInputs(find('INPT'), version, file);
  const last = done && isInstant(done.n) && typeof done.hash === 'string' ? { n: done.n, hash: done.hash } : undefined;
  const reached = last?.n ?? Math.max(inputs.at(-1)?.n ?? 0, lastOutput(find('UART')), lastTrap(find('TRAP')));
  return {
    name: visible(name),
    options,
    image: image.payload,
    files,
    inputs,
    at: isInstant(at) ? at : undefined,
    end: last,
    reached,
    lost,
  };
}

/** The instant after the last byte sent: as many bytes as steps, the steps at the end. */
function lastOutput(chunk: Chunk | undefined): number {
  if (!chunk || chunk.payload.length < 9) return 0;
  const { buffer, byteOffset, byteLength } = chunk.payload;
  const step = new DataView(buffer, byteOffset, byteLength).getFloat64(byteLength - 8, true);
  return isInstant(step) ? step + 1 : 0;
}
/** The instant after the last line. */
function lastTrap(chunk: Chunk | undefined): number {
  const [, n] =
    /^\{"n":(\d{1,15}),[^\n]*$/m.exec(chunk ? new TextDecoder().decode(chunk.payload.subarray(-TAIL)).split('\n').at(-1)! : '') ?? [];
  return n === undefined ? 0 : Number(n) + 1;
}

/** The warning about a recording without its end. */
export const cutOff = ({ reached, lost }: Recording): string =>
  `the recording was cut off: it is replayed up to instant ${reached}, the last one it contains${lost > 0 ? `; its last ${lost} bytes could not be used` : ''}`;

const uses = ['initrd', 'dtb', 'load'] as const satisfies readonly BoardFile['use'][];
const fileChunk = ({ use, name, bytes, pa = PA(0) }: BoardFile): Uint8Array =>
  new ByteWriter().u8(uses.indexOf(use)).count(pa).text(name).bytes(bytes).finish();
function readFile({ payload }: Chunk, file: string): BoardFile {
  const reader = new ByteReader(payload, file);
  const use = uses[reader.u8()];
  if (!use) throw reader.error('a file in the recording has an unknown use', 'a newer ELscope may know it');
  const pa = PA(reader.count());
  const name = nameFrom(reader.bytes());
  return { use, pa, name, bytes: reader.bytes().slice() };
}

/** What an input is, in version 2. A wide change has 128 bits, the low half first. */
const inputKinds = ['bytes', 'change', 'wide change'] as const;

function inputChunk(events: readonly InputEvent[], version: RecordingVersion): Uint8Array {
  const writer = new ByteWriter();
  for (const event of events) {
    writer.f64(event.n);
    const high = event.kind === 'change' ? event.value >> 64n : 0n;
    if (version > 1) writer.u8(inputKinds.indexOf(high > 0n ? 'wide change' : event.kind));
    if (event.kind === 'bytes') writer.bytes(event.bytes);
    else writer.text(event.register).u64(BigInt.asUintN(64, event.value));
    if (high > 0n) writer.u64(high);
  }
  return writer.finish();
}
function readInputs(chunk: Chunk | undefined, version: RecordingVersion, file: string): InputEvent[] {
  const events: InputEvent[] = [];
  if (!chunk) return events;
  const reader = new ByteReader(chunk.payload, file);
  while (reader.remaining > 0) {
    const n = reader.f64();
    if (!Number.isSafeInteger(n) || n < (events.at(-1)?.n ?? 0))
      throw reader.error(`an input at instant ${n}`, 'expected instants that do not fall');
    const kind = inputKinds[version > 1 ? reader.u8() : 0];
    if (kind === 'bytes') events.push({ kind, n, bytes: reader.bytes().slice() });
    else if (kind === 'change') events.push({ kind, n, register: reader.text(), value: reader.u64() });
    else if (kind === 'wide change')
      events.push({ kind: 'change', n, register: reader.text(), value: reader.u64() | (reader.u64() << 64n) });
    else throw reader.error('an input of an unknown kind', 'a newer ELscope may know it', reader.offset - 1);
  }
  return events;
}

const isInstant = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
function parse({ type, payload }: Chunk, file: string): object {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new InputError(`chunk ${type} of the recording is not JSON`, { file });
}
