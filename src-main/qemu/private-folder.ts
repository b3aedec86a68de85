/**
 * A folder that only this person can look into, for sockets and logs; it goes with the process. Its threads share it: the main thread names
 * it before they begin, and removes it.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

const KEY = 'elscope private folder';
let isMade = false;

/** Called in the main thread before it starts others. */
export function namePrivateFolder(): string {
  const known = getEnvironmentData(KEY);
  if (typeof known === 'string') return known;
  const path = join(tmpdir(), `elscope-${randomUUID()}`);
  setEnvironmentData(KEY, path);
  if (isMainThread) process.once('exit', () => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Made when it is asked for first, with mode 0700. */
export function privateFolder(): string {
  const path = namePrivateFolder();
  // Its name is nobody's guess: what is there is of another thread of this process.
  if (!isMade) mkdirSync(path, { mode: 0o700, recursive: true });
  isMade = true;
  return path;
}
