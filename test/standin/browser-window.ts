import { EventEmitter } from 'node:events';
import { app } from './app.ts';
import { WebContents, type WebPreferences } from './web-contents.ts';

interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
interface Options extends Partial<Bounds> {
  readonly width?: number;
  readonly height?: number;
  readonly show?: boolean;
  readonly webPreferences?: WebPreferences;
}

const windows = new Set<BrowserWindow>();

export class BrowserWindow extends EventEmitter {
  static getAllWindows = (): BrowserWindow[] => [...windows];

  readonly webContents = new WebContents();
  private readonly opened: Promise<void>;
  private visible: boolean;
  private maximised = false;
  private readonly bounds: Bounds;

  constructor({ x = 0, y = 0, width = 800, height = 600, show = true, webPreferences = {} }: Options = {}) {
    super();
    this.bounds = { x, y, width, height };
    if (!app.isReady()) throw new Error('Cannot create BrowserWindow before app is ready');
    windows.add(this);
    app.emit('web-contents-created', {}, this.webContents);
    this.visible = show;
    this.opened = this.webContents.open({ width, height }, webPreferences);
    this.webContents.on('destroyed', () => this.closed());
  }

  async loadURL(url: string): Promise<void> {
    await this.opened;
    await this.webContents.load(url);
    this.emit('ready-to-show');
  }
  show(): void {
    this.visible = true;
  }
  isVisible(): boolean {
    return this.visible;
  }
  isMinimized(): boolean {
    return false;
  }
  restore(): void {}
  focus(): void {}
  maximize(): void {
    this.maximised = true;
  }
  isMaximized(): boolean {
    return this.maximised;
  }
  getNormalBounds(): Bounds {
    return this.bounds;
  }
  isDestroyed(): boolean {
    return !windows.has(this);
  }
  close(): void {
    void this.destroy();
  }
  async destroy(): Promise<void> {
    if (!this.isDestroyed()) this.emit('close', { preventDefault() {} });
    await this.opened.catch(() => {});
    await this.webContents.close();
  }

  private closed(): void {
    if (!windows.delete(this)) return;
    this.emit('closed');
    if (windows.size === 0 && !app.emit('window-all-closed')) app.quit();
  }
}

app.closeWindows = async () => {
  await Promise.all([...windows].map((window) => window.destroy()));
};
