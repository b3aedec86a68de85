/** The built page as files of a folder, and nothing outside it. */
import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { extname, join, sep } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

/** How the page knows that its machine is behind a WebSocket of this server. */
export const markWebShell = (html: string): string => html.replace('<head>', '<head><meta name="elscope-shell" content="web">');

export function pageFiles(folder: string): RequestListener {
  return (request, response) => {
    void send(request.url ?? '/').catch(() => response.writeHead(404, { 'content-type': 'text/plain' }).end('There is no such file.'));

    async function send(url: string): Promise<void> {
      const { pathname } = new URL(url, 'http://page');
      const path = join(folder, decodeURIComponent(pathname === '/' ? '/index.html' : pathname));
      if (!path.startsWith(folder + sep) || path.includes('\0')) throw new Error('outside the page');
      const bytes = await readFile(path);
      const body = path === join(folder, 'index.html') ? markWebShell(bytes.toString()) : bytes;
      response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' }).end(body);
    }
  };
}
