/**
 * The text of a source file that a program's debug information names. A program can name any path, so little is read: regular files of
 * moderate size that hold text and are called as source files are, also after all links are followed.
 */
import { constants } from 'node:fs';
import { open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join } from 'node:path';
import type { SourceText } from '../emulator/index.ts';

/** Bytes of a source file that is shown. */
export const mostSourceBytes = 2 << 20;

const sourceExtensions = new Set(
  '.c .h .s .cc .cpp .cxx .hh .hpp .hxx .inc .inl .def .asm .rs .zig .go .swift .adb .ads .f90 .m .mm .nim .d .ld .lds'.split(' '),
);

/** Folders above the program in which files with relative names are looked for, and parts of an absolute path that are tried there. */
const PARENTS = 3;
const TAIL_PARTS = 4;

/** `path`: as the program names it. `program`: path of the program, if it is known. Never rejects. */
export async function readSourceText(path: string, program: string | undefined): Promise<SourceText> {
  const places = candidates(path, program);
  let problem: string | undefined;
  for (const place of places) {
    const found = await readText(place).catch((error: unknown) => {
      if (error instanceof Refused) problem ??= error.message;
      return undefined;
    });
    if (found) return { text: found.text, path: place, isNewer: await isNewer(found.changed, program) };
  }
  return { text: null, looked: places, problem: problem ?? whyNot(path, places) };
}

function whyNot(path: string, places: readonly string[]): string {
  if (path === '') return 'the debug information does not name its file';
  if (places.length === 0)
    return 'the debug information gives only a relative name, and the location of the program is not known: open it by its path';
  return 'there is no such file on this computer';
}

/** Why a file that is there is not shown. */
class Refused extends Error {}

/** Paths where the file may lie, the likeliest first. */
function candidates(path: string, program: string | undefined): string[] {
  // Two slashes can name another computer, which nobody asked to talk to.
  if (path === '' || path.includes('\0') || /^[\\/]{2}/.test(path)) return [];
  const folders: string[] = [];
  for (let folder = program && dirname(program); folder !== undefined && folders.length <= PARENTS;) {
    folders.push(folder);
    const parent = dirname(folder);
    folder = parent === folder ? undefined : parent;
  }
  if (!isAbsolute(path)) return folders.map((folder) => join(folder, path));
  // Compiled elsewhere, in a container for instance: its last parts, beside the program.
  const parts = path.split('/').filter(Boolean);
  const tails = Array.from({ length: Math.min(TAIL_PARTS, parts.length) }, (_, i) => parts.slice(-(i + 1)).join('/')).reverse();
  return [path, ...folders.slice(0, 2).flatMap((folder) => tails.map((tail) => join(folder, tail)))];
}

async function readText(place: string): Promise<{ text: string; changed: number }> {
  const real = await realpath(place);
  for (const name of [place, real])
    if (!sourceExtensions.has(extname(name).toLowerCase())) throw new Refused(`${name} does not have the name of a source file`);
  // A pipe would wait for somebody to write to it.
  const file = await open(real, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const { size, mtimeMs } = await regular(file, real);
    if (size > mostSourceBytes) throw new Refused(`${real} has ${size} bytes; at most ${mostSourceBytes} are shown`);
    const bytes = new Uint8Array(size);
    const { bytesRead } = await file.read(bytes, 0, size, 0);
    const text = new TextDecoder().decode(bytes.subarray(0, bytesRead));
    if (text.includes('\0')) throw new Refused(`${real} is not a text file`);
    return { text, changed: mtimeMs };
  } finally {
    await file.close();
  }
}

async function regular(file: FileHandle, path: string): Promise<{ size: number; mtimeMs: number }> {
  const stats = await file.stat();
  if (!stats.isFile()) throw new Refused(`${path} is not a regular file`);
  return stats;
}

async function isNewer(changed: number, program: string | undefined): Promise<boolean> {
  const built = program === undefined ? undefined : await stat(program).catch(() => undefined);
  return built !== undefined && changed > built.mtimeMs;
}
