/** The source that a program brings along, if it was assembled in the app. */
import { SOURCE_SECTION } from '../assembler/index.ts';
import { isElf, readElf, readSections } from '../machine/elf.ts';
import type { Program } from './program.ts';
import { limits } from './limits.ts';

interface OwnSource {
  readonly name: string;
  readonly text: string;
}
type File = Pick<Program, 'bytes' | 'name' | 'lines'>;

const known = new WeakMap<Uint8Array, OwnSource | undefined>();

export function sourceOf(program: File): OwnSource | undefined {
  if (!known.has(program.bytes)) known.set(program.bytes, readSource(program));
  return known.get(program.bytes);
}

function readSource({ bytes, name, lines }: File): OwnSource | undefined {
  const [file, ...others] = lines.files;
  if (file === undefined || others.length > 0 || !isElf(bytes)) return undefined;
  // Its line table was read, and so its sections can be.
  const data = readSections(readElf(bytes, name)).find((section) => section.name === SOURCE_SECTION)?.data;
  return data && { name: file.name, text: new TextDecoder().decode(data.subarray(0, 4 * limits.sourceCharacters)) };
}
