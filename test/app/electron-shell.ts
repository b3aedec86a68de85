/** The app in Electron: the real one where its binary is, otherwise the stand-in. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron, chromium, type Browser, type Page } from '@playwright/test';
import { installedElectron } from '../../src-main/electron-binary.ts';
import type { ControlReply } from '../standin/control.ts';
import type { RunningShell } from './shells.ts';

type Main = typeof import('electron');
/** Runs a function in the main process. It is sent as text: it sees its two parameters and nothing else. */
export type EvaluateMain = <Result, Argument = undefined>(
  work: (electron: Main, argument: Argument) => Result | Promise<Result>,
  argument?: Argument,
) => Promise<Result>;

const root = resolve(import.meta.dirname, '../..');

export function startElectron(words: readonly string[]): Promise<RunningShell> {
  const binary = installedElectron(root);
  return binary === undefined ? startStandIn(words) : startReal(binary, words);
}

async function startReal(executablePath: string, words: readonly string[]): Promise<RunningShell> {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  // Not what a person keeps on this computer.
  const userData = mkdtempSync(join(tmpdir(), 'electron-'));
  const electron = await _electron.launch({
    executablePath,
    args: [...sandbox, `--user-data-dir=${userData}`, root, '--', ...words],
  });
  return {
    page: await electron.firstWindow(),
    standIn: false,
    evaluateMain: (work, argument) => electron.evaluate(work as never, argument) as never,
    async close() {
      await electron.close();
      rmSync(userData, { recursive: true, force: true });
    },
  };
}

async function startStandIn(words: readonly string[]): Promise<RunningShell> {
  // Not through `fork`'s own executable: the fake one is a program, as Electron is.
  const main = fork(root, ['--', ...words], {
    execPath: resolve(root, 'test/standin/bin/electron'),
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const control = new Control(main);
  const browser = await chromium.connectOverCDP(await control.devtools);
  const page = await theWindow(browser);
  return {
    page,
    standIn: true,
    evaluateMain: (work, argument) => control.evaluate(String(work), argument) as never,
    async close() {
      const ended = once(main, 'exit');
      main.kill();
      const [code] = (await ended) as [number | null];
      if (code !== 0) throw new Error(`the app ended with code ${code}`);
    },
  };
}

/** What the stand-in's main process answers (test/standin/control.ts). */
class Control {
  private lastId = 0;
  private readonly waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  /** Where its browser is. */
  readonly devtools: Promise<string>;

  constructor(private readonly main: ChildProcess) {
    this.devtools = new Promise((resolve, reject) => {
      main.on('message', (reply: ControlReply) => {
        if ('devtools' in reply) return resolve(reply.devtools);
        const { resolve: settle, reject: refuse } = this.waiting.get(reply.id)!;
        this.waiting.delete(reply.id);
        if ('error' in reply) refuse(new Error(reply.error));
        else settle(reply.value);
      });
      main.on('exit', (code) => {
        const error = new Error(`the app ended with code ${code}`);
        reject(error);
        for (const { reject: refuse } of this.waiting.values()) refuse(error);
      });
    });
  }
  evaluate(source: string, argument: unknown): Promise<unknown> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.main.send({ id, source, argument });
    });
  }
}

async function theWindow(browser: Browser): Promise<Page> {
  const pages = (): Page[] => browser.contexts().flatMap((context) => context.pages());
  for (let tries = 0; tries < 600; tries++) {
    const found = pages().find((page) => /^(app|https):\/\/elscope/.test(page.url()));
    if (found) {
      await found.waitForLoadState();
      return found;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(
    `no window showed the page; there are: ${pages()
      .map((page) => page.url())
      .join(', ')}`,
  );
}
