/** Runs what `npm run build` has made. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `elscope` with these words. */
export function elscope(...words: string[]): Ran {
  const script = resolve(root, 'out/main/elscope.js');
  if (!existsSync(script)) throw new Error('nothing is built yet: npm run build');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...words], { encoding: 'utf8', timeout: 20_000, cwd: root });
  return { code: status, stdout, stderr };
}

/** An image that comes with the project: "04-stage2". */
export const prebuilt = (name: string): string => `firmware/prebuilt/${name}.elf`;

/** What `elscope` prints with these words, as bytes. Throws if it fails. */
export function elscopeBytes(...words: string[]): Buffer {
  return execFileSync(process.execPath, [resolve(root, 'out/main/elscope.js'), ...words], { timeout: 20_000, cwd: root });
}
