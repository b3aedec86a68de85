/**
 * A recording as a file: the program, the machine's options, and the input with its instants, so that the run can be repeated exactly, and
 * the state that it gave. It is a journal: at any moment of the run what is written so far is a recording. Chunks: HEAD (JSON), IMAG (the
 * program), FILE (another file in the machine, each its own), then as it happens SYMB (a file with
 * names was added), NOSY (one was taken away), INPT (input), KEEP (a change by hand: only so much of the
 * input before it remains), EXPT (the experiments that a person keeps, all of them again with each change), MARK (an instant that was reached), KEYF (the machine at an instant: of several the last one counts), and DONE
 * (JSON: the end and its hash, and the instant shown). Older files also have UART and TRAP, what happened.
 */
import { PA } from '../base/addresses.ts';
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { InputError } from '../base/errors.ts';
import { nameFrom, visible } from '../base/names.ts';
import type { BoardFile } from '../machine/loader.ts';
import { ChunkWriter, concatenate, deflate, eachChunk, type Chunk, type RecordingVersion, type Sink, type Tails } from './chunks.ts';
import { mostInputs, type InputEvent } from './input-log.ts';
import { keyframeBytes, mostKeyframeBytes, readKeyframe, type KeyframeEntry, type StoredKeyframe } from './stored-keyframe.ts';
import { experimentsChunk, readExperiments, type StoredExperiment } from './stored-experiments.ts';
import { readSymbolsChunk, symbolsChunk, withinRecording, type RecordedSymbols } from './recorded-symbols.ts';
import type { Timeline } from './timeline.ts';

/** Bytes at the end of a chunk that hold its last entry. */
const TAIL = 2048;

export interface Recording {
  readonly name: string;
  /** As they were saved; the code that opens the recording checks them. */
  readonly options: unknown;
  readonly image: Uint8Array;
  /** Where the program lay. Only to be believed of a file that nobody else can have written. */
  readonly path: string | undefined;
  readonly files: readonly BoardFile[];
  readonly inputs: readonly InputEvent[];
  /** Files with names beside the program's own. */
  readonly symbols: readonly RecordedSymbols[];
  readonly experiments: readonly StoredExperiment[];
  /** The instant that was shown when it was saved; undefined for the end. */
  readonly at: number | undefined;
  /** The last instant and the state hash there; undefined where the file was cut off before it. */
  readonly end: { readonly n: number; readonly hash: string } | undefined;
  /** How far the run is known to have come: the end, or where that was cut off the last input, output or trap. */
  readonly reached: number;
  /** A state on the way, which the replay must come to as well; undefined where none was stored, or a change by hand made it void. */
  readonly keyframe: StoredKeyframe | undefined;
  /** Bytes at the end of the file that could not be used. */
  readonly lost: number;
}

/** What a run is made of from its beginning. */
export interface RunStart {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly options: object;
  readonly files: readonly BoardFile[];
  readonly inputs: readonly InputEvent[];
  readonly symbols?: readonly RecordedSymbols[];
  readonly experiments?: readonly StoredExperiment[];
  /** Where the program lies, where that is to be in the file. */
  readonly path?: string;
}
/** What happens to it from outside, and how far it comes. */
export type RunEntry =
  | { readonly kind: 'input'; readonly event: InputEvent }
  /** A change by hand: of the input only the first `kept` remain, and then `event`. */
  | { readonly kind: 'changed'; readonly kept: number; readonly event: InputEvent }
  | { readonly kind: 'reached'; readonly n: number }
  /** All that are kept from here on. */
  | { readonly kind: 'experiments'; readonly list: readonly StoredExperiment[] }
  /** A file with names was added, or the one of this number was taken away. */
  | { readonly kind: 'named'; readonly file: RecordedSymbols }
  | { readonly kind: 'unnamed'; readonly number: number }
  | KeyframeEntry;

function* startChunks({ name, bytes, options, files, inputs, symbols = [], experiments = [], path }: RunStart): Generator<Chunk> {
  yield { type: 'HEAD', payload: json({ name, options, files: files.length, path }) };
  yield { type: 'IMAG', payload: bytes };
  for (const file of files) yield { type: 'FILE', payload: fileChunk(file) };
  for (const file of withinRecording(symbols)) yield { type: 'SYMB', payload: symbolsChunk(file) };
  if (inputs.length > 0) yield { type: 'INPT', payload: inputChunk(inputs) };
  if (experiments.length > 0) yield { type: 'EXPT', payload: experimentsChunk(experiments, inputChunk) };
}

/** How a run ended: the last instant, its state, and the instant to show when it is opened again. */
export interface Ending {
  readonly n: number;
  readonly hash: string;
  readonly at: number;
}
/** Of the instant that the machine is at. */
export const endingOf = ({ at, machine }: Timeline, shown = at): Ending => ({ n: at, hash: machine.stateHash(), at: shown });

