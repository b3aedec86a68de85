/** The files of the built page, and nothing outside its folder, alike for the web shell and for Electron. */
import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

export interface PageFile {
  /** "/index.html" for the page itself. */
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** `pathname`: of an address, "/" for the page itself. Rejects where there is no such file. */
export async function readPageFile(folder: string, pathname: string): Promise<PageFile> {
  const name = pathname === '/' ? '/index.html' : decodeURIComponent(pathname);
  const path = join(folder, name);
  if (!path.startsWith(folder + sep) || path.includes('\0')) throw new Error('outside the page');
  return { name, type: types[extname(path)] ?? 'application/octet-stream', bytes: new Uint8Array(await readFile(path)) };
}
