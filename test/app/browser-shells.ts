/** The app in a browser: behind the web shell, and on a static server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from '@playwright/test';
import { preview } from 'vite';
import type { RunningShell } from './shells.ts';

/** One context is enough, and the fixture closes the browser. */
async function newPage(browser: () => Promise<Browser>): Promise<Page> {
  return (await browser()).newPage();
}

export async function startWeb(browser: () => Promise<Browser>, words: readonly string[]): Promise<RunningShell> {
  const server = spawn(process.execPath, ['out/main/web.js', '--no-open', ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    server.stdout.on('data', (chunk) => {
      output += String(chunk);
      const found = /http:\S+/.exec(output);
      if (found) resolve(found[0]);
    });
    server.on('exit', (code) => reject(new Error(`the web shell ended with code ${code}: ${output}`)));
  });
  const page = await newPage(browser);
  await page.goto(url);
  return {
    page,
    url,
    origin: new URL(url).origin,
    async close() {
      await page.close();
      const ended = once(server, 'exit');
      server.kill();
      await ended;
    },
  };
}

export async function startStatic(browser: () => Promise<Browser>): Promise<RunningShell> {
  // In a folder of the server, as on a page host: nothing may need to lie at its root.
  const base = '/some/folder/';
  const server = await preview({ base, logLevel: 'silent', preview: { port: 0, host: '127.0.0.1', open: false } });
  const { port } = server.httpServer.address() as AddressInfo;
  const page = await newPage(browser);
  await page.goto(`http://127.0.0.1:${port}${base}`);
  return {
    page,
    async close() {
      await page.close();
      await server.close();
    },
  };
}
