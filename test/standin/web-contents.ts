/** A page and its preload script: what Electron calls webContents, over a page of Chromium. */
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { BrowserContext, CDPSession, Page, Route } from 'playwright';
import { browser } from './browser.ts';
import { codecSource, decode, encode } from './codec.ts';
import { ipcMain } from './ipc-main.ts';
import type { MessagePortMain } from './message-ports.ts';
import { fromChromium, serveSchemes, toChromium } from './protocol.ts';

export interface WebPreferences {
  readonly preload?: string;
  readonly contextIsolation?: boolean;
  readonly sandbox?: boolean;
  readonly nodeIntegration?: boolean;
}

/** From page/preload-world.js. */
type FromPage =
  | { type: 'send'; channel: string; values: unknown[] }
  | { type: 'invoke'; id: number; channel: string; values: unknown[] }
  | { type: 'port'; port: number; data: unknown }
  | { type: 'close'; port: number };

const source = (name: string): string => readFileSync(new URL(`./page/${name}.js`, import.meta.url), 'utf8');
const world = 'preload';

export class WebContents extends EventEmitter {
  readonly mainFrame = { url: '' };
  preferences: WebPreferences = {};
  private page!: Page;
  private devtools!: CDPSession;
  /** The preload script's world of the document that is shown. */
  private contextId = 0;
  private openHandler: ((details: { url: string }) => { action: string }) | undefined;
  private readonly ports = new Map<number, MessagePortMain>();
  private lastPort = 0;
  private navigatingTo: string | undefined;

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler;
  }
  getURL(): string {
    return this.mainFrame.url;
  }
  isDestroyed(): boolean {
    return this.page.isClosed();
  }

  async open(size: { width: number; height: number }, preferences: WebPreferences): Promise<void> {
    this.preferences = preferences;
    const { contextIsolation = true, sandbox = true, nodeIntegration = false, preload } = preferences;
    if (!contextIsolation || !sandbox || nodeIntegration) throw new Error('the stand-in has only pages that are isolated and sandboxed');

    // The app allows what a person copies, and nothing else (security.electron.spec.ts).
    const context = await (await browser()).newContext({ viewport: size, permissions: ['clipboard-write'] });
    this.page = await context.newPage();
    this.devtools = await context.newCDPSession(this.page);
    await this.devtools.send('Page.enable');
    await this.devtools.send('Runtime.enable');
    await this.devtools.send('Runtime.addBinding', { name: 'standinSend', executionContextName: world });
    this.devtools.on('Runtime.executionContextCreated', ({ context: created }) => {
      if (created.name === world) this.contextId = created.id;
    });
    this.devtools.on('Page.frameNavigated', ({ frame }) => {
      if (frame.parentId === undefined) this.mainFrame.url = fromChromium(frame.url);
    });
    this.devtools.on('Runtime.executionContextsCleared', () => this.closePorts());
    this.devtools.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === 'standinSend') void this.receive(decode(payload) as FromPage);
    });
    await this.runInEveryDocument('page-world');
    if (preload !== undefined) {
      const runPreload = `function runPreload(require, module, exports) {${readFileSync(preload, 'utf8')}\n}`;
      await this.runInEveryDocument('preload-world', runPreload, world);
    }
    await serveSchemes(this.page);
    await this.guardNavigation(context);
    this.page.on('close', () => {
      this.closePorts();
      this.emit('destroyed');
    });
  }

  async load(url: string): Promise<void> {
    this.navigatingTo = toChromium(url);
    await this.page.goto(this.navigatingTo);
    this.navigatingTo = undefined;
    this.emit('did-finish-load');
  }
  async close(): Promise<void> {
    await this.page?.context().close();
  }

  send(channel: string, ...values: unknown[]): void {
    this.post({ type: 'message', channel, values, ports: [] });
  }
  postMessage(channel: string, message: unknown, transfer: readonly MessagePortMain[] = []): void {
    const numbered = transfer.map((port) => {
      const number = ++this.lastPort;
      this.ports.set(number, port);
      return { port, number };
    });
    this.post({ type: 'message', channel, values: [message], ports: numbered.map(({ number }) => number) });
    for (const { port, number } of numbered) {
      port.handOver((data) => this.post({ type: 'port', port: number, data }));
      port.once('close', () => this.post({ type: 'close', port: number }));
    }
  }

  private async receive(message: FromPage): Promise<void> {
    const event = { sender: this, senderFrame: this.mainFrame, ports: [] };
    if (message.type === 'send') ipcMain.emit(message.channel, event, ...message.values);
    else if (message.type === 'port') this.ports.get(message.port)?.postMessage(message.data);
    else if (message.type === 'close') this.ports.get(message.port)?.close();
    else {
      const { id, channel, values } = message;
      const reply = await ipcMain.invoked(channel, event, values).then(
        (value) => ({ value }),
        (error: unknown) => ({ error: `Error invoking remote method '${channel}': ${String(error)}` }),
      );
      this.post({ type: 'invoked', id, ...reply });
    }
  }

  private post(message: unknown): void {
    const expression = `standinReceive(${JSON.stringify(encode(structuredClone(message)))})`;
    // The document may be gone by the time it arrives, as in Electron.
    this.devtools.send('Runtime.evaluate', { contextId: this.contextId, expression }).catch(() => {});
  }

  private closePorts(): void {
    for (const port of this.ports.values()) port.close();
    this.ports.clear();
  }

  private async runInEveryDocument(name: string, before = '', worldName?: string): Promise<void> {
    const code = `(() => {\n${codecSource}\n${source('bridge')}\n${before}\n${source(name)}\n})()`;
    await this.devtools.send('Page.addScriptToEvaluateOnNewDocument', { source: code, ...(worldName !== undefined && { worldName }) });
  }

  /** `will-frame-navigate` for what the page itself starts, in any frame, and the handler for windows that it opens. */
  private async guardNavigation(context: BrowserContext): Promise<void> {
    await this.page.route(/^https?:/, async (route: Route) => {
      const request = route.request();
      if (!request.isNavigationRequest() || request.url() === this.navigatingTo) return route.fallback();
      let prevented = false;
      const isMainFrame = request.frame() === this.page.mainFrame();
      this.emit('will-frame-navigate', { url: fromChromium(request.url()), isMainFrame, preventDefault: () => (prevented = true) });
      return prevented ? route.abort('aborted') : route.fallback();
    });
    context.on('page', (opened) => {
      if (opened === this.page) return;
      const { action } = this.openHandler?.({ url: opened.url() }) ?? { action: 'allow' };
      if (action === 'deny') void opened.close();
    });
  }
}
