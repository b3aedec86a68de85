/** The same specs in every shell: `test` with a fixture `app`. */
import { test as base, expect, type Browser, type Page } from '@playwright/test';
import type { EvaluateMain } from './electron-shell.ts';
import { startElectron } from './electron-shell.ts';
import { serveStatic, serveWeb, visit, type Served } from './browser-shells.ts';

export type ShellName = 'web' | 'static' | 'electron';

export interface ShellOptions {
  shell: ShellName;
  /** Words of the command line after `elscope app`: an image, machine options. The static page has no command line. */
  words: readonly string[];
}

export interface RunningShell {
  readonly page: Page;
  /** In a browser: its address without token, and with it. */
  readonly origin?: string;
  readonly url?: string;
  /** Only in Electron: runs a function in the main process with the module electron. */
  readonly evaluateMain?: EvaluateMain;
  /** In Electron: whether it is the stand-in. */
  readonly standIn?: boolean;
  close(): Promise<void>;
}

/** Served once for all tests that one worker does: starting anew for each takes longer than most tests. */
class Kept {
  private browser: Promise<Browser> | undefined;
  private served: Promise<Served> | undefined;

  constructor(private readonly launch: () => Promise<Browser>) {}

  async visit(shell: 'web' | 'static', words: readonly string[]): Promise<RunningShell> {
    const browser = await (this.browser ??= this.launch());
    if (words.length === 0) return visit(browser, await (this.served ??= shell === 'web' ? serveWeb([]) : serveStatic()));
    const served = await serveWeb(words);
    const running = await visit(browser, served);
    return { ...running, close: () => running.close().then(() => served.close()) };
  }
  async close(): Promise<void> {
    await (await this.browser)?.close();
    await (await this.served)?.close();
  }
}

export const test = base.extend<ShellOptions & { app: RunningShell }, { kept: Kept }>({
  shell: ['web', { option: true }],
  words: [[], { option: true }],
  kept: [
    async ({ playwright, launchOptions }, use) => {
      const kept = new Kept(() => playwright.chromium.launch(launchOptions));
      await use(kept);
      await kept.close();
    },
    { scope: 'worker' },
  ],
  app: async ({ shell, words, kept, viewport }, use) => {
    const app = await (shell === 'electron' ? startElectron(words) : kept.visit(shell, words));
    await app.page.setViewportSize(viewport!);
    const errors = collectErrors(app.page);
    await use(app);
    await app.close();
    expect(errors, 'errors that the page logged').toEqual([]);
  },
});
export { expect };

/** Skips the test unless a real Electron runs: for what the stand-in cannot prove. */
export function needsRealElectron({ standIn }: RunningShell): void {
  test.skip(standIn !== false, 'no Electron binary');
}

function collectErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return errors;
}
