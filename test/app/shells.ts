/** The same specs in every shell: `test` with a fixture `app`. */
import { test as base, expect, type Browser, type Page } from '@playwright/test';
import type { EvaluateMain } from './electron-shell.ts';
import { startElectron } from './electron-shell.ts';
import { startStatic, startWeb } from './browser-shells.ts';

export type ShellName = 'web' | 'static' | 'electron';

export interface ShellOptions {
  shell: ShellName;
  /** Words of the command line after `elscope app`: an image, machine options. The static page has no command line. */
  words: readonly string[];
}

export interface RunningShell {
  readonly page: Page;
  /** Only for the web shell: its address without token, and with it. */
  readonly origin?: string;
  readonly url?: string;
  /** Only in Electron: runs a function in the main process with the module electron. */
  readonly evaluateMain?: EvaluateMain;
  /** In Electron: whether it is the stand-in. */
  readonly standIn?: boolean;
  close(): Promise<void>;
}

const starters: Readonly<Record<ShellName, (browser: () => Promise<Browser>, words: readonly string[]) => Promise<RunningShell>>> = {
  web: startWeb,
  static: startStatic,
  electron: (_browser, words) => startElectron(words),
};

export const test = base.extend<ShellOptions & { app: RunningShell }>({
  shell: ['web', { option: true }],
  words: [[], { option: true }],
  app: async ({ shell, words, playwright, launchOptions, viewport }, use) => {
    const opened: Browser[] = [];
    const browser = async (): Promise<Browser> => {
      const started = await playwright.chromium.launch(launchOptions);
      opened.push(started);
      return started;
    };
    const app = await starters[shell](browser, words);
    await app.page.setViewportSize(viewport!);
    const errors = collectErrors(app.page);
    await use(app);
    await app.close();
    await Promise.all(opened.map((started) => started.close()));
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
