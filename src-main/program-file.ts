/** The program file that a shell was given: read it, and notice when it was built anew. */
import { watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { InputError, limits } from '../emulator/index.ts';

export interface ProgramFile {
  /** Name without folders, as it is shown. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Reads a program, a recording, or something else that is `expected`; what is wrong with the file is an InputError that names it. */
export async function readProgramFile(path: string, expected = 'an AArch64 ELF or a recording'): Promise<ProgramFile> {
  const name = basename(path);
  try {
    const { size } = await stat(path);
    if (size > limits.imageBytes) {
      throw new InputError(`the file has ${size} bytes`, { file: path }, `at most ${limits.imageBytes} can be opened`);
    }
    return { name, bytes: new Uint8Array(await readFile(path)) };
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`cannot be read: ${systemMessage(error)}`, { file: path }, `expected ${expected}`);
  }
}

/**
 * Calls back with the new contents whenever the file was replaced or rewritten and stayed still for a moment; never for a half-written or
 * unchanged one that could be told so. Returns how to stop.
 */
export function watchProgramFile(path: string, current: Uint8Array, changed: (file: ProgramFile) => void): () => void {
  const quietMilliseconds = 200;
  let known = current;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const file = await readProgramFile(path).catch(() => undefined);
    // Gone or empty: a build is on its way, and will be noticed when it is through.
    if (!file || file.bytes.length === 0 || Buffer.compare(file.bytes, known) === 0) return;
    known = file.bytes;
    changed(file);
  };
  // The folder, not the file: a build replaces the file, and a watch would stay with the old one.
  const watcher = watch(dirname(path), (_event, name) => {
    if (name !== null && name !== basename(path)) return;
    clearTimeout(timer);
    timer = setTimeout(() => void look(), quietMilliseconds);
  });
  // A folder that goes away ends the watching, not the app.
  watcher.on('error', () => watcher.close());
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}

/** "no such file or directory" rather than "ENOENT: no such file or directory, stat '...'". */
function systemMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^[A-Z]+: /, '').replace(/, \w+( '.*')?$/, '');
}
