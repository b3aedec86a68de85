/** The program file that a shell was given: reads it, and notices when it has been rebuilt. */
import { unwatchFile, watchFile, type Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { InputError, limits, visible } from '../emulator/index.ts';

export interface ProgramFile {
  /** Name without folders, as it is shown. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Absolute. */
  readonly path: string;
}

/** Reads a program, a recording, or something else that is `expected`; what is wrong with the file is an InputError that names it. */
export async function readProgramFile(path: string, expected = 'an AArch64 ELF or a recording'): Promise<ProgramFile> {
  const name = visible(basename(path));
  try {
    const stats = await stat(path);
    // A device may have no end, and a pipe waits for somebody to write to it.
    if (!stats.isFile()) throw new InputError(`this is ${kindOf(stats)}`, { file: path }, `expected a file: ${expected}`);
    if (stats.size > limits.imageBytes)
      throw new InputError(`the file has ${stats.size} bytes`, { file: path }, `at most ${limits.imageBytes} bytes can be opened`);
    return { name, bytes: plain(await readFile(path)), path: resolve(path) };
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`cannot be read: ${systemMessage(error)}`, { file: path }, `expected ${expected}`);
  }
}

/** Half a gibibyte is not copied for nothing: only what lies in a buffer with others. */
function plain(read: Buffer<ArrayBuffer>): Uint8Array {
  return read.byteLength === read.buffer.byteLength ? new Uint8Array(read.buffer) : new Uint8Array(read);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

/**
 * Calls back with the contents whenever the file was replaced or rewritten and stayed still for a moment, also where it was rewritten as it
 * was; never for a half-written one that could be told so. Returns how to stop.
 */
export function watchProgramFile(path: string, current: Uint8Array, changed: (file: ProgramFile) => void): () => void {
  const quietMilliseconds = 200;
  const lookMilliseconds = 150;
  let known = current;
  /** When what is known was written; undefined before the first look. */
  let written: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const before = await stat(path).catch(() => undefined);
    const file = await readProgramFile(path).catch(() => undefined);
    // Gone or empty: a build is on its way, and will be noticed when it is through.
    if (!before || !file || file.bytes.length === 0) return;
    const isSame = Buffer.compare(file.bytes, known) === 0;
    const isOld = written === undefined || written === before.mtimeMs;
    written = before.mtimeMs;
    if (isSame && isOld) return;
    known = file.bytes;
    changed(file);
  };
  // Looking again and again, not the system's notices: they are lost with the folder that `make clean` removes, and on network drives.
  const noticed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), quietMilliseconds);
  };
  watchFile(path, { interval: lookMilliseconds, persistent: false }, noticed);
  // What happened between reading the file and now.
  noticed();
  return () => {
    clearTimeout(timer);
    unwatchFile(path, noticed);
  };
}

/** "no such file or directory" rather than "ENOENT: no such file or directory, stat '...'". */
export function systemMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^[A-Z]+: /, '').replace(/, \w+( '.*')?$/, '');
}
