/**
 * The text of a source file that a program's debug information names. A program can name any path, so little is read: beside the program
 * and in folders that the person named, regular files of moderate size that hold text and are called as source files are; all that after
 * links are followed.
 */
import { constants } from 'node:fs';
import { open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, extname, isAbsolute, join, relative, sep } from 'node:path';
import type { SourceText } from '../emulator/index.ts';

/** Bytes of a source file that is shown. */
export const mostSourceBytes = 2 << 20;

const sourceExtensions = new Set(
  '.c .h .s .cc .cpp .cxx .hh .hpp .hxx .inc .inl .def .asm .rs .zig .go .swift .adb .ads .f90 .m .mm .nim .d .ld .lds'.split(' '),
);

/** Parts of an absolute path that are tried in each folder. */
const TAIL_PARTS = 4;

/**
 * `path`: as the program names it. `program`: path of the program, if it is known. `named`: folders that the person has named. Never rejects.
 * What lies outside the folders that may be read is answered alike whether it exists or not.
 */
export async function readSourceText(path: string, program: string | undefined, named: readonly string[]): Promise<SourceText> {
  const roots = [...(program === undefined ? [] : foldersOf(program)), ...named.map((folder) => ({ folder, depth: Infinity }))];
  const places = candidates(path, roots);
  let problem: string | undefined;
  for (const place of places) {
    const found = await readText(place, roots).catch((error: unknown) => {
      if (error instanceof Refused) problem ??= error.message;
      return undefined;
    });
    if (found) return { text: found.text, path: place, isNewer: await isNewer(found.changed, program) };
  }
  return { text: null, looked: places, problem: problem ?? whyNot(path, roots) };
}

function whyNot(path: string, roots: readonly Root[]): string {
  if (path === '') return 'the debug information does not name its file';
  if (roots.length === 0)
    return 'the location of the program is not known: start ELscope with its path, or name the folder of its sources with --sources';
  return `there is no such file in ${roots.map(({ folder }) => folder).join(' or ')}; other folders are read if --sources names them`;
}

/** Why a file that may be read is not shown. */
class Refused extends Error {}

/** A folder in which sources may be read. */
interface Root {
  readonly folder: string;
  /** How many folders deep; 1: only what lies directly in it. */
  readonly depth: number;
}

/**
 * The folder of the program, the one above it, since a program often lies in a folder "build" beside its sources, and the one that the person
 * stood in, if it holds the program. Of a folder that holds more than a project (the home folder, and all above it) only the files beside
 * the program are read.
 */
function foldersOf(program: string): Root[] {
  const own = dirname(program);
  const isProject = (folder: string): boolean => !isInside(homedir(), folder) && dirname(folder) !== folder;
  const here = process.cwd();
  const folders = new Set([own, dirname(own), ...(isInside(program, here) ? [here] : [])]);
  return [...folders]
    .filter((folder) => folder === own || isProject(folder))
    .map((folder) => ({ folder, depth: isProject(folder) ? Infinity : 1 }));
}

/** Whether `path` is `folder` or in it, at most so many folders deep. */
function isInside(path: string, folder: string, depth = Infinity): boolean {
  const way = relative(folder, path);
  return way === '' || (!isAbsolute(way) && way.split(sep)[0] !== '..' && way.split(sep).length <= depth);
}

/** Paths where the file may lie, the likeliest first; none outside the folders. */
function candidates(path: string, roots: readonly Root[]): string[] {
  // Two slashes can name another computer, which nobody asked to talk to.
  if (path === '' || path.includes('\0') || /^[\\/]{2}/.test(path)) return [];
  // An absolute path may have been compiled elsewhere, in a container for instance: its last parts, in each folder.
  const parts = path.split('/').filter(Boolean);
  const tails = Array.from({ length: Math.min(TAIL_PARTS, parts.length) }, (_, i) => parts.slice(-(i + 1)).join('/')).reverse();
  const names = isAbsolute(path) ? tails : [path];
  const places = [...(isAbsolute(path) ? [path] : []), ...roots.flatMap(({ folder }) => names.map((name) => join(folder, name)))];
  return [...new Set(places)].filter((place) => mayRead(place, roots));
}

const mayRead = (place: string, roots: readonly Root[]): boolean => roots.some(({ folder, depth }) => isInside(place, folder, depth));

async function readText(place: string, roots: readonly Root[]): Promise<{ text: string; changed: number }> {
  const real = await realpath(place);
  const realRoots = await Promise.all(
    roots.map(async ({ folder, depth }) => ({ folder: await realpath(folder).catch(() => folder), depth })),
  );
  // A link that leads out of the folders is as if it were not there.
  if (!mayRead(real, realRoots)) throw new Error('outside');
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
