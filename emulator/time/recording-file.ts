/**
 * A recording as a file: the program, the machine's options, the input with its instants, and what happened, so that the run can be
 * repeated exactly and checked against what it gave. Chunks: HEAD (JSON), IMAG (the program), FILE (another
 * file in the machine, each its own), INPT, UART, TRAP, DONE (end and hash).
 */
import { ByteReader, ByteWriter } from '../base/bytes.ts';
import { InputError } from '../base/errors.ts';
import type { BoardFile } from '../machine/loader.ts';
import { readChunks, writeChunks, type Chunk } from './chunks.ts';
import type { InputEvent } from './input-log.ts';
import type { Timeline } from './timeline.ts';
import { trapLine } from './trap-line.ts';

export interface Recording {
  readonly name: string;
  /** As they were saved; whoever opens the recording checks them. */
  readonly options: unknown;
  readonly image: Uint8Array;
  readonly files: readonly BoardFile[];
  readonly inputs: readonly InputEvent[];
  /** The last instant and the state hash there; undefined where the file was cut off before it. */
  readonly end: { readonly n: number; readonly hash: string } | undefined;
  /** Bytes at the end of the file that could not be used. */
  readonly lost: number;
}

/** The recording of a run up to its end; the timeline must stand there. */
export async function writeRecording(
  name: string,
  image: Uint8Array,
  options: object,
  timeline: Timeline,
  files: readonly BoardFile[] = [],
): Promise<Uint8Array<ArrayBuffer>> {
  const inputs = new ByteWriter();
  for (const { n, bytes } of timeline.inputs.all()) inputs.f64(n).bytes(bytes);
  const output = new ByteWriter();
  output.bytes(timeline.output.slice(0, timeline.output.length));
  for (let i = 0; i < timeline.output.length; i++) output.f64(timeline.output.stepOf(i)!);
  const traps = Array.from({ length: timeline.traps.length }, (_, i) => JSON.stringify(trapLine(timeline.traps.get(i))));
  return writeChunks([
    { type: 'HEAD', payload: json({ name, options, files: files.length }) },
    { type: 'IMAG', payload: image },
    ...files.map((file) => ({ type: 'FILE', payload: fileChunk(file) })),
    { type: 'INPT', payload: inputs.finish() },
    { type: 'UART', payload: output.finish() },
    { type: 'TRAP', payload: new TextEncoder().encode(traps.join('\n')) },
    { type: 'DONE', payload: json({ n: timeline.at, hash: timeline.machine.stateHash() }) },
  ]);
}

/** Throws InputError for bytes that are no usable recording. */
export async function readRecording(bytes: Uint8Array, file: string): Promise<Recording> {
  const { chunks, lost } = await readChunks(bytes, file);
  const find = (type: string): Chunk | undefined => chunks.find((chunk) => chunk.type === type);
  const head = find('HEAD');
  const image = find('IMAG');
  if (!head || !image) throw new InputError('the recording was cut off before its program', { file, offset: bytes.length - lost });
  const { name, options, files: count = 0 } = parse(head, file) as { name?: unknown; options?: unknown; files?: unknown };
  if (typeof name !== 'string' || typeof options !== 'object' || options === null)
    throw new InputError('the head of the recording has no name or options', { file });
  const files = chunks.filter(({ type }) => type === 'FILE').map((chunk) => readFile(chunk, file));
  if (files.length !== count) throw new InputError(`the recording holds ${files.length} of its ${String(count)} files`, { file });
  const end = find('DONE');
  const done = end && (parse(end, file) as { n?: unknown; hash?: unknown });
  return {
    name,
    options,
    image: image.payload,
    files,
    inputs: readInputs(find('INPT'), file),
    end: done && typeof done.n === 'number' && typeof done.hash === 'string' ? { n: done.n, hash: done.hash } : undefined,
    lost,
  };
}

const uses = ['initrd', 'dtb', 'load'] as const satisfies readonly BoardFile['use'][];
const fileChunk = ({ use, name, bytes, pa = 0 }: BoardFile): Uint8Array =>
  new ByteWriter().u8(uses.indexOf(use)).count(pa).text(name).bytes(bytes).finish();
function readFile({ payload }: Chunk, file: string): BoardFile {
  const reader = new ByteReader(payload, file);
  const use = uses[reader.u8()];
  if (!use) throw reader.error('a file in the recording has an unknown use', 'a newer ELscope may know it');
  const pa = reader.count();
  const name = reader.text();
  return { use, pa, name, bytes: reader.bytes().slice() };
}

function readInputs(chunk: Chunk | undefined, file: string): InputEvent[] {
  const events: InputEvent[] = [];
  if (!chunk) return events;
  const reader = new ByteReader(chunk.payload, file);
  while (reader.remaining > 0) {
    const n = reader.f64();
    if (!Number.isSafeInteger(n) || n < (events.at(-1)?.n ?? 0))
      throw reader.error(`an input at instant ${n}`, 'expected instants that do not fall');
    events.push({ n, bytes: reader.bytes().slice() });
  }
  return events;
}

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