/** Writes a recording while the run goes on. */
export class RecordingWriter {
  private readonly chunks: ChunkWriter;

  constructor(sink: Sink) {
    this.chunks = new ChunkWriter(sink);
  }

  /** First of all. Throws InputError for more than can be read again. */
  begin(run: RunStart): void {
    for (const chunk of startChunks(run)) this.chunks.write(chunk);
  }
  /** The same for a file that stays: smaller, and it takes a while. */
  async beginDeflated(run: RunStart): Promise<void> {
    for (const chunk of startChunks(run)) await this.chunks.writeDeflated(chunk);
  }

  write(entry: RunEntry): void {
    if (entry.kind === 'keyframe') return this.chunks.writeLast('KEYF', entry.deflated);
    if (entry.kind === 'named') return this.chunks.write({ type: 'SYMB', payload: symbolsChunk(entry.file) });
    if (entry.kind === 'unnamed') return this.chunks.write({ type: 'NOSY', payload: new ByteWriter(4).u32(entry.number).finish() });
    if (entry.kind === 'reached') return this.chunks.write({ type: 'MARK', payload: new ByteWriter(8).f64(entry.n).finish() });
    if (entry.kind === 'experiments') return this.chunks.write({ type: 'EXPT', payload: experimentsChunk(entry.list, inputChunk) });
    if (entry.kind === 'changed') this.chunks.write({ type: 'KEEP', payload: new ByteWriter(4).u32(entry.kept).finish() });
    this.chunks.write({ type: 'INPT', payload: inputChunk([entry.event]) });
  }

  /** A state of the run, before its end. */
  async keyframe(payload: Uint8Array): Promise<void> {
    this.chunks.writeLast('KEYF', await deflate(payload));
  }

  /** Last of all. */
  end(ending: Ending): void {
    this.chunks.write({ type: 'DONE', payload: json(ending) });
  }
}

/**
 * The recording of a run up to its end; the timeline must stand there. `shown`: the instant to show when it is opened again; `keyframe`:
 * the machine there, as `keyframeBytes` gives it.
 */
export async function writeRecording(
  run: Omit<RunStart, 'inputs'>,
  timeline: Timeline,
  shown = timeline.at,
  keyframe = keyframeBytes(timeline),
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  const writer = new RecordingWriter((part) => parts.push(part));
  // Of the run as it is now, whatever happens to the timeline while the program is being deflated.
  const ending = endingOf(timeline, shown);
  await writer.beginDeflated({ ...run, inputs: timeline.inputs.all().slice() });
  if (keyframe) await writer.keyframe(keyframe);
  writer.end(ending);
  return concatenate(parts);
}

/** Throws InputError for bytes that are no usable recording. `withKeyframe`: false where nobody is going to open it. */
export async function readRecording(bytes: Uint8Array, file: string, { withKeyframe = true } = {}): Promise<Recording> {
  // What happened is only asked of older files that were cut off: then the last of it tells how far the run came.
  const tails: Tails = (types) => (types.has('DONE') ? { UART: 0, TRAP: 0 } : { UART: TAIL, TRAP: TAIL });
  let head: Record<string, unknown> | undefined;
  let image: Uint8Array | undefined;
  let done: { n?: unknown; hash?: unknown; at?: unknown } | undefined;
  let reached = 0;
  let keyframe: StoredKeyframe | undefined;
  /** A change by hand comes next: what was after it is void. */
  let isChanged = false;
  const files: BoardFile[] = [];
  const inputs: InputEvent[] = [];
  const symbols: RecordedSymbols[] = [];
  let experiments: readonly StoredExperiment[] = [];
  const visit = (chunk: Chunk, version: RecordingVersion): void => {
    const { type, payload } = chunk;
    if (type === 'HEAD') head ??= parse(chunk, file) as Record<string, unknown>;
    else if (type === 'IMAG') image ??= payload;
    else if (type === 'FILE') files.push(readFile(chunk, file));
    else if (type === 'SYMB') symbols.push(readSymbolsChunk(payload, file));
    else if (type === 'NOSY') symbols.splice(new ByteReader(payload, file).u32(), 1);
    else if (type === 'EXPT') {
      experiments = readExperiments(payload, file, (stored) => {
        const events: InputEvent[] = [];
        readInputs(stored, version, file, events);
        return events;
      });
    } else if (type === 'INPT') {
      const known = inputs.length;
      readInputs(payload, version, file, inputs);
      if (isChanged && keyframe && (inputs[known]?.n ?? 0) < keyframe.n) keyframe = undefined;
      isChanged = false;
    } else if (type === 'KEYF') keyframe = readKeyframe(payload, file);
    else if (type === 'KEEP') {
      isChanged = true;
      const kept = new ByteReader(payload, file).u32();
      if (kept < inputs.length) inputs.length = kept;
      reached = 0;
    } else if (type === 'MARK') reached = instant(new ByteReader(payload, file).f64());
    else if (type === 'UART') reached = Math.max(reached, lastOutput(payload));
    else if (type === 'TRAP') reached = Math.max(reached, lastTrap(payload));
    else if (type === 'DONE') done = parse(chunk, file);
  };
  const { lost } = await eachChunk(bytes, file, visit, { tails, lastOf: { KEYF: withKeyframe ? mostKeyframeBytes : 0 } });
  if (!head || !image) throw new InputError('the recording was cut off before its program', { file, offset: bytes.length - lost });
  const { name, options, files: count = 0, path } = head;
  if (typeof name !== 'string' || typeof options !== 'object' || options === null)
    throw new InputError('the head of the recording has no name or options', { file });
  if (files.length !== count) throw new InputError(`the recording holds ${files.length} of its ${String(count)} files`, { file });
  const end = done && isInstant(done.n) && typeof done.hash === 'string' ? { n: done.n, hash: done.hash } : undefined;
  const at = done?.at ?? head['at'];
  return {
    name: visible(name),
    options,
    image,
    path: typeof path === 'string' ? path : undefined,
    files,
    inputs,
    symbols,
    experiments,
    at: isInstant(at) ? at : undefined,
    end,
    reached: end?.n ?? Math.max(reached, inputs.at(-1)?.n ?? 0, keyframe?.n ?? 0),
    keyframe,
    lost,
  };
}

