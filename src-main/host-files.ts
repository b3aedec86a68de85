/** The files that a program may use by semihosting: those below one folder that the person named, and no others, whatever links lead out of it. */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { errno, failed, InputError, succeeded, type HostAnswer, type HostCall, type HostFiles } from '../emulator/index.ts';
import { systemMessage } from './program-file.ts';

const MOST_BYTES = 1 << 30;

/** Throws InputError where there is no such folder. */
export function filesBelow(folder: string): HostFiles {
  let root: string;
  try {
    root = realpathSync(folder);
    if (!statSync(root).isDirectory()) throw new InputError('--semihosting-files names no folder', { file: folder });
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`the folder cannot be used: ${systemMessage(error)}`, { file: folder });
  }
  return (call) => {
    try {
      return carryOut(root, call);
    } catch (error) {
      const { code, errno: number } = error as NodeJS.ErrnoException;
      return failed(code === undefined ? errno.EIO : Math.abs(number ?? errno.EIO));
    }
  };
}

/** The path of a name, whose folder exists below the root; undefined where it leads out of it. */
function pathOf(root: string, name: string): string | undefined {
  if (name.includes('\0')) return undefined;
  const wanted = resolve(root, name);
  if (wanted === root) return undefined;
  const path = join(realpathSync(dirname(wanted)), basename(wanted));
  const way = relative(root, path);
  return way === '' || way === '..' || way.startsWith(`..${sep}`) ? undefined : path;
}

function carryOut(root: string, call: HostCall): HostAnswer {
  const path = pathOf(root, call.name);
  if (path === undefined) return failed(errno.EACCES);
  switch (call.op) {
    case 'size':
      return withFile(path, constants.O_RDONLY, (file) => succeeded(fstatSync(file).size));
    case 'create':
      return withFile(path, constants.O_WRONLY | constants.O_CREAT, (file) => {
        ftruncateSync(file);
        return succeeded();
      });
    case 'read':
      return withFile(path, constants.O_RDONLY, (file) => {
        const bytes = new Uint8Array(call.length);
        return succeeded(0, bytes.slice(0, readSync(file, bytes, 0, call.length, call.offset)));
      });
    case 'write':
      if (call.offset < 0 || call.offset + call.bytes.length > MOST_BYTES) return failed(errno.EINVAL);
      return withFile(path, constants.O_WRONLY, (file) => {
        for (let done = 0; done < call.bytes.length;)
          done += writeSync(file, call.bytes, done, call.bytes.length - done, call.offset + done);
        return succeeded();
      });
    case 'remove':
      unlinkSync(path);
      return succeeded();
    case 'rename': {
      const to = pathOf(root, call.to);
      if (to === undefined) return failed(errno.EACCES);
      renameSync(path, to);
      return succeeded();
    }
  }
}

/** A link is not followed, and what is no ordinary file is not opened: a pipe would wait for ever. */
function withFile(path: string, flags: number, act: (file: number) => HostAnswer): HostAnswer {
  const file = openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o600);
  try {
    return fstatSync(file).isFile() ? act(file) : failed(errno.EACCES);
  } finally {
    closeSync(file);
  }
}
