/** Serves the built page. */
import type { RequestListener } from 'node:http';
import { readPageFile } from '../page-file.ts';

/** How the page knows that its machine is behind a WebSocket of this server. */
export const markWebShell = (html: string): string => html.replace('<head>', '<head><meta name="elscope-shell" content="web">');

export function pageFiles(folder: string): RequestListener {
  return (request, response) => {
    void send(request.url ?? '/').catch(() => response.writeHead(404, { 'content-type': 'text/plain' }).end('There is no such file.'));

    async function send(url: string): Promise<void> {
      const { name, type, bytes } = await readPageFile(folder, new URL(url, 'http://page').pathname);
      response.writeHead(200, { 'content-type': type }).end(name === '/index.html' ? markWebShell(new TextDecoder().decode(bytes)) : bytes);
    }
  };
}
