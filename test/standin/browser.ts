/** The Chromium that stands for Electron's. */
import { createServer, type AddressInfo } from 'node:net';
import { chromium, type Browser } from 'playwright';
import { chromium as executablePath } from '../../scripts/chromium.mjs';
import { tellTest } from './control.ts';

let launched: Promise<Browser> | undefined;

export function browser(): Promise<Browser> {
  return (launched ??= launch());
}

export async function closeBrowser(): Promise<void> {
  await (await launched?.catch(() => undefined))?.close();
}

async function launch(): Promise<Browser> {
  const port = await freePort();
  const started = await chromium.launch({
    executablePath,
    headless: process.env.STANDIN_HEADED !== '1',
    args: [`--remote-debugging-port=${port}`],
    // Signals end the app, and the app its browser.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  tellTest({ devtools: `http://127.0.0.1:${port}` });
  return started;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
