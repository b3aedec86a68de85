/** The text of a source file of the open program. It is asked for by its number in the program's own debug information, never by a path. */
import { InputError } from '../base/errors.ts';
import { hex } from '../base/hex.ts';
import { visibleLines } from '../base/names.ts';
import { sourceOf } from './own-source.ts';
import type { RecordedNames } from '../debug/address-names.ts';
import type { SourceFile } from '../debug/dwarf-lines.ts';
import type { CommandResult } from './contract.ts';
import type { SessionHost, SourceText } from './host.ts';
import type { Program } from './program.ts';
import type { ReadSource } from './source-line.ts';

/** What the sources of a program are found by: kept also of one whose machine is not. */
export interface SourcedProgram extends Pick<Program, 'name' | 'bytes' | 'lines'> {
  readonly names: { readonly recorded: RecordedNames };
}

interface Place {
  readonly host: SessionHost;
  /** Where the program lies, where that is known. */
  readonly path: string | undefined;
}

/** Throws InputError where the program has no such file. */
export async function sourceFile(program: SourcedProgram, { host, path }: Place, number: number): Promise<CommandResult<'source'>> {
  const { recorded } = program.names;
  const holder = recorded.sourceHolder(number);
  const file = holder?.file.lines.files[number - holder.first];
  if (!holder || !file) throw new InputError(`the program has no source file ${number}`, { file: program.name });
  const found = ownSource(program, file.name) ?? (await bundled(host, program, file)) ?? (await host.sourceText(file, path));
  return {
    name: file.name,
    ...found,
    // Somebody else's: what would turn the direction of a line round, or hide in it, is spelled out.
    text: found.text === null ? null : visibleLines(found.text),
    looked: found.text === null ? [...found.looked] : [],
    lines: holder.file.lines
      .linesOf(number - holder.first)
      .map(({ line, address }) => ({ line, address: hex(recorded.movedFrom(holder.file, address)) })),
  };
}

export const sourceReader =
  (program: SourcedProgram, place: Place): ReadSource =>
  (number) =>
    sourceFile(program, place, number);

/** Files of a program that are read when it is opened. */
const MOST_REMEMBERED = 64;
/** What they said then, by the program's bytes: once it is built anew, its files say something else. */
const remembered = new WeakMap<Uint8Array, Map<number, string>>();

/** Reads the sources of a program that may be built anew while it is open. Never rejects. */
export async function rememberSources(program: SourcedProgram, { host, path }: Place): Promise<void> {
  if (remembered.has(program.bytes)) return;
  const texts = new Map<number, string>();
  remembered.set(program.bytes, texts);
  for (const [number, file] of program.lines.files.slice(0, MOST_REMEMBERED).entries()) {
    const found = await host.sourceText(file, path).catch(() => undefined);
    if (found && found.text !== null && !found.isNewer) texts.set(number, found.text);
  }
}

/** Of a build whose place another one has taken: what it brings along, or what its files said when it was opened. */
export const olderSourceReader =
  (program: SourcedProgram, host: SessionHost): ReadSource =>
  async (number) => {
    const file = program.lines.files.at(number);
    const found = file && (ownSource(program, file.name) ?? (await bundled(host, program, file)));
    return found ?? { text: remembered.get(program.bytes)?.get(number) ?? null };
  };

/** A program that was assembled in the app holds its source. */
function ownSource(program: SourcedProgram, name: string): { readonly text: string } | undefined {
  const source = sourceOf(program);
  return source?.name === name ? source : undefined;
}

/** The images that come with the app name their sources relative to the firmware's folder, which is bundled too. */
async function bundled(host: SessionHost, program: SourcedProgram, { name }: SourceFile): Promise<SourceText | undefined> {
  if (!(await isBundled(host, program))) return undefined;
  const text = await host.bundledSource(name);
  return text === undefined ? undefined : { text, path: `firmware/${name}` };
}

const known = new WeakMap<Uint8Array, Promise<boolean>>();

/** Whether the program is one of those that come with the app, byte for byte, wherever it was opened from. */
function isBundled(host: SessionHost, program: SourcedProgram): Promise<boolean> {
  const compare = async (): Promise<boolean> => {
    if (!host.scenarios.some(({ file }) => file === program.name)) return false;
    const image = await host.scenarioImage(program.name).catch(() => undefined);
    return image !== undefined && image.length === program.bytes.length && image.every((byte, i) => byte === program.bytes[i]);
  };
  const answer = known.get(program.bytes) ?? compare();
  known.set(program.bytes, answer);
  return answer;
}
