/** The text of a source file of the open program. It is asked for by its number in the program's own debug information, never by a path. */
import { InputError } from '../base/errors.ts';
import { hex } from '../base/hex.ts';
import { visibleLines } from '../base/names.ts';
import { sourceOf } from './source-program.ts';
import type { SourceFile } from '../debug/dwarf-lines.ts';
import type { CommandResult } from './contract.ts';
import type { SessionHost, SourceText } from './host.ts';
import type { Program } from './program.ts';

/** `path`: where the program lies, where that is known. Throws InputError where it has no such file. */
export async function sourceFile(
  program: Program,
  { host, path }: { readonly host: SessionHost; readonly path: string | undefined },
  number: number,
): Promise<CommandResult<'source'>> {
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

/** A program that was assembled in the app holds its source. */
function ownSource(program: Program, name: string): { readonly text: string } | undefined {
  const source = sourceOf(program);
  return source?.name === name ? source : undefined;
}

/** The images that come with the app name their sources relative to the firmware's folder, which is bundled too. */
async function bundled(host: SessionHost, program: Program, { name }: SourceFile): Promise<SourceText | undefined> {
  if (!(await isBundled(host, program))) return undefined;
  const text = await host.bundledSource(name);
  return text === undefined ? undefined : { text, path: `firmware/${name}` };
}

const known = new WeakMap<Program, Promise<boolean>>();

/** Whether the program is one of those that come with the app, byte for byte, wherever it was opened from. */
function isBundled(host: SessionHost, program: Program): Promise<boolean> {
  const compare = async (): Promise<boolean> => {
    if (!host.scenarios.some(({ file }) => file === program.name)) return false;
    const image = await host.scenarioImage(program.name).catch(() => undefined);
    return image !== undefined && image.length === program.bytes.length && image.every((byte, i) => byte === program.bytes[i]);
  };
  const answer = known.get(program) ?? compare();
  known.set(program, answer);
  return answer;
}
