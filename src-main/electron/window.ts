/** The window with the page, and the session behind it. */
import { BrowserWindow, ipcMain, MessageChannelMain, screen, type IpcMainEvent } from 'electron';
import type { LostRun } from '../../emulator/index.ts';
import type { MenuAction } from '../../src-renderer/connect/bridge.ts';
import type { KeptRuns } from '../kept-runs.ts';
import { paths } from '../paths.ts';
import type { AttachPlace } from '../../emulator/index.ts';
import { startSession, type Program, type SessionThread } from '../session-thread.ts';
import { channels } from './channels.ts';
import { isPage, pageUrl } from './page.ts';
import { leastSize, recallWindow, rememberWindow } from './window-state.ts';

export class AppWindow {
  readonly window: BrowserWindow;
  private session: SessionThread | undefined;
  /** The run of a session that ended unasked: the page, loaded again, continues it. */
  private lost: LostRun | undefined;
  /** Text of a link that came before the page could hear of it. */
  private earlyLink: string | undefined;
  private hearsLinks = false;

  constructor(
    /** What a new session opens: the program opened last. */
    private program: Program | undefined,
    /** Folders, named by the person, in which sources may be read. */
    private readonly sources: readonly string[],
    /** The file that keeps the place of the window. */
    stateFile: string,
    /** Bytes that the recording of a session may take. */
    private readonly budget: number,
    private readonly kept: KeptRuns,
    private readonly attach: AttachPlace | undefined,
  ) {
    const { maximised, ...place } = recallWindow(
      stateFile,
      screen.getAllDisplays().map(({ workArea }) => workArea),
    );
    this.window = new BrowserWindow({
      ...place,
      minWidth: leastSize.width,
      minHeight: leastSize.height,
      title: 'ELscope',
      show: false,
      webPreferences: { preload: paths.preload, contextIsolation: true, sandbox: true, nodeIntegration: false, spellcheck: false },
    });
    const fromPage =
      (work: () => void) =>
      ({ sender, senderFrame }: IpcMainEvent): void => {
        const { webContents } = this.window;
        if (sender === webContents && senderFrame === webContents.mainFrame && isPage(senderFrame.url)) work();
      };
    const connect = fromPage(() => this.connect());
    const hearsLinks = fromPage(() => this.tellEarlyLink());
    ipcMain.on(channels.connect, connect);
    ipcMain.on(channels.hearsLinks, hearsLinks);
    if (maximised) this.window.maximize();
    this.window.once('ready-to-show', () => this.window.show());
    this.window.on('close', () =>
      rememberWindow(stateFile, { bounds: this.window.getNormalBounds(), maximised: this.window.isMaximized() }),
    );
    this.window.on('closed', () => {
      ipcMain.off(channels.connect, connect);
      ipcMain.off(channels.hearsLinks, hearsLinks);
      this.session?.close();
    });
  }

  async load(): Promise<void> {
    try {
      await this.window.loadURL(pageUrl);
    } catch (error) {
      // Closed before it was there: nobody misses it.
      if (!this.window.isDestroyed()) throw error;
    }
  }

  open(program: Program): void {
    this.program = program;
    this.session?.open(program);
  }

  /** The program's file has been rewritten. */
  reload(program: Program): void {
    if (this.program?.path === program.path) this.program = program;
    this.session?.reload(program);
  }

  /** Tells the page of a choice in the menu. */
  menu(action: MenuAction): void {
    this.window.webContents.send(channels.menu, action);
  }

  /** Lets the page ask about a link, given by its text. */
  askAbout(link: string): void {
    if (this.hearsLinks) this.window.webContents.send(channels.link, link);
    else this.earlyLink = link;
  }
  private tellEarlyLink(): void {
    this.hearsLinks = true;
    const { earlyLink } = this;
    this.earlyLink = undefined;
    if (earlyLink !== undefined) this.askAbout(earlyLink);
  }

  show(): void {
    if (this.window.isMinimized()) this.window.restore();
    this.window.focus();
  }

  /** A session for the page; a page that was loaded again gets a new one. */
  private connect(): void {
    this.session?.close();
    this.hearsLinks = false;
    const { port1, port2 } = new MessageChannelMain();
    const session = startSession(
      {
        shell: 'electron',
        transport: 'messages',
        program: this.program,
        sources: this.sources,
        budget: this.budget,
        lost: this.lost,
        attach: this.attach,
        kept: this.kept,
      },
      (ending) => {
        if (ending) {
          console.error('The session has ended:', ending.error);
          this.lost = ending.lost;
          port1.postMessage(ending.message);
        }
        port1.close();
      },
    );
    this.lost = undefined;
    this.session = session;
    port1.on('message', ({ data }) => session.port.postMessage(data));
    session.port.on('message', (message) => port1.postMessage(message));
    port1.on('close', () => session.close());
    port1.start();
    this.window.webContents.postMessage(channels.port, null, [port2]);
  }
}
