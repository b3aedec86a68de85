/** `elscope`: what `npm run build` has made, and from the sources. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { vi } from 'vitest';
import { main } from '../../src-main/cli/command-line.ts';

export const root = resolve(import.meta.dirname, '../..');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built `elscope` with these words. */
export function elscope(...words: string[]): Ran {
  const script = resolve(root, 'out/main/elscope.js');
  if (!existsSync(script)) throw new Error('nothing is built yet: npm run build');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...words], { encoding: 'utf8', timeout: 20_000, cwd: root });
  return { code: status, stdout, stderr };
}

/** From the sources, in this process: for what a command says. A process of its own takes most of its time to start. */
export async function elscopeHere(...words: string[]): Promise<Ran> {
  let [stdout, stderr] = ['', ''];
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text, ...more) => {
      stdout += typeof text === 'string' ? text : Buffer.from(text).toString();
      const done = more.at(-1);
      if (typeof done === 'function') done();
      return true;
    }),
    vi.spyOn(console, 'log').mockImplementation((text) => void (stdout += `${text}\n`)),
    vi.spyOn(console, 'error').mockImplementation((...texts) => void (stderr += `${texts.join(' ')}\n`)),
  ];
  try {
    return { code: await main(words), stdout, stderr };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** An image that comes with the project: "04-stage2". */
export const prebuilt = (name: string): string => `firmware/prebuilt/${name}.elf`;

/** What `elscope` prints with these words, as bytes. Throws if it fails. */
export function elscopeBytes(...words: string[]): Buffer {
  return execFileSync(process.execPath, [resolve(root, 'out/main/elscope.js'), ...words], { timeout: 20_000, cwd: root });
}
