/**
 * Files that are written for a person. They are opened before the work that fills them, so that what is wrong with the place is told at once;
 * written beside the file that they replace, piece by piece, and put in its place when they are whole.
 */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { dirname } from 'node:path';
import { InputError } from '../emulator/index.ts';
import { systemMessage } from './program-file.ts';

export class SavedFile {
  private isOpen = true;

  private constructor(
    /** As the person named it. */
    private readonly path: string,
    private readonly handle: number,
    /** Where it lies, and where it belongs, until it is there. Undefined where it is written in place: a device, a pipe. */
    private beside: { readonly path: string; readonly target: string } | undefined,
  ) {}

  /** `mode`: of a file that is new. Throws InputError where it cannot be written. */
  static create(path: string, mode = 0o666): SavedFile {
    return telling(path, () => {
      const old = statSync(path, { throwIfNoEntry: false });
      if (old && !old.isFile() && !old.isDirectory()) return new SavedFile(path, openSync(path, 'w'), undefined);
      // Opening a folder for writing says what is wrong.
      if (old) accessOf(path, old);
      // Where a link leads, the file is replaced and not the link.
      const target = old ? realpathSync(path) : path;
      const beside = { path: `${target}.${process.pid}.part`, target };
      const file = new SavedFile(path, openSync(beside.path, 'w', mode), beside);
      if (old) fchmodSync(file.handle, old.mode & 0o777);
      return file;
    });
  }

  /** Throws InputError: the disk is full, and the like. What is there already stays as it is. */
  write(data: string | Uint8Array): void {
    telling(this.path, () => writeFileSync(this.handle, data));
  }

  /** What is written so far takes the place of the old file; what is written from now on comes after it. */
  replace(): void {
    const { beside } = this;
    if (!beside) return;
    telling(this.path, () => {
      fsyncSync(this.handle);
      renameSync(beside.path, beside.target);
    });
    this.beside = undefined;
  }

  /** Nothing more comes: it takes the place of the old file, if it has not yet. */
  finish(): void {
    this.replace();
    this.isOpen = false;
    telling(this.path, () => closeSync(this.handle));
  }

  /** Unless it is finished, it is not wanted any more. What has taken its place stays. */
  discard(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    closeSync(this.handle);
    if (this.beside) unlinkSync(this.beside.path);
  }
}

/** Writes a small file so that it is the old one or the new one, whenever the computer stops. Throws InputError. */
export function replaceFile(path: string, data: string | Uint8Array, mode?: number): void {
  const file = SavedFile.create(path, mode);
  try {
    file.write(data);
  } catch (error) {
    file.discard();
    throw error;
  }
  file.finish();
}

function accessOf(path: string, old: Stats): void {
  if (old.isDirectory()) throw Object.assign(new Error('EISDIR: this is a folder'), { code: 'EISDIR' });
  accessSync(path, constants.W_OK);
}

const elsewhere = 'choose a place where you may write';
const room = 'make room on the disk, or choose another';
/** What to do about it, by the system's name of what is wrong. */
const advice: Readonly<Record<string, (path: string) => string>> = {
  EISDIR: () => 'name a file in it',
  ENOENT: (path) => (existsSync(dirname(path)) ? elsewhere : `there is no folder ${dirname(path)}: create it first`),
  ENOTDIR: (path) => `${dirname(path)} is no folder`,
  EACCES: () => elsewhere,
  EPERM: () => elsewhere,
  EROFS: () => elsewhere,
  ENOSPC: () => room,
  EDQUOT: () => room,
  EFBIG: () => 'choose a disk that takes larger files',
};

function telling<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new InputError(`cannot be written: ${systemMessage(error)}`, { file: path }, advice[code]?.(path));
  }
}
