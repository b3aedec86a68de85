/**
 * What a semihosting call may ask of the host: whole operations on a file by its name, so that all that is remembered between two of them (what
 * is open, and where) is state of the machine. Answers are input: a replay gets the recorded ones and asks nobody.
 */
export type HostCall =
  /** Bytes of the file, in `value`. */
  | { readonly op: 'size'; readonly name: string }
  /** Makes it, or empties it. */
  | { readonly op: 'create'; readonly name: string }
  | { readonly op: 'read'; readonly name: string; readonly offset: number; readonly length: number }
  | { readonly op: 'write'; readonly name: string; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly op: 'remove'; readonly name: string }
  | { readonly op: 'rename'; readonly name: string; readonly to: string };

export interface HostAnswer {
  /** What the operation gives, 0 where that is nothing; -1 where it failed. */
  readonly value: number;
  /** Why it failed, as C numbers errors; 0 where it did not. */
  readonly errno: number;
  /** What was read; empty for all else. */
  readonly bytes: Uint8Array;
}

export type HostFiles = (call: HostCall) => HostAnswer;

export const errno = { ENOENT: 2, EIO: 5, EBADF: 9, EACCES: 13, EFAULT: 14, EEXIST: 17, EINVAL: 22, EMFILE: 24, ESPIPE: 29 } as const;
export const failed = (why: number): HostAnswer => ({ value: -1, errno: why, bytes: new Uint8Array() });
export const succeeded = (value = 0, bytes = new Uint8Array()): HostAnswer => ({ value, errno: 0, bytes });

/** A host that has no files. */
export const noFiles: HostFiles = () => failed(errno.EACCES);
