/** The app in a browser: behind the web shell, and on a static server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Browser } from '@playwright/test';
import { preview } from 'vite';
import type { RunningShell } from './shells.ts';

/** What the page comes from. */
export interface Served {
  readonly url: string;
  /** What the web shell gives a browser for its ticket. */
  readonly cookie?: {
    readonly name: string;
    readonly value: string;
    readonly url: string;
    readonly httpOnly: true;
    readonly sameSite: 'Strict';
  };
  close(): Promise<void>;
}

/** Behind the web shell, to whose browsers its ticket is exchanged once for all. */
export async function serveWeb(words: readonly string[]): Promise<Served> {
  const server = spawn(process.execPath, ['out/main/web.js', '--no-open', '--no-keep', ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    server.stdout.on('data', (chunk) => {
      output += String(chunk);
      const found = /http:\S+/.exec(output);
      if (found) resolve(found[0]);
    });
    server.on('exit', (code) => reject(new Error(`the web shell ended with code ${code}: ${output}`)));
  });
  const { origin } = new URL(url);
  const [name, value] = (await fetch(url)).headers.get('set-cookie')!.split(';')[0].split('=');
  return {
    url: origin,
    cookie: { name, value, url: origin, httpOnly: true, sameSite: 'Strict' },
    async close() {
      const ended = once(server, 'exit');
      server.kill();
      await ended;
    },
  };
}

export async function serveStatic(): Promise<Served> {
  // In a folder of the server, as on a page host: nothing may need to lie at its root.
  const base = '/some/folder/';
  const server = await preview({ base, logLevel: 'silent', preview: { port: 0, host: '127.0.0.1', open: false } });
  const { port } = server.httpServer.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}${base}`, close: () => server.close() };
}

/** A page of its own: what one visit has stored is not there for the next. */
export async function visit(browser: Browser, { url, cookie }: Served): Promise<RunningShell> {
  // A browser with windows lets a page that is clicked on write to the clipboard; the headless shell has nobody to ask.
  const context = await browser.newContext({ permissions: ['clipboard-write'] });
  if (cookie) await context.addCookies([cookie]);
  const page = await context.newPage();
  await page.goto(url);
  return { page, url, origin: new URL(url).origin, close: () => context.close() };
}
