import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { archive } from './archive.ts';
import { closeBrowser } from './browser.ts';

const { name, version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  name: string;
  version: string;
};

/** Each run has its own user data, which goes when it ends. */
const userData = mkdtempSync(join(tmpdir(), 'standin-'));
process.on('exit', () => rmSync(userData, { recursive: true, force: true }));

class App extends EventEmitter {
  readonly isPackaged = archive !== undefined;
  private ready = false;
  isSandboxed = false;
  private quitting = false;
  private becameReady = (): void => {};
  private readonly becomesReady = new Promise<void>((resolve) => (this.becameReady = resolve));
  /** Closes all windows; set by browser-window.ts, which needs the app. */
  closeWindows: () => Promise<void> = () => Promise.resolve();

  whenReady = (): Promise<void> => this.becomesReady;
  /** Once the main process has been read, as Electron waits for it. */
  getReady(): void {
    this.ready = true;
    this.emit('ready');
    this.becameReady();
  }
  isReady = (): boolean => this.ready;
  getName = (): string => name;
  getVersion = (): string => version;
  getPath = (which: string): string => (which === 'userData' ? userData : join(userData, which));
  /** Pages have no other place than the sandbox. */
  enableSandbox(): void {
    if (this.ready) throw new Error('app.enableSandbox() can only be called before app is ready');
    this.isSandboxed = true;
  }
  /** The system is not told. */
  setAsDefaultProtocolClient = (_scheme: string): boolean => true;
  requestSingleInstanceLock = (_data?: unknown): boolean => true;

  quit(): void {
    if (this.quitting) return;
    this.quitting = true;
    this.emit('before-quit', { preventDefault() {} });
    void this.closeWindows().then(() => {
      this.emit('will-quit', { preventDefault() {} });
      this.exit(0);
    });
  }
  exit(code = 0): void {
    void closeBrowser().then(() => {
      this.emit('quit', {}, code);
      process.exit(code);
    });
  }
}

export const app = new App();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());
// The test that started us is gone.
process.on('disconnect', () => app.exit(1));