/** The instant after the last byte sent: as many bytes as steps, the steps at the end. */
function lastOutput({ buffer, byteOffset, byteLength }: Uint8Array): number {
  if (byteLength < 9) return 0;
  const step = new DataView(buffer, byteOffset, byteLength).getFloat64(byteLength - 8, true);
  return isInstant(step) ? step + 1 : 0;
}
/** The instant after the last line. */
function lastTrap(lines: Uint8Array): number {
  const last = new TextDecoder().decode(lines.subarray(-TAIL)).split('\n').at(-1)!;
  const [, n] = /^\{"n":(\d{1,15}),/.exec(last) ?? [];
  return n === undefined ? 0 : Number(n) + 1;
}

/** The warning about a recording without its end. */
export const cutOff = ({ reached, lost }: Recording): string =>
  `the recording was cut off: it is replayed up to instant ${reached}, the last one it contains${lost > 0 ? `; its last ${lost} bytes could not be used` : ''}`;

const uses = ['initrd', 'dtb', 'load', 'drive', 'read-only drive', 'start', 'kernel'] as const satisfies readonly BoardFile['use'][];
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

/** What an input is, from version 2 on. A wide change has 128 bits, the low half first. */
const inputKinds = ['bytes', 'change', 'wide change', 'memory', 'host'] as const;

function inputChunk(events: readonly InputEvent[]): Uint8Array {
  const writer = new ByteWriter();
  for (const event of events) {
    writer.f64(event.n);
    const high = event.kind === 'change' ? event.value >> 64n : 0n;
    writer.u8(inputKinds.indexOf(high > 0n ? 'wide change' : event.kind));
    if (event.kind === 'bytes') writer.bytes(event.bytes);
    else if (event.kind === 'memory') writer.count(event.pa).bytes(event.bytes);
    else if (event.kind === 'host') writer.f64(event.value).u32(event.errno).bytes(event.bytes);
    else writer.text(event.register).u64(BigInt.asUintN(64, event.value));
    if (high > 0n) writer.u64(high);
  }
  return writer.finish();
}
/** Adds the inputs of a chunk to those before it. */
function readInputs(payload: Uint8Array, version: RecordingVersion, file: string, events: InputEvent[]): void {
  const reader = new ByteReader(payload, file);
  while (reader.remaining > 0) {
    if (events.length === mostInputs) throw reader.error(`more than ${mostInputs} inputs`, 'no recording of ELscope has so many');
    const n = reader.f64();
    if (!Number.isSafeInteger(n) || n < (events.at(-1)?.n ?? 0))
      throw reader.error(`an input at instant ${n}`, 'expected instants that do not fall');
    const kind = inputKinds[version > 1 ? reader.u8() : 0];
    if (kind === 'bytes') events.push({ kind, n, bytes: reader.bytes().slice() });
    else if (kind === 'change') events.push({ kind, n, register: reader.text(), value: reader.u64() });
    else if (kind === 'wide change')
      events.push({ kind: 'change', n, register: reader.text(), value: reader.u64() | (reader.u64() << 64n) });
    else if (kind === 'memory') events.push({ kind, n, pa: PA(reader.count()), bytes: reader.bytes().slice() });
    else if (kind === 'host') events.push({ kind, n, value: reader.f64(), errno: reader.u32(), bytes: reader.bytes().slice() });
    else throw reader.error('an input of an unknown kind', 'a newer ELscope may know it', reader.offset - 1);
  }
}

const instant = (value: number): number => (isInstant(value) ? value : 0);
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
